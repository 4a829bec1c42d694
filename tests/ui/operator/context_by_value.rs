use ember::operator;

use ember::Context;

#[operator]
fn grind(#[cx] cx: Context, n: u64) -> u64 {
    if cx.check().is_ok() { n } else { 0 }
}

fn main() {}
