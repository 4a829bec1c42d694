use ember::prelude::*;

#[operator]
fn grind(cx: &Contxt, n: u64) -> u64 {
    n
}

fn main() {}
