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
    pub fn sum(a: Option<u32>) -> u32 {
        let Some(n) = a else { return 0 };
        let twice = double(n);
        twice
    }
}

fn main() {}
