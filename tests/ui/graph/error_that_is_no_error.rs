use ember::prelude::*;

#[derive(Debug)]
struct Odd;

#[operator]
fn halve(n: u32) -> Result<u32, Odd> {
    if n % 2 == 0 { Ok(n / 2) } else { Err(Odd) }
}

graph! {
    pub fn half(n: u32) -> Result<u32, ember::Error> {
        let half = halve(n)?;
        Ok(half)
    }
}

fn main() {}
