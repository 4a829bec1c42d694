use ember::prelude::*;

mod search {}

#[operator]
fn search(query: &str) -> usize {
    query.len()
}

fn main() {}
