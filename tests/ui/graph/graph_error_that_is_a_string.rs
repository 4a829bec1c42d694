use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    fn number(text: &str) -> Result<u32, String> {
        let number = parse(text)?;
        Ok(number)
    }
}

fn main() {}
