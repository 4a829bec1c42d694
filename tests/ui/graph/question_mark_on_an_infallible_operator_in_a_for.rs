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
    pub fn sum(a: u32) -> Result<Vec<u32>, ember::Error> {
        let all = for n in 0..a { double(n)? };
        Ok(all)
    }
}

fn main() {}
