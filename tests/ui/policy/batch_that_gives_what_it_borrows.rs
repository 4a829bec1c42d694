//! The results of a batch borrow from its items.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn firsts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(|text| &text[..1]).collect()
}

fn main() {}
