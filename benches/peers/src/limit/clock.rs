//! A clock that is read in some nanoseconds.

/// Ticks in about a microsecond; what hangs on it need not be exact.
#[cfg(target_arch = "x86_64")]
pub(super) const MICROSECOND: u64 = 2_600;
#[cfg(not(target_arch = "x86_64"))]
pub(super) const MICROSECOND: u64 = 1_000;

#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[expect(unsafe_code, reason = "the time stamp counter is a fifth of the cost of `Instant::now`")]
pub(super) fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and Linux, Windows and macOS let programs use it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn ticks() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).expect("a process of less than 500 years")
}
