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
    pub fn sum(all: Vec<u32>) -> Vec<u32> {
        let twice = double(3);
        let rest: Vec<u32> = all.iter().map(|n| double(*n + twice)).collect();
        rest
    }
}

fn main() {}
