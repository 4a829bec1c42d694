//! A failure of the whole call is that of each item, and cannot be copied.

use ember::prelude::*;

#[derive(Debug)]
struct Down;

#[operator(batch(max = 64))]
fn embed(texts: &[String]) -> Result<Vec<usize>, Down> {
    Ok(texts.iter().map(String::len).collect())
}

fn main() {}
