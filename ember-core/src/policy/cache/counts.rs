//! What a cache counts.
//!
//! A thread counts on a stripe of its own, if there is one left: so hits of many threads do not take turns, and to count
//! one takes no exchange. When the thread ends, its stripe goes to another, by a lock, so that nothing is lost.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// How many threads have stripes of their own. The one before them is shared by all others.
const OWN: usize = 32;
const SHARED: usize = 0;

#[derive(Clone, Copy)]
pub(super) enum Count {
    Hit,
    Load,
    Failed,
    Wait,
    Shared,
    Beside,
    Stale,
    ForRoom,
    TooHeavy,
    Expired,
    Idle,
    Invalidated,
}

const COUNTS: usize = Count::Invalidated as usize + 1;

#[repr(align(128))]
#[derive(Default)]
struct Stripe([AtomicU64; COUNTS]);

pub(super) struct Counts([Stripe; 1 + OWN]);

impl Default for Counts {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Stripe::default()))
    }
}

/// What happened in a cache since it was made. Exact, once those have returned that it tells of.
///
/// Every call is one of the first three: `hits + loads + shared` is how many calls were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheCounts {
    /// Calls that were answered by an entry.
    pub hits: u64,
    /// Calls that were made, as there was no entry: misses.
    pub loads: u64,
    /// Calls that waited and were answered by the call of another.
    pub shared: u64,
    /// Of the loads, those that gave no value, as by a failure, a panic, or as they were dropped.
    pub failed: u64,
    /// Calls that waited for the call of another, whatever came of it.
    pub waits: u64,
    /// Of the loads, those that went on beside another of the same key, as waiting might never have ended.
    pub beside: u64,
    /// Values that were not kept, as the key was invalidated after the call began.
    pub stale: u64,
    /// Entries that gave way to others.
    pub evicted_for_room: u64,
    /// Values that were not kept, as they weigh more than there is room for.
    pub too_heavy: u64,
    /// Entries that were taken out when somebody found them too old.
    pub expired: u64,
    /// Entries that were taken out when somebody found them unused for too long.
    pub idle: u64,
    /// Entries that were taken out by an invalidation.
    pub invalidated: u64,
}

impl CacheCounts {
    /// Entries that are gone, whatever the cause.
    pub const fn evictions(&self) -> u64 {
        self.evicted_for_room + self.expired + self.idle + self.invalidated
    }
}

impl Counts {
    #[inline]
    pub(super) fn add(&self, count: Count) {
        let stripe = stripe();
        let number = &self.0[stripe].0[count as usize];
        if stripe == SHARED {
            number.fetch_add(1, Relaxed);
        } else {
            // Nobody else writes it.
            number.store(number.load(Relaxed) + 1, Relaxed);
        }
    }

    pub(super) fn snapshot(&self) -> CacheCounts {
        let of = |count: Count| self.0.iter().map(|stripe| stripe.0[count as usize].load(Relaxed)).sum();
        CacheCounts {
            hits: of(Count::Hit),
            loads: of(Count::Load),
            shared: of(Count::Shared),
            failed: of(Count::Failed),
            waits: of(Count::Wait),
            beside: of(Count::Beside),
            stale: of(Count::Stale),
            evicted_for_room: of(Count::ForRoom),
            too_heavy: of(Count::TooHeavy),
            expired: of(Count::Expired),
            idle: of(Count::Idle),
            invalidated: of(Count::Invalidated),
        }
    }
}

/// The stripe of this thread.
#[inline]
fn stripe() -> usize {
    let mine = MINE.get();
    if mine == UNKNOWN { draw() } else { mine }
}

thread_local! {
    static MINE: Cell<usize> = const { Cell::new(UNKNOWN) };
    static LOAN: Loan = Loan::new();
}

const UNKNOWN: usize = usize::MAX;

/// Stripes that no thread has: those that came back, and the first that was never had.
static FREE: Mutex<(Vec<usize>, usize)> = Mutex::new((Vec::new(), SHARED + 1));

#[cold]
fn draw() -> usize {
    // A thread that ends shares.
    let mine = LOAN.try_with(|loan| loan.0).unwrap_or(SHARED);
    MINE.set(mine);
    mine
}

/// A stripe that a thread has until it ends.
struct Loan(usize);

impl Loan {
    fn new() -> Self {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let (back, next) = &mut *free;
        Self(back.pop().unwrap_or_else(|| {
            if *next > OWN {
                return SHARED;
            }
            *next += 1;
            *next - 1
        }))
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        MINE.set(SHARED);
        if self.0 != SHARED {
            FREE.lock().unwrap_or_else(PoisonError::into_inner).0.push(self.0);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
