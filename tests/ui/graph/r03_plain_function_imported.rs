use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

use std::mem::size_of_val;

graph! {
    pub fn measure(text: &str) -> usize {
        let bytes = size_of_val(text);
        let n = length(text);
        bytes + n
    }
}

fn main() {}
