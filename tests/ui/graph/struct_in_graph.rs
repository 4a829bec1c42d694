use ember::prelude::*;

graph! {
    struct Search;
}

fn main() {}
