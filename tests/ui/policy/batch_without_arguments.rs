//! A batch operator takes no items.

use ember::prelude::*;

#[operator(batch)]
fn tick() -> Vec<u32> {
    Vec::new()
}

fn main() {}
