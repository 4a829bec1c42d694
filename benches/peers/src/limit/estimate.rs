//! What runs of a graph have cost, kept without a lock. Where threads collide an update is lost, which does no harm.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The cost of one graph, in ticks of work on one thread.
pub(crate) struct Estimate {
    /// 0 until something was measured.
    cost: AtomicU64,
    last: AtomicU64,
    runs: AtomicU32,
}

impl Estimate {
    pub(crate) const fn new() -> Self {
        Self { cost: AtomicU64::new(0), last: AtomicU64::new(0), runs: AtomicU32::new(0) }
    }

    #[inline(always)]
    pub(super) fn cost(&self) -> u64 {
        self.cost.load(Ordering::Relaxed)
    }

    /// When the graph was last measured.
    #[inline(always)]
    pub(super) fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(super) fn set(&self, cost: u64, now: u64) {
        self.cost.store(cost.max(1), Ordering::Relaxed);
        self.last.store(now, Ordering::Relaxed);
    }

    /// After a parallel run: keeps what was measured, unless the work has clearly changed.
    #[inline(always)]
    pub(super) fn confirm(&self, took: u64, now: u64) {
        let cost = self.cost();
        if took > cost || 5 * took < cost {
            self.cost.store((2 * took).max(1), Ordering::Relaxed);
        }
        self.last.store(now, Ordering::Relaxed);
    }

    /// True on one call of `every`.
    #[inline(always)]
    pub(super) fn is_turn(&self, every: u32) -> bool {
        let runs = self.runs.load(Ordering::Relaxed).wrapping_add(1);
        self.runs.store(runs, Ordering::Relaxed);
        runs.is_multiple_of(every)
    }
}
