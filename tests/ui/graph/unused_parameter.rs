#![deny(unused_variables)]

use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn measure(text: &str, limit: usize) -> usize {
        let n = length(text);
        n
    }
}

fn main() {}
