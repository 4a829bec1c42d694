//! An item is a tuple where there are several parameters.

use ember::prelude::*;

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

graph! {
    fn sum(a: u32, b: u32) -> u32 {
        add(a, b)
    }
}

fn main() {
    let _ = sum::stream([1, 2]).into_iter();
}
