//! The last calls: so many, or those of so much time.

use std::time::{Duration, Instant};

/// What a window holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rates {
    pub(super) calls: u32,
    pub(super) failures: u32,
    pub(super) slow: u32,
}

impl Rates {
    fn add(&mut self, failed: bool, slow: bool) {
        // Four thousand million calls in one window are enough to judge by.
        if self.calls < u32::MAX {
            self.calls += 1;
            self.failures += u32::from(failed);
            self.slow += u32::from(slow);
        }
    }

    fn remove(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failures -= other.failures;
        self.slow -= other.slow;
    }
}

/// How many parts a window by time has: it slides by a part at a time.
pub(super) const PARTS: usize = 10;

/// The last calls.
pub(super) enum Window {
    /// A ring of the last calls.
    Calls { ring: Vec<(bool, bool)>, size: usize, next: usize, sum: Rates },
    /// A ring of parts of the time.
    Time { parts: [Rates; PARTS], long: Duration, start: Option<Instant>, part: u64 },
}

impl Window {
    pub(super) const fn of_calls(size: usize) -> Self {
        Self::Calls { ring: Vec::new(), size, next: 0, sum: Rates { calls: 0, failures: 0, slow: 0 } }
    }

    pub(super) fn of_time(time: Duration) -> Self {
        let parts = u32::try_from(PARTS).unwrap_or(1);
        let long = (time / parts).max(Duration::from_nanos(1));
        Self::Time { parts: [Rates::default(); PARTS], long, start: None, part: 0 }
    }

    pub(super) const fn is_by_time(&self) -> bool {
        matches!(self, Self::Time { .. })
    }

    /// Adds a call. The moment counts in a window by time.
    pub(super) fn add(&mut self, now: Option<Instant>, failed: bool, slow: bool) {
        self.slide(now);
        match self {
            Self::Calls { ring, size, next, sum } => {
                if ring.len() < *size {
                    ring.push((failed, slow));
                } else {
                    let (failed, slow) = std::mem::replace(&mut ring[*next], (failed, slow));
                    sum.remove(Rates { calls: 1, failures: u32::from(failed), slow: u32::from(slow) });
                    *next = (*next + 1) % *size;
                }
                sum.add(failed, slow);
            }
            Self::Time { parts, part, .. } => parts[place(*part)].add(failed, slow),
        }
    }

    /// What it holds at a moment.
    pub(super) fn rates(&mut self, now: Option<Instant>) -> Rates {
        self.slide(now);
        match self {
            Self::Calls { sum, .. } => *sum,
            Self::Time { parts, .. } => parts.iter().fold(Rates::default(), |sum, part| Rates {
                calls: sum.calls.saturating_add(part.calls),
                failures: sum.failures.saturating_add(part.failures),
                slow: sum.slow.saturating_add(part.slow),
            }),
        }
    }

    /// Lets go what is too old. A clock that goes back is taken to stand still.
    fn slide(&mut self, now: Option<Instant>) {
        let (Self::Time { parts, long, start, part }, Some(now)) = (self, now) else { return };
        let start = *start.get_or_insert(now);
        let parts_since = now.saturating_duration_since(start).as_nanos() / long.as_nanos();
        let current = u64::try_from(parts_since).unwrap_or(u64::MAX);
        if current <= *part {
            return;
        }
        let passed = current - *part;
        for old in 1..=passed.min(PARTS as u64) {
            parts[place(*part + old)] = Rates::default();
        }
        *part = current;
        if passed >= PARTS as u64 {
            *parts = [Rates::default(); PARTS];
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::Calls { ring, next, sum, .. } => {
                ring.clear();
                *next = 0;
                *sum = Rates::default();
            }
            Self::Time { parts, start, part, .. } => {
                *parts = [Rates::default(); PARTS];
                *start = None;
                *part = 0;
            }
        }
    }
}

fn place(part: u64) -> usize {
    usize::try_from(part % PARTS as u64).unwrap_or(0)
}
