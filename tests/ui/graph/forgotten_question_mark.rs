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
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str, b: &str) -> Result<u32, ember::Error> {
        let left = parse(a);
        let right = parse(b)?;
        let total = add(left, right);
        Ok(total)
    }
}

fn main() {}
