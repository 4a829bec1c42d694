//! Calls of a batch may have several models.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn embed(texts: &[String], model: u32) -> Vec<u32> {
    texts.iter().map(|_| model).collect()
}

fn main() {}
