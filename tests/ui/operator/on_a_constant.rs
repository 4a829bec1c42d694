use ember::prelude::*;

#[operator]
const LIMIT: usize = 3;

fn main() {}
