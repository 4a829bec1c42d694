use ember::prelude::*;

#[operator(memory = "64MiB")]
pub fn unpack(text: &str) -> usize {
    0
}

fn main() {}
