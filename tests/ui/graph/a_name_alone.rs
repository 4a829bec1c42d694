use ember::prelude::*;

graph! {
    sum
}

fn main() {}
