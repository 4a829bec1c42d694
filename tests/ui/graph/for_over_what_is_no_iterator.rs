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
    pub fn all(a: u32) -> Vec<u32> {
        for n in a { double(n) }
    }
}

fn main() {}
