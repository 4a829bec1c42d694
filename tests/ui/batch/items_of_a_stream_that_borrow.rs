//! Items of a stream that is an iterator outlive the caller.

use ember::prelude::*;

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    fn measured(text: &str) -> usize {
        length(text)
    }
}

fn main() {
    let text = String::from("text");
    let _ = measured::stream([&*text]).into_iter();
}
