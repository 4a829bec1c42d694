//! Calls that failed are made again.
//!
//! In reading order: `classify` says which failures are worth it, `backoff` how long to wait, `budget` how many retries
//! all calls may make together. `course` puts them together.

use std::fmt;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use self::budget::Purse;
use self::course::Course;
use self::dice::Dice;
use super::PolicyError;
use super::time::Time;
use super::wait::Timers;
use super::wait::moment::pause;

mod backoff;
mod budget;
mod builder;
mod classify;
mod course;
mod dice;
mod future;

pub use backoff::Backoff;
pub(crate) use backoff::Delays;
pub use budget::Budget;
pub use builder::RetryBuilder;
pub use classify::{Class, Pick, PickAny, PickRetryable, Retryable};
pub use future::Attempts;
pub(in crate::policy) use future::{Next, TellsLast};

#[cfg(all(test, not(loom)))]
mod tests;

/// Makes a call again if it fails, up to so many times.
///
/// # Which failures
///
/// Of the operator's own failures, those that the caller's function puts in a [`Class`] that is tried again. An attempt
/// that took longer than its timeout is tried again. What an open breaker or a limit turned away is not, nor is what is
/// not valid, panicked, or was stopped with its run.
///
/// # When it gives up
///
/// After the last attempt ([`Exhausted::Attempts`](super::Exhausted)); at once where the next attempt would begin at the
/// deadline or later (`Deadline`), where the budget that all calls share is spent (`Budget`), where the failure asks for
/// a longer wait than is set (`RetryAfter`), and where the last failure is not to be tried again (`Final`) or the run was
/// stopped (`Stopped`). The error keeps the first eight failures and the last; a single one stands for itself, unless
/// another attempt was wanted.
///
/// # While it waits
///
/// nothing of the call is held. A thread waits by the retry's clock, and may do other work of its run or of the pool
/// meanwhile; where that takes longer than the delay, the next attempt begins later. A future waits by tokio's timers.
/// Both end at once when the context is cancelled, and give back what the retry would have cost.
///
/// ```
/// use ember_core::policy::{Class, Retry};
/// # use ember_core::policy::Backoff;
///
/// let retry = Retry::builder().attempts(3)
/// #   .backoff(Backoff::constant(std::time::Duration::ZERO))
///     .build()?;
/// let answer = retry.call(
///     |attempt| if attempt < 3 { Err("busy".into()) } else { Ok(attempt) },
///     |failure| if *failure == "busy" { Class::Retry } else { Class::Stop },
/// );
/// assert_eq!(answer.ok(), Some(3));
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
pub struct Retry {
    attempts: u32,
    backoff: Backoff,
    purse: Option<Purse>,
    longest_retry_after: Duration,
    dice: Dice,
    time: Time,
}

// What changes in it does so through atomics, and a clock is used through `&` alone.
impl UnwindSafe for Retry {}
impl RefUnwindSafe for Retry {}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("attempts", &self.attempts)
            .field("backoff", &self.backoff)
            .field("longest_retry_after", &self.longest_retry_after)
            .finish_non_exhaustive()
    }
}

impl Retry {
    /// Begins with the defaults.
    pub fn builder() -> RetryBuilder {
        RetryBuilder::default()
    }

    /// How many attempts a call has at most.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Calls until an attempt is good, or no other is to be made. `next` is told the number of the attempt, from one.
    ///
    /// # Errors
    /// What the last attempt failed with, and those before.
    #[inline]
    pub fn call<T, E>(
        &self,
        next: impl FnMut(u32) -> Result<T, PolicyError<E>>,
        classify: impl Fn(&E) -> Class,
    ) -> Result<T, PolicyError<E>> {
        self.before(None).call(next, classify)
    }

    /// The same for `async` calls.
    ///
    /// # Errors
    /// What the last attempt failed with, and those before.
    ///
    /// # Panics
    /// If it has to wait outside of a tokio runtime.
    #[inline]
    pub fn call_async<T, E, N, K, F>(&self, next: N, classify: K) -> Attempts<'_, N, K, F, E>
    where
        N: FnMut(u32) -> F,
        K: Fn(&E) -> Class,
        F: Future<Output = Result<T, PolicyError<E>>>,
        for<'never> (): Timers<'never>,
    {
        self.before(None).call_async(next, classify)
    }

    /// For calls that have a deadline of their own, by the retry's clock, besides that of the context.
    #[inline]
    pub fn before(&self, deadline: impl Into<Option<Instant>>) -> Before<'_> {
        Before { retry: self, deadline: deadline.into() }
    }

    /// Its parameters are few and small, as they are made ready for it before it is known whether it is called.
    #[cold]
    #[inline(never)]
    fn call_again<T, E>(
        &self,
        deadline: Option<Instant>,
        mut failure: PolicyError<E>,
        mut next: impl FnMut(u32, u32) -> Result<T, PolicyError<E>>,
        classify: impl Fn(&E) -> Class,
    ) -> Result<T, PolicyError<E>> {
        let mut course = Course::new(self, deadline);
        loop {
            let wait = course.failed(failure, &classify)?;
            let clock = course.clock();
            let now = clock.now();
            // At the end of what an `Instant` holds there is nothing to wait for.
            let until = now.checked_add(wait.delay).unwrap_or(now);
            let outcome = pause(until, clock, course.context());
            match next(course.waited(wait, outcome)?, self.attempts) {
                Ok(output) => return Ok(output),
                Err(next) => failure = next,
            }
        }
    }

    #[inline(always)]
    fn succeeded(&self) {
        if let Some(purse) = &self.purse {
            purse.succeeded();
        }
    }
}

/// A [`Retry`] with a deadline.
#[derive(Clone, Copy, Debug)]
pub struct Before<'r> {
    retry: &'r Retry,
    deadline: Option<Instant>,
}

impl<'r> Before<'r> {
    /// As [`Retry::call`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn call<T, E>(
        self,
        mut next: impl FnMut(u32) -> Result<T, PolicyError<E>>,
        classify: impl Fn(&E) -> Class,
    ) -> Result<T, PolicyError<E>> {
        self.call_each(|attempt, _| next(attempt), classify)
    }

    /// The same of what is also told how many attempts there are at most.
    #[inline(always)]
    pub(in crate::policy) fn call_each<T, E>(
        self,
        mut next: impl FnMut(u32, u32) -> Result<T, PolicyError<E>>,
        classify: impl Fn(&E) -> Class,
    ) -> Result<T, PolicyError<E>> {
        let Self { retry, deadline } = self;
        let output = match next(1, retry.attempts) {
            Ok(output) => output,
            Err(failure) => retry.call_again(deadline, failure, next, classify)?,
        };
        retry.succeeded();
        Ok(output)
    }
    /// As [`Retry::call_async`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub const fn call_async<T, E, N, K, F>(self, next: N, classify: K) -> Attempts<'r, N, K, F, E>
    where
        N: FnMut(u32) -> F,
        K: Fn(&E) -> Class,
        F: Future<Output = Result<T, PolicyError<E>>>,
        for<'never> (): Timers<'never>,
    {
        Attempts::new(self, next, classify)
    }

    fn course<E>(self) -> Course<'r, E> {
        Course::new(self.retry, self.deadline)
    }
}
