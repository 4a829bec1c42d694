//! Fewer items may wait than a batch has.

use ember::prelude::*;

#[operator(batch(max = 64, queue = 10))]
fn embed(texts: &[String]) -> Vec<usize> {
    texts.iter().map(String::len).collect()
}

fn main() {}
