//! The settings of a rate.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::time::Duration;

use super::super::MOST_WAITING;
use super::super::slots::Slots;
use super::{LONG, Rate, nanos};
use crate::Clock;
use crate::policy::Invalid;
use crate::policy::time::Time;

/// Makes a [`Rate`].
#[derive(Clone)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct RateBuilder {
    calls: u32,
    per: Duration,
    burst: u32,
    queue: usize,
    max_wait: Option<Duration>,
    time: Time,
}

impl Default for RateBuilder {
    /// 100 calls a second, evenly spaced, and up to 65 536 that wait for as long as it takes.
    fn default() -> Self {
        Self {
            calls: 100,
            per: Duration::from_secs(1),
            burst: 1,
            queue: MOST_WAITING,
            max_wait: None,
            time: Time::default(),
        }
    }
}

impl RateBuilder {
    /// How many calls may start in the [time](Self::per), if not said 100.
    pub fn calls(mut self, calls: u32) -> Self {
        self.calls = calls;
        self
    }

    /// The time in which so many calls may start, if not said a second. The time per call is rounded up to whole
    /// nanoseconds, and can be one at least.
    pub fn per(mut self, time: Duration) -> Self {
        self.per = time;
        self
    }

    /// How many calls may start at once after a time without any, if not said 1: then all are evenly spaced.
    pub fn burst(mut self, calls: u32) -> Self {
        self.burst = calls;
        self
    }

    /// How many calls may wait for their turn, if not said 65 536.
    pub fn queue(mut self, calls: usize) -> Self {
        self.queue = calls;
        self
    }

    /// How long a call may wait for its turn; with zero, it is refused if it cannot start at once. If not said, until the
    /// deadline of its run.
    pub fn max_wait(mut self, time: Duration) -> Self {
        self.max_wait = Some(time);
        self
    }

    /// Goes by another clock than that of the context of the call. To be set where runs with clocks of their own
    /// share the limit.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.time = Time::of(clock);
        self
    }

    /// Makes the limit.
    ///
    /// # Errors
    /// If no call is allowed, or more than one in a nanosecond; if the time for a burst, or for all that may wait, is
    /// longer than 73 years.
    pub fn build(self) -> Result<Rate, Invalid> {
        let wrong = |setting, value: &dyn fmt::Display, must| Err(Invalid::new("rate", setting, value, must));
        if self.calls == 0 {
            return wrong("calls", &self.calls, "at least 1");
        }
        let per = self.per.as_nanos();
        if per < u128::from(self.calls) {
            return wrong("per", &format_args!("{:?}", self.per), "at least a nanosecond for each call");
        }
        if self.burst == 0 {
            return wrong("burst", &self.burst, "at least 1");
        }
        let interval = per.div_ceil(u128::from(self.calls));
        let within = interval * u128::from(self.burst) <= u128::from(LONG / 2);
        let Some(interval) = u64::try_from(interval).ok().filter(|_| within) else {
            return wrong("burst", &self.burst, "made up for within 73 years");
        };
        let all = interval.saturating_mul((self.queue as u64).saturating_add(1)).min(LONG);
        let ahead = self.max_wait.map_or(all, |time| nanos(time).min(all));
        Ok(Rate {
            slots: Slots::new(interval, self.burst, ahead),
            start: OnceLock::new(),
            burst: self.burst,
            max_wait: self.max_wait,
            most_waiting: self.queue,
            waiting: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            time: self.time,
        })
    }
}

impl fmt::Debug for RateBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateBuilder")
            .field("calls", &self.calls)
            .field("per", &self.per)
            .field("burst", &self.burst)
            .field("queue", &self.queue)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}
