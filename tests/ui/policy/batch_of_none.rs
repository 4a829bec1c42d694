//! A batch holds no item.

use ember::prelude::*;

#[operator(batch(max = 0, wait = "1d", in_flight = 0))]
fn embed(texts: &[String]) -> Vec<usize> {
    texts.iter().map(String::len).collect()
}

fn main() {}
