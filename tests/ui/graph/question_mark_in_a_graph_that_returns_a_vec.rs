use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str, b: &str) -> Vec<u32> {
        let left = parse(a)?;
        let right = parse(b)?;
        vec![left, right]
    }
}

fn main() {}
