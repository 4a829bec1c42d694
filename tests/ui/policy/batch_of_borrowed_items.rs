//! The items of a batch are borrowed from one of its callers.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn embed(texts: &[&str]) -> Vec<usize> {
    texts.iter().map(|text| text.len()).collect()
}

fn main() {}
