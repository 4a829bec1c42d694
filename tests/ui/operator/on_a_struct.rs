use ember::prelude::*;

#[operator]
struct Search {
    limit: usize,
}

fn main() {}
