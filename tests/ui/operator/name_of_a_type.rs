use ember::prelude::*;

#[allow(non_camel_case_types)]
struct search {}

#[operator]
fn search(query: &str) -> usize {
    query.len()
}

fn main() {}
