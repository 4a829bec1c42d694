use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn last(a: &str, b: &str) -> Result<u32, ember::Error> {
        let first = parse(a)?;
        let second = parse(b)?;
        #[after(first, second)]
        parse(b)?
    }
}

fn main() {}
