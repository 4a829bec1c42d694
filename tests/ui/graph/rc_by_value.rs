use ember::prelude::*;

use std::rc::Rc;

#[operator]
fn share(text: &str) -> Rc<String> {
    Rc::new(text.to_owned())
}

#[operator]
fn consume(text: Rc<String>) -> usize {
    text.len()
}

graph! {
    pub fn measure(a: &str, b: &str) -> usize {
        let left = share(a);
        let right = share(b);
        let n = consume(left);
        let m = consume(right);
        n + m
    }
}

fn main() {}
