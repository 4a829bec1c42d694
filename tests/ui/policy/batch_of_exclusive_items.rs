//! A batch operator changes its items.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn sort(texts: &mut [String]) -> Vec<usize> {
    texts.sort();
    texts.iter().map(String::len).collect()
}

fn main() {}
