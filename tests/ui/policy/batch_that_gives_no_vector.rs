//! A batch operator gives one value for all items.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn embed(texts: &[String]) -> String {
    texts.concat()
}

fn main() {}
