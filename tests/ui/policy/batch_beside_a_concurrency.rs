//! Fewer items may be under way than a batch has.

use ember::prelude::*;

#[derive(Debug)]
struct Down;

#[operator(batch(max = 64), concurrency = 8)]
async fn embed(texts: &[String]) -> Result<Vec<usize>, Down> {
    Ok(texts.iter().map(String::len).collect())
}

fn main() {}
