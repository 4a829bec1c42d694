use ember::prelude::*;

#[operator(fallback(value = 1, if = worth_it))]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

fn worth_it(text: &str) -> bool {
    text.is_empty()
}

fn main() {}
