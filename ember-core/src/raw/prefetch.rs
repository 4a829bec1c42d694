//! Hints that cache lines will be read which another core has. They change nothing but time, whatever they are given.

/// Asks for so many bytes from an address on, all at once: one after the other, each line takes as long as all of them.
#[inline(always)]
pub(crate) fn prefetch<T, const BYTES: usize>(from: *const T) {
    #[cfg(all(target_arch = "x86_64", not(any(miri, all(loom, test)))))]
    for line in 0..BYTES / LINE {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing that the program sees, and does nothing where there is no memory.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast::<i8>().wrapping_add(line * LINE)) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(any(miri, all(loom, test))))))]
    let _ = from;
}

#[cfg(all(target_arch = "x86_64", not(any(miri, all(loom, test)))))]
const LINE: usize = 64;
