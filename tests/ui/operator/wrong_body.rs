use ember::prelude::*;

#[operator]
fn search(query: &str) -> usize {
    query.to_owned()
}

fn main() {}
