use ember::prelude::*;

#[derive(Debug)]
struct Mistake;

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    fn twice(n: u32) -> Result<u32, Mistake> {
        let twice = double(n);
        Ok(twice)
    }
}

fn main() {}
