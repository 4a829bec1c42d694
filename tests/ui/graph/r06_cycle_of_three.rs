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
        let start = double(a);
        let one = add(start, three);
        let two = add(one, 1);
        let three = add(two, 1);
        three
    }
}

fn main() {}
