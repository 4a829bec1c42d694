//! Nothing is said but the mistake: graphs see the operator's type all the same.

use ember::prelude::*;
use std::fmt::Error;

#[operator(idempotent, retry(attempts = 3, backoff = "1ms"))]
fn fetch(id: u32) -> Result<String, Error> {
    Ok(format!("body {id}"))
}

#[operator(cach)]
fn score(text: &str) -> usize {
    text.len()
}

graph! {
    fn order(id: u32) -> Result<String, ember::Error> {
        let body = fetch(id)?;
        let points = score(&body);
        Ok(format!("{body}: {points}"))
    }
}

fn main() {}
