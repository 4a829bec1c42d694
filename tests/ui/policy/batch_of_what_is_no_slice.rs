//! A batch operator takes one item.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn embed(text: String) -> Vec<u32> {
    vec![text.len() as u32]
}

fn main() {}
