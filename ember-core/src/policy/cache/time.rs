//! The time of a cache.

use std::time::{Duration, Instant};

use crate::Clock;
use crate::policy::time::Time;
use crate::sync::nanos;

/// Tells moments by the clock that the cache was given, else by that of the context of each call.
///
/// They are nanoseconds since some time before the cache was made: so contexts whose clocks are behind are understood
/// too.
#[derive(Clone)]
pub(super) struct Moments {
    time: Time,
    origin: Instant,
}

/// What stands for the origin: as far may a clock be behind.
const ORIGIN: Duration = Duration::from_hours(3 * 365 * 24);

impl Default for Moments {
    fn default() -> Self {
        Self { time: Time::default(), origin: Instant::now() }
    }
}

impl Moments {
    pub(super) fn of(clock: impl Clock) -> Self {
        let origin = clock.now();
        Self { time: Time::of(clock), origin }
    }

    pub(super) fn now(&self) -> u64 {
        let now = self.time.here();
        let since = match now.checked_duration_since(self.origin) {
            Some(since) => ORIGIN + since,
            None => ORIGIN.saturating_sub(self.origin - now),
        };
        nanos(since)
    }
}
