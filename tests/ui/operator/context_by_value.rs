use ember::operator;

use ember::Context;

#[operator]
fn grind(#[cx] cx: Context, n: u64) -> u64 {
    n
}

fn main() {}
