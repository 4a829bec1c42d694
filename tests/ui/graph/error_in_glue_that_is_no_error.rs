use ember::prelude::*;

#[derive(Debug)]
struct Odd;

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    pub fn check(n: u32, known: Result<u32, Odd>) -> Result<u32, ember::Error> {
        let twice = double(n);
        let m = known?;
        Ok(twice + m)
    }
}

fn main() {}
