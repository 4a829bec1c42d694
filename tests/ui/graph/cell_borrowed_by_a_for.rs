use ember::prelude::*;

use std::cell::Cell;

#[operator]
fn count(total: &Cell<u32>, n: u32) -> u32 {
    total.set(total.get() + n);
    n
}

graph! {
    pub fn all(total: &Cell<u32>) -> Vec<u32> {
        for n in 0..3 { count(total, n) }
    }
}

fn main() {}
