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
    const NONE: Self = Self { calls: 0, failures: 0, slow: 0 };

    #[inline]
    const fn one(failed: bool, slow: bool) -> Self {
        Self { calls: 1, failures: failed as u32, slow: slow as u32 }
    }

    #[inline]
    const fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.failures += other.failures;
        self.slow += other.slow;
    }

    #[inline]
    const fn remove(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failures -= other.failures;
        self.slow -= other.slow;
    }
}

/// How many parts a window by time has: it slides by a part at a time.
pub(super) const PARTS: usize = 10;

/// The last calls.
pub(super) struct Window {
    sum: Rates,
    kind: Kind,
}

enum Kind {
    /// A ring of the last calls: whether each has failed and was slow.
    Calls { ring: Vec<(bool, bool)>, size: usize, next: usize },
    /// A ring of parts of the time. The first call begins a part.
    Time { parts: [Rates; PARTS], long: Duration, part: usize, began: Option<Instant> },
}

impl Window {
    pub(super) const fn of_calls(size: usize) -> Self {
        Self { sum: Rates::NONE, kind: Kind::Calls { ring: Vec::new(), size, next: 0 } }
    }

    pub(super) fn of_time(time: Duration) -> Self {
        let parts = u32::try_from(PARTS).unwrap_or(1);
        let long = (time / parts).max(Duration::from_nanos(1));
        Self {
            sum: Rates::NONE,
            kind: Kind::Time { parts: [Rates::NONE; PARTS], long, part: 0, began: None },
        }
    }

    pub(super) const fn is_by_time(&self) -> bool {
        matches!(self.kind, Kind::Time { .. })
    }

    /// Whether a success would only take the place of another.
    pub(super) const fn is_full_of_successes(&self) -> bool {
        match &self.kind {
            Kind::Calls { size, .. } => {
                self.sum.calls as usize == *size && self.sum.failures == 0 && self.sum.slow == 0
            }
            Kind::Time { .. } => false,
        }
    }

    /// Adds a call, and says what it holds then. The moment counts in a window by time.
    #[inline]
    pub(super) fn add(&mut self, now: Option<Instant>, failed: bool, slow: bool) -> Rates {
        let call = Rates::one(failed, slow);
        self.slide(now);
        match &mut self.kind {
            Kind::Calls { ring, size, next } => {
                if let Some(place) = ring.get_mut(*next) {
                    let (failed, slow) = std::mem::replace(place, (failed, slow));
                    self.sum.remove(Rates::one(failed, slow));
                } else {
                    ring.push((failed, slow));
                }
                *next += 1;
                if next == size {
                    *next = 0;
                }
                self.sum.add(call);
            }
            // Four thousand million calls in one window are enough to judge by.
            Kind::Time { parts, part, .. } if self.sum.calls < u32::MAX => {
                parts[*part].add(call);
                self.sum.add(call);
            }
            Kind::Time { .. } => {}
        }
        self.sum
    }

    /// What it holds at a moment. It is left as it is: who looks may go by a clock that is ahead of the calls'.
    pub(super) fn rates(&self, now: Instant) -> Rates {
        let mut sum = self.sum;
        if let Kind::Time { parts, long, part, began: Some(began) } = &self.kind {
            let (passed, _) = passed(*began, *long, now);
            (1..=passed).for_each(|over| sum.remove(parts[(*part + over) % PARTS]));
        }
        sum
    }

    /// Lets go what is too old. A clock that goes back is taken to stand still.
    #[inline]
    fn slide(&mut self, now: Option<Instant>) {
        let (Kind::Time { long, began, .. }, Some(now)) = (&mut self.kind, now) else { return };
        if now.saturating_duration_since(*began.get_or_insert(now)) >= *long {
            self.slide_by_parts(now);
        }
    }

    #[cold]
    fn slide_by_parts(&mut self, now: Instant) {
        let Kind::Time { parts, long, part, began: Some(began) } = &mut self.kind else { return };
        let (passed, into) = passed(*began, *long, now);
        for _ in 0..passed {
            *part = (*part + 1) % PARTS;
            self.sum.remove(std::mem::take(&mut parts[*part]));
        }
        *began = now.checked_sub(into).unwrap_or(now);
    }

    pub(super) fn clear(&mut self) {
        self.sum = Rates::NONE;
        match &mut self.kind {
            Kind::Calls { ring, next, .. } => {
                ring.clear();
                *next = 0;
            }
            Kind::Time { parts, part, began, .. } => {
                *parts = [Rates::NONE; PARTS];
                *part = 0;
                *began = None;
            }
        }
    }
}

/// How many parts have gone by since one began, all of them at most, and how long ago the last of them has ended.
fn passed(began: Instant, long: Duration, now: Instant) -> (usize, Duration) {
    let over = now.saturating_duration_since(began).as_nanos();
    // It is shorter than a part, which is no longer than a day.
    let into = u64::try_from(over % long.as_nanos()).unwrap_or(0);
    let passed = usize::try_from(over / long.as_nanos()).unwrap_or(PARTS).min(PARTS);
    (passed, Duration::from_nanos(into))
}
