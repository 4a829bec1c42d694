//! What is left to chance, so that no program can be in step with what is timed.

use std::cell::Cell;

thread_local! {
    static DRAWN: Cell<u32> = const { Cell::new(0) };
}

/// A number by chance, of this thread. By the upper bits of a linear congruential generator (the factor is that of PCG), so
/// that one draw tells nothing of the next.
#[inline(always)]
pub(super) fn draw() -> u32 {
    DRAWN.with(|drawn| {
        let next = drawn.get().wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        drawn.set(next);
        next
    })
}

/// True every so often.
#[inline(always)]
pub(super) fn every(so_many: u32) -> bool {
    draw() < u32::MAX / so_many
}

#[cfg(all(test, not(loom)))]
pub(super) mod tests;
