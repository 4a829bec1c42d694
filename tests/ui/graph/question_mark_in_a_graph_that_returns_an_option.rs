use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str) -> Option<u32> {
        let left = parse(a)?;
        Some(left)
    }
}

fn main() {}
