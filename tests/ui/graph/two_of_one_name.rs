//! Two graphs have one name.

use ember::prelude::*;

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

graph! {
    pub fn doubled(n: usize) -> usize {
        let twice = double(n);
        twice
    }

    pub fn doubled(n: usize, m: usize) -> usize {
        let twice = double(n);
        twice + m
    }
}

fn main() {
    doubled(1);
}
