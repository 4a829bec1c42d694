//! The settings of a limit on how many calls run at once.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::super::MOST_WAITING;
use super::super::line::{Line, MOST};
use super::Concurrency;
use crate::Clock;
use crate::policy::Invalid;
use crate::policy::time::Time;

/// Makes a [`Concurrency`].
#[derive(Clone)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct ConcurrencyBuilder {
    permits: usize,
    queue: usize,
    max_wait: Option<Duration>,
    time: Time,
}

impl Default for ConcurrencyBuilder {
    /// 16 permits, up to 65 536 calls that wait, for as long as it takes.
    fn default() -> Self {
        Self { permits: 16, queue: MOST_WAITING, max_wait: None, time: Time::default() }
    }
}

impl ConcurrencyBuilder {
    /// How many calls may run at once: from 1 to 2³¹ − 1, if not said 16.
    pub fn permits(mut self, permits: usize) -> Self {
        self.permits = permits;
        self
    }

    /// How many calls may wait for a permit, if not said 65 536. The next one is refused at once; with 0, every call that
    /// finds no permit.
    pub fn queue(mut self, calls: usize) -> Self {
        self.queue = calls;
        self
    }

    /// How long a call may wait for a permit. If not said, until its run is stopped.
    pub fn max_wait(mut self, time: Duration) -> Self {
        self.max_wait = Some(time);
        self
    }

    /// Measures waiting by another clock than that of the context of the call.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.time = Time::of(clock);
        self
    }

    /// Makes the limit.
    ///
    /// # Errors
    /// If the number of permits is out of its bounds.
    pub fn build(self) -> Result<Concurrency, Invalid> {
        let permits = u32::try_from(self.permits).ok().filter(|permits| (1..=MOST).contains(permits));
        let Some(permits) = permits else {
            return Err(Invalid::new("concurrency", "permits", self.permits, "between 1 and 2147483647"));
        };
        Ok(Concurrency {
            line: Line::new(permits, self.queue),
            max_wait: self.max_wait,
            time: self.time,
            refused: AtomicU64::new(0),
        })
    }
}

impl fmt::Debug for ConcurrencyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyBuilder")
            .field("permits", &self.permits)
            .field("queue", &self.queue)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}
