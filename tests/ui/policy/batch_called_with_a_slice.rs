//! A graph calls a batch operator with all items, where it takes one.

use ember::prelude::*;

#[operator(batch(max = 64))]
fn embed(texts: &[String]) -> Vec<usize> {
    texts.iter().map(String::len).collect()
}

graph! {
    fn lengths(texts: Vec<String>) -> Result<usize, ember::Error> {
        let length = embed(&texts)?;
        Ok(length)
    }
}

fn main() {}
