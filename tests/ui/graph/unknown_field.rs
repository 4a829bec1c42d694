use ember::prelude::*;

struct Facts {
    found: u32,
}

#[operator]
fn search(a: u32) -> Facts {
    Facts { found: a }
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    pub fn sum(a: u32) -> u32 {
        let facts = search(a);
        let twice = double(facts.fuond);
        let other = double(facts.found);
        twice + other
    }
}

fn main() {}
