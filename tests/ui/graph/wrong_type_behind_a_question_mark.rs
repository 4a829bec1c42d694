use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn both(a: &str, b: &str) -> Result<String, ember::Error> {
        let left = parse(a)?;
        let right: String = parse(b)?;
        Ok(format!("{left} {right}"))
    }
}

fn main() {}
