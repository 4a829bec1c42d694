use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str, deep: bool) -> u32 {
        let n = if deep { parse(a)? } else { 0 };
        n
    }
}

fn main() {}
