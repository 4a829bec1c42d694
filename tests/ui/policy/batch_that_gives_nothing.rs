//! A batch operator gives nothing.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn store(texts: &[String]) {
    println!("{texts:?}");
}

fn main() {}
