#![deny(deprecated)]

use ember::prelude::*;

#[operator]
#[deprecated = "use `double`"]
fn twice(a: u32) -> u32 {
    a * 2
}

graph! {
    pub fn sum(a: u32) -> u32 {
        let n = twice(a);
        n
    }
}

fn main() {}
