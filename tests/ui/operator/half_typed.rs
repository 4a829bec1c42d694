use ember::prelude::*;

#[operator]
fn search(query: &str -> usize {
    query.len()
}

fn main() {}
