//! The work of a node, the same for every system.

use std::hint::black_box;

use ember::operator;

/// How many steps take about a microsecond.
pub(crate) const STEPS_PER_MICROSECOND: f64 = 800.0;

/// Adds the node's number to what it is given, then makes `w` steps of xor, shift and multiply that wait for each other.
#[operator]
#[inline(always)]
pub(crate) fn step(node: u64, given: u64, w: u32) -> u64 {
    let mut x = given.wrapping_add(node + 1);
    for _ in 0..w {
        x = (x ^ (x >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    black_box(x)
}
