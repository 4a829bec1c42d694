use ember::prelude::*;

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

#[operator]
fn or_zero(value: Option<u32>) -> u32 {
    value.unwrap_or(0)
}

graph! {
    pub fn sum(a: u32) -> u32 {
        let twice = double(a);
        let total = or_zero(twice);
        total
    }
}

fn main() {}
