use ember::prelude::*;

use std::cell::Cell;

#[operator]
fn start(n: u32) -> Cell<u32> {
    Cell::new(n)
}

#[operator]
fn join(left: Cell<u32>, right: Cell<u32>) -> u32 {
    left.get() + right.get()
}

graph! {
    pub fn sum(a: u32) -> u32 {
        let left = start(a);
        let right = start(a);
        let n = join(left, right);
        n
    }
}

fn main() {}
