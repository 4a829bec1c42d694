use ember::prelude::*;

use std::rc::Rc;

#[operator]
fn consume(text: Rc<String>) -> usize {
    text.len()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn measure(shared: Rc<String>, text: &str) -> usize {
        let n = consume(shared);
        let m = length(text);
        n + m
    }
}

fn main() {}
