//! Where a context gets the time from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells the time to a context, so that tests of deadlines need not sleep.
///
/// Time must not go backwards: a deadline that has passed stays passed.
pub trait Clock: Send + Sync + 'static {
    /// The current moment.
    fn now(&self) -> Instant;

    /// Whether tokio's timers go by this clock, so that a run can be woken at its deadline. Of other clocks the
    /// deadline is looked at whenever a node goes on.
    fn has_timers(&self) -> bool {
        false
    }
}

/// The system's monotonic clock, the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn has_timers(&self) -> bool {
        true
    }
}

/// A clock that stands still until it is told to go on. Clones show the same time.
///
/// ```
/// use std::time::Duration;
/// use ember_core::{Context, ManualClock, Stopped};
///
/// let clock = ManualClock::new();
/// let cx = Context::builder().clock(clock.clone()).timeout(Duration::from_secs(2)).build();
///
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(cx.remaining(), Some(Duration::from_secs(1)));
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(cx.check(), Err(Stopped::DeadlineExceeded));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<Instant>>);

impl ManualClock {
    /// A clock that shows the moment of its making.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// Moves the clock on, for all its clones.
    ///
    /// # Panics
    /// If the time is beyond what an [`Instant`] holds.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).expect("a manual clock cannot go beyond the end of `Instant`");
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
