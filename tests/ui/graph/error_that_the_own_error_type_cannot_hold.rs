use ember::prelude::*;

#[derive(Debug)]
struct Odd;

#[derive(Debug)]
enum Mistake {
    Ember(ember::Error),
}

impl From<ember::Error> for Mistake {
    fn from(error: ember::Error) -> Self {
        Self::Ember(error)
    }
}

#[operator]
fn halve(n: u32) -> Result<u32, Odd> {
    if n % 2 == 0 { Ok(n / 2) } else { Err(Odd) }
}

graph! {
    fn quarter(n: u32) -> Result<u32, Mistake> {
        let half = halve(n)?;
        Ok(half)
    }
}

fn main() {}
