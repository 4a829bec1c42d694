use ember::prelude::*;

graph! {
    struct Search { limit: usize }
}

fn main() {}
