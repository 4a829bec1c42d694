use ember::prelude::*;

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    pub fn round(a: u32) -> u32 {
        let left = add(a, right);
        let right = add(left, 1);
        right
    }
}

fn main() {}
