//! A value that holds an `Rc` crosses between tasks, and its last line takes a part of it.

use std::rc::Rc;

use ember::prelude::*;

struct Shared {
    id: usize,
    name: Rc<str>,
}

#[operator]
fn shared(id: usize) -> Shared {
    Shared { id, name: "name".into() }
}

#[operator]
fn length(shared: &Shared) -> usize {
    shared.name.len()
}

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

graph! {
    pub fn broken(id: usize) -> usize {
        let made = shared(id);
        let length = length(&made);
        let other = double(id);
        let sum = double(made.id + other);
        length + sum
    }
}

fn main() {}
