//! When calls may start: the generic cell rate algorithm in its form of virtual scheduling (ITU-T I.371, annex A), with
//! slots that can be given back.
//!
//! One number, the *theoretical arrival time*, says when the calls let through so far would have come at an even pace.
//! The next one may start `tolerance` earlier than that, which is a burst, and moves it on by one `interval`. A call that
//! cannot start yet reserves its slot by moving the number on at once, so slots are given in the order in which calls
//! came, each to one call.
//!
//! A call that gives up leaves a hole. The last slot of all is taken back, with the holes right before it; other holes are
//! given to those who come before their time is past. Fewer calls than reserved never break the bound, so holes cost
//! at most calls that could have been made.

use std::collections::BTreeSet;

use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::sync::{AtomicUsize, Mutex, lock};

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

/// Times are nanoseconds since the first call.
pub(super) struct Slots {
    arrival: word::Word,
    interval: u64,
    tolerance: u64,
    /// How far ahead of now the arrival time can be, unless the clock went back.
    horizon: u64,
    /// The ends of slots that were given back.
    holes: Mutex<BTreeSet<u64>>,
    /// How many there are.
    holed: AtomicUsize,
}

/// A reserved start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) start: u64,
    /// The arrival time behind it, which no other slot has.
    end: u64,
}

impl Slots {
    /// One call per interval, with `burst` of them at once, and starts at most `ahead` of now.
    pub(super) fn new(interval: u64, burst: u32, ahead: u64) -> Self {
        let tolerance = interval.saturating_mul(u64::from(burst) - 1);
        Self {
            arrival: word::Word::new(0),
            interval,
            tolerance,
            horizon: tolerance.saturating_add(interval).saturating_add(ahead),
            holes: Mutex::new(BTreeSet::new()),
            holed: AtomicUsize::new(0),
        }
    }

    /// Whether what was let through has been made up for.
    pub(super) fn is_even(&self, now: u64) -> bool {
        self.arrival.load() <= now
    }

    pub(super) fn interval(&self) -> u64 {
        self.interval
    }

    /// Reserves the next start, if that is not further away than the patience lasts.
    ///
    /// # Errors
    ///
    /// How far away it is.
    #[inline]
    pub(super) fn reserve(&self, now: u64, patience: u64) -> Result<Slot, u64> {
        let mut was = self.arrival.load();
        loop {
            // A clock that went back must not keep calls out for as long as it went.
            let furthest = now.saturating_add(self.horizon);
            if was > furthest {
                was = self.arrival.exchange(was, furthest).map_or_else(|other| other, |()| furthest);
                continue;
            }
            let start = was.saturating_sub(self.tolerance).max(now);
            if start > now
                && self.holed.load(Acquire) > 0
                && let Some(slot) = self.fill(now, patience)
            {
                return Ok(slot);
            }
            if start - now > patience {
                return Err(start - now);
            }
            let end = was.max(now).saturating_add(self.interval);
            match self.arrival.exchange(was, end) {
                Ok(()) => return Ok(Slot { start, end }),
                Err(other) => was = other,
            }
        }
    }

    /// Reserves the first hole to come. Those that are past are no more.
    #[cold]
    fn fill(&self, now: u64, patience: u64) -> Option<Slot> {
        let mut holes = lock(&self.holes);
        // Where a slot has to be waited for, its start is so long before its end.
        let length = self.tolerance + self.interval;
        *holes = holes.split_off(&now.saturating_add(length));
        let end = holes.first().copied().filter(|end| end - length - now <= patience);
        if let Some(end) = end {
            holes.remove(&end);
        }
        self.holed.store(holes.len(), Release);
        end.map(|end| Slot { start: end - length, end })
    }

    /// Gives back a slot that had to be waited for, unused.
    #[cold]
    pub(super) fn give_back(&self, slot: Slot) {
        let mut holes = lock(&self.holes);
        let mut end = slot.end;
        loop {
            let before = end - self.interval;
            if self.arrival.exchange(end, before).is_err() {
                holes.insert(end);
                break;
            }
            if !holes.remove(&before) {
                break;
            }
            end = before;
        }
        self.holed.store(holes.len(), Release);
    }

    /// How many holes are kept.
    #[cfg(all(test, not(loom)))]
    fn holes(&self) -> usize {
        lock(&self.holes).len()
    }
}

/// A number of 64 bits that threads exchange.
#[cfg(target_has_atomic = "64")]
mod word {
    use super::{AcqRel, Relaxed};
    use crate::sync::AtomicU64;

    pub(super) struct Word(AtomicU64);

    impl Word {
        pub(super) fn new(value: u64) -> Self {
            Self(AtomicU64::new(value))
        }

        #[inline]
        pub(super) fn load(&self) -> u64 {
            self.0.load(Relaxed)
        }

        #[inline]
        pub(super) fn exchange(&self, from: u64, to: u64) -> Result<(), u64> {
            self.0.compare_exchange(from, to, AcqRel, Relaxed).map(drop)
        }
    }
}

/// Where atomics have 32 bits, under a lock.
#[cfg(not(target_has_atomic = "64"))]
mod word {
    use crate::sync::{Mutex, lock};

    pub(super) struct Word(Mutex<u64>);

    impl Word {
        pub(super) fn new(value: u64) -> Self {
            Self(Mutex::new(value))
        }

        pub(super) fn load(&self) -> u64 {
            *lock(&self.0)
        }

        pub(super) fn exchange(&self, from: u64, to: u64) -> Result<(), u64> {
            let mut value = lock(&self.0);
            if *value == from {
                *value = to;
                Ok(())
            } else {
                Err(*value)
            }
        }
    }
}
