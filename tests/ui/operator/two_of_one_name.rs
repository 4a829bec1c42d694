//! Two operators have one name.

use ember::prelude::*;

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

#[operator]
fn double(n: usize) -> usize {
    n + n
}

graph! {
    pub fn doubled(n: usize) -> usize {
        let twice = double(n);
        twice
    }
}

fn main() {}
