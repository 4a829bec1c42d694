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
        let n = double(a);
        let n = add(n, 1);
        while n > 3 { double(3); }
        return n;
    }
}

fn main() {}
