use ember::prelude::*;

graph! {}

fn main() {}
