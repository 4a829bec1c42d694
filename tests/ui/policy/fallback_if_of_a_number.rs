use ember::prelude::*;

#[operator(fallback(value = 1, if = 3))]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

fn main() {}
