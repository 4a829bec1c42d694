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
    pub fn sum(a: u32) -> u32 {
        let twice = if a > 3 { double(a); } else { add(a, 1) };
        twice
    }
}

fn main() {}
