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
    pub fn sum(a u32) -> u32 {
        let twice = double(a);
        twice
    }

    pub fn more(a: u32) -> u32 {
        let twice = double(a);
        twice
    }
}

fn caller() -> u32 {
    more(3)
}

fn main() {}
