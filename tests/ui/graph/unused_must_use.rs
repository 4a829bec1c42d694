#![deny(unused_must_use)]

use ember::prelude::*;

#[operator]
#[must_use]
fn check(text: &str) -> usize {
    text.len()
}

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn measure(text: &str) -> usize {
        check(text);
        let n = length(text);
        n
    }
}

fn main() {}
