use ember::prelude::*;

#[graph_fn]
struct Measure {
    loud: String,
}

fn main() {}
