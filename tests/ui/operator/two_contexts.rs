use ember::operator;

use ember::Context;

#[operator]
fn grind(cx: &Context, other: &Context, n: u64) -> u64 {
    if cx.check().is_ok() && other.check().is_ok() { n } else { 0 }
}

fn main() {}
