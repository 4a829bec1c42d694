//! An item is the parameter.

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
    let _ = measured::batch([1, 2]).run();
}
