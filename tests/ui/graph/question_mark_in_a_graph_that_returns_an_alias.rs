use ember::prelude::*;

type Sum = u32;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str, b: &str) -> Sum {
        let left = parse(a)?;
        let right = parse(b)?;
        left + right
    }
}

fn main() {}
