use ember::prelude::*;

#[operator(fallback(if = PolicyError::is_open))]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

fn main() {}
