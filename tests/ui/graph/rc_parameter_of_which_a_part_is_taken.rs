//! A parameter that holds an `Rc` goes to a task that takes a part of it.

use std::rc::Rc;

use ember::prelude::*;

struct Shared {
    id: usize,
    name: Rc<str>,
}

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

graph! {
    fn broken(made: Shared, id: usize) -> usize {
        let other = double(id);
        let twice = double(made.id);
        twice + other
    }
}

fn main() {}
