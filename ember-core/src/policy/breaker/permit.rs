//! Leave to make a call.

use std::time::{Duration, Instant};

use super::{Breaker, Leave, Verdict};

/// Leave to make one call, and the place to tell what has come of it.
///
/// Dropped without a word, the call counts for neither side, as of a future that was dropped; if the thread panics
/// meanwhile, it has failed.
///
/// ```
/// use ember_core::policy::{Breaker, Verdict};
/// use std::time::Duration;
///
/// let breaker = Breaker::builder().slow_rate(Duration::from_secs(1), 0.5).build()?;
/// match breaker.acquire() {
///     Ok(permit) => permit.record(Verdict::Success, Duration::from_millis(1200)),
///     Err(retry_after) => panic!("not before {retry_after:?}"),
/// }
/// assert_eq!((breaker.counts().calls, breaker.counts().slow), (1, 1));
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
#[must_use = "a permit that is dropped at once tells the breaker nothing"]
pub struct Permit<'b> {
    breaker: &'b Breaker,
    leave: Leave,
    /// If it matters how long the call takes.
    began: Option<Instant>,
    lost: Lost,
}

/// What it means that a permit is dropped without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The call has panicked.
    Panicked,
    /// The call was dropped.
    Dropped,
    /// It has panicked if the thread is panicking, which it was not before.
    Unknown,
    /// There was a word.
    Settled,
}

impl<'b> Permit<'b> {
    #[inline]
    pub(super) fn new(breaker: &'b Breaker, leave: Leave, began: Option<Instant>) -> Self {
        let lost = if std::thread::panicking() { Lost::Dropped } else { Lost::Unknown };
        Self { breaker, leave, began, lost }
    }

    /// Says what it means if it is dropped from here on.
    #[inline]
    pub(super) const fn if_lost(&mut self, means: Lost) {
        self.lost = means;
    }

    /// Whether the call is one of those that show whether the operator has recovered.
    pub const fn is_probe(&self) -> bool {
        self.leave.probe.is_some()
    }

    /// Tells how the call ended. It took the time since the permit was given.
    #[inline]
    pub fn settle(mut self, verdict: Verdict) {
        self.end(verdict, None);
    }

    /// Tells how the call ended, and how long it took.
    #[inline]
    pub fn record(mut self, verdict: Verdict, took: Duration) {
        self.end(verdict, Some(took));
    }

    #[inline]
    fn end(&mut self, verdict: Verdict, took: Option<Duration>) {
        self.lost = Lost::Settled;
        let Self { breaker, leave, began, .. } = *self;
        if leave.probe.is_none() && verdict == Verdict::Neither {
            return;
        }
        // To ask costs as much as the rest of what happens for a call.
        let now = (began.is_some() || breaker.settings.by_time).then(|| breaker.now());
        let measured = now.zip(began).map(|(now, began)| now.saturating_duration_since(began));
        breaker.settle(leave, verdict, took.or(measured), now);
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.lost != Lost::Settled {
            let panicked = match self.lost {
                Lost::Unknown => std::thread::panicking(),
                lost => lost == Lost::Panicked,
            };
            self.end(if panicked { Verdict::Failure } else { Verdict::Neither }, None);
        }
    }
}

impl std::fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit").field("is_probe", &self.is_probe()).finish_non_exhaustive()
    }
}
