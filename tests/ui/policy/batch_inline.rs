//! A call that keeps its graph from going on would wait for others.

use ember::prelude::*;

#[operator(inline, batch(max = 64))]
fn embed(texts: &[String]) -> Vec<usize> {
    texts.iter().map(String::len).collect()
}

fn main() {}
