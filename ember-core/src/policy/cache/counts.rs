//! What a cache counts.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Each is counted on lines of memory of a few threads, so that hits of many threads do not take turns.
const STRIPES: usize = 16;

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

#[derive(Default)]
pub(super) struct Counts([Stripe; STRIPES]);

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
        self.0[stripe()].0[count as usize].fetch_add(1, Relaxed);
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
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    #[cold]
    fn draw() -> usize {
        let mine = NEXT.fetch_add(1, Relaxed) % STRIPES;
        MINE.set(mine);
        mine
    }
    let mine = MINE.get();
    if mine == usize::MAX { draw() } else { mine }
}
