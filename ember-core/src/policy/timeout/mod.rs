//! How long a call may take.
//!
//! A timeout ends the wait for a call, each in its own way:
//!
//! - an `async` operator is dropped ([`Timeout::call_async`]);
//! - a synchronous one that asks its context sees the deadline there ([`Timeout::call`]), and ends by itself;
//! - a synchronous one that owns its arguments is left behind ([`Timeout::call_abandoning`]): it runs on a thread of a
//!   bounded set, and is counted until it ends.
//!
//! A value that comes late is still a value, and is not thrown away: the work is done, and who waits for it has waited. A
//! failure that comes when time is up counts as the timeout's, since that is what makes an operator give up; the failure
//! stands behind it, as its source. Panics and invalid values stay what they are.
//!
//! The time runs from when the call is made, for a future from when it is first polled. Whatever the operator does finds
//! the earlier of the two deadlines, of the timeout and of the run, in [`Context::current`]. Where the run's is the
//! earlier one the timeout has no say: what ends then is the run, by its own error.

mod abandon;
mod future;

#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use abandon::MOST as MOST_ABANDONED;
#[cfg(all(unix, feature = "isolate"))]
pub(crate) use abandon::Meeting;
pub use abandon::{Abandonable, abandoned};
pub use future::TimedCall;

use std::future::Future;
use std::time::Duration;

use super::{Invalid, PolicyError, Span};
use crate::context::Limit;
use crate::observe::{What, emit};

/// The longest timeout.
const MOST: Duration = Duration::from_hours(365 * 24);

/// A limit on the time that a call takes.
///
/// ```
/// use ember_core::policy::{PolicyError, Timeout};
/// use ember_core::{Context, Stopped};
/// use std::time::Duration;
///
/// fn endless(cx: &Context) -> Result<u8, Stopped> {
///     loop {
///         cx.check()?;
///     }
/// }
///
/// let timeout = Timeout::attempt(Duration::from_millis(5))?;
/// let failed = timeout.call(|| endless(&Context::current()).map_err(PolicyError::from)).unwrap_err();
/// assert!(failed.is_timeout());
/// assert_eq!(failed.to_string(), "an attempt took longer than 5ms");
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    span: Span,
    after: Duration,
}

impl Timeout {
    /// For each attempt by itself.
    ///
    /// # Errors
    ///
    /// If the time is zero or longer than 365 days.
    pub fn attempt(after: Duration) -> Result<Self, Invalid> {
        Self::new(Span::Attempt, after)
    }

    /// For a node with all its attempts and what it waits between them.
    ///
    /// # Errors
    ///
    /// If the time is zero or longer than 365 days.
    pub fn node(after: Duration) -> Result<Self, Invalid> {
        Self::new(Span::Node, after)
    }

    /// Of a time that is known to be within bounds.
    pub(in crate::policy) const fn within(span: Span, after: Duration) -> Self {
        Self { span, after }
    }

    fn new(span: Span, after: Duration) -> Result<Self, Invalid> {
        if after.is_zero() || after > MOST {
            let policy = if span == Span::Node { "deadline" } else { "timeout" };
            let must = "more than zero and at most 365 days";
            return Err(Invalid::new(policy, "after", format_args!("{after:?}"), must));
        }
        Ok(Self { span, after })
    }

    /// How long a call may take.
    pub const fn after(&self) -> Duration {
        self.after
    }

    fn timed_out<E>(self) -> PolicyError<E> {
        emit(|| What::TimedOut { after: self.after });
        PolicyError::timed_out(self.span, self.after)
    }

    /// What a call gave, given whether its time has come, and not that of the run around it.
    #[inline(always)]
    fn judge<T, E>(
        self,
        outcome: Result<T, PolicyError<E>>,
        has_come: impl FnOnce() -> bool,
    ) -> Result<T, PolicyError<E>> {
        match outcome {
            Err(failed) if !failed.is_panic() && !failed.is_invalid() && has_come() => {
                emit(|| What::TimedOut { after: self.after });
                Err(PolicyError::timed_out_by(self.span, self.after, failed))
            }
            outcome => outcome,
        }
    }

    /// Calls what asks its context: [`Context::current`](crate::Context::current) has the earlier of this and the run's
    /// deadline. It is made when it is first asked for, so a call that does not ask allocates nothing.
    ///
    /// # Errors
    ///
    /// What `next` fails with, or [`PolicyError::timed_out`] if it fails when time is up.
    pub fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        let mut limit = Limit::new(self.after);
        let outcome = limit.scope(next);
        self.judge(outcome, || limit.has_come(false))
    }

    /// Calls an `async` operator, and drops it when time is up. A value that is there at that moment wins. So does one of
    /// an operator that keeps its thread and so is not dropped: a poll cannot be interrupted.
    ///
    /// The time runs by the context's clock. With a clock that tokio's timers do not go by, and without the feature
    /// `tokio`, it is looked at whenever the call is polled.
    ///
    /// # Errors
    ///
    /// What `next` fails with; [`PolicyError::timed_out`]; or [`PolicyError::stopped`], if the deadline of the context
    /// around it comes first.
    pub fn call_async<T, E, F>(&self, next: F) -> TimedCall<F>
    where
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        TimedCall::new(*self, next)
    }
}
