//! The clock of a cache.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Clock, Context};

/// The clock that a cache was given, else that of the context of each call.
///
/// Moments are nanoseconds since some time before the cache was made: so contexts whose clocks are behind
/// are understood too.
#[derive(Clone)]
pub(super) struct Time {
    clock: Option<Arc<dyn Clock>>,
    /// A moment, and the nanoseconds that stand for it.
    origin: Instant,
}

/// What stands for the origin: three years, so that clocks may be behind it.
const ORIGIN: Duration = Duration::from_secs(3 * 365 * 24 * 60 * 60);

impl Default for Time {
    fn default() -> Self {
        Self { clock: None, origin: Instant::now() }
    }
}

impl Time {
    pub(super) fn of(clock: impl Clock) -> Self {
        let origin = clock.now();
        Self { clock: Some(Arc::new(clock)), origin }
    }

    pub(super) fn now(&self) -> u64 {
        let now = match &self.clock {
            Some(clock) => clock.now(),
            None => Context::__with(Context::now),
        };
        let since = match now.checked_duration_since(self.origin) {
            Some(since) => ORIGIN + since,
            None => ORIGIN.saturating_sub(self.origin - now),
        };
        nanos(since)
    }
}

/// As many as fit, which is 584 years.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
