use ember::prelude::*;

use std::rc::Rc;

#[operator]
fn share(text: &str) -> Rc<String> {
    Rc::new(text.to_owned())
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

#[operator]
fn width(text: &Rc<String>) -> usize {
    text.len()
}

graph! {
    pub fn measure(text: &str) -> usize {
        let shared = share(text);
        let a = width(&shared);
        let b = width(&shared);
        a + b
    }
}

fn main() {}
