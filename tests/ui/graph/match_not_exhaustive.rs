use ember::prelude::*;

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

pub enum Shape {
    Round(u32),
    Square(u32),
}

graph! {
    pub fn choose(shape: Shape) -> u32 {
        let twice = match shape { Shape::Round(n) => double(n) };
        twice
    }
}

fn main() {}
