use ember::prelude::*;

#[operator]
fn parse<T: std::str::FromStr>(text: &str) -> Result<T, T::Err> {
    text.parse()
}

graph! {
    pub fn check(a: &str, b: &str) -> bool {
        let left = parse(a);
        let right = parse::<u32>(b);
        left.is_ok() && right.is_ok()
    }
}

fn main() {}
