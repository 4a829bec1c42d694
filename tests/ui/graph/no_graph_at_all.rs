use ember::prelude::*;

graph! {
    search -> rank -> show
}

fn main() {}
