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
        let mut total = double(a);
        for n in 0..3 { let twice = double(n); total = add(total, twice); }
        total
    }
}

fn main() {}
