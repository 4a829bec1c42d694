use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str) -> Result<(), ember::Error> {
        let left = parse(a)?;
    }
}

fn main() {}
