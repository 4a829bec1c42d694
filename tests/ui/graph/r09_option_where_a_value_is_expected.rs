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
fn first(values: &[u32]) -> Option<u32> {
    values.first().copied()
}

graph! {
    pub fn sum(values: &[u32]) -> u32 {
        let head = first(values);
        let twice = double(head);
        twice
    }
}

fn main() {}
