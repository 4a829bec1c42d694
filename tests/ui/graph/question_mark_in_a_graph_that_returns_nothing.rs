use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str, b: &str) {
        let left = parse(a)?;
        let right = parse(b)?;
    }
}

fn main() {}
