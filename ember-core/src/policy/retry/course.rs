//! What a call that failed goes through: the part that is the same whether it waits as a thread or as a future.

use std::time::{Duration, Instant};

use super::Retry;
use super::backoff::Delays;
use super::budget::Withdrawn;
use super::classify::Class;
use crate::observe::{What, emit};
use crate::policy::{Exhausted, PolicyError};
use crate::{Clock, Context, Stopped};

/// How many of the failures before the last are kept whole.
const KEPT: usize = 8;

/// A call of which an attempt has failed.
pub(super) struct Course<'r, E> {
    retry: &'r Retry,
    context: Context,
    deadline: Option<Instant>,
    delays: Delays,
    /// Attempts that were made.
    made: u32,
    /// The failures before the last, as far as they are kept.
    earlier: Vec<PolicyError<E>>,
    omitted: usize,
}

/// What is to be waited for before the next attempt.
pub(super) struct Wait<'r> {
    pub(super) delay: Duration,
    withdrawn: Withdrawn<'r>,
}

impl<'r, E> Course<'r, E> {
    /// In the current context.
    pub(super) fn new(retry: &'r Retry, deadline: Option<Instant>) -> Self {
        let context = Context::current();
        let delays = retry.backoff.delays(retry.dice.roll());
        Self { retry, context, deadline, delays, made: 0, earlier: Vec::new(), omitted: 0 }
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.retry.time.clock(&self.context)
    }

    /// Takes the failure of an attempt, and says what to wait for.
    ///
    /// # Errors
    ///
    /// What the whole call fails with, if there is to be no other attempt.
    pub(super) fn failed(
        &mut self,
        failure: PolicyError<E>,
        classify: &impl Fn(&E) -> Class,
    ) -> Result<Wait<'r>, PolicyError<E>> {
        self.made += 1;
        emit(|| What::AttemptFailed);
        let failure = failure.at_attempt(self.made);
        let class = match failure.operator() {
            Some(failure) => classify(failure),
            // Its load is tried again. The operator has not been called.
            None if failure.is_unavailable() => failure.retry_after().map_or(Class::Retry, Class::RetryAfter),
            None => failure.may_fare_better().into(),
        };
        let at_least = match class {
            Class::Stop if failure.is_stopped() => return Err(self.over(Exhausted::Stopped, failure)),
            Class::Stop => return Err(self.over(Exhausted::Final, failure)),
            Class::Retry => Duration::ZERO,
            Class::RetryAfter(time) => time,
        };
        if self.made >= self.retry.attempts {
            return Err(self.over(Exhausted::Attempts, failure));
        }
        if self.context.is_cancelled() {
            self.keep(failure);
            return Err(self.stopped(Stopped::Cancelled));
        }
        if at_least > self.retry.longest_retry_after {
            return Err(self.over(Exhausted::RetryAfter, failure));
        }
        let delay = self.delays.after(self.made).max(at_least);
        if self.left().is_some_and(|left| left <= delay) {
            return Err(self.over(Exhausted::Deadline, failure));
        }
        let withdrawn = match &self.retry.purse {
            Some(purse) => purse.withdraw(|| self.clock().now()),
            None => Some(Withdrawn::FREE),
        };
        let Some(withdrawn) = withdrawn else { return Err(self.over(Exhausted::Budget, failure)) };
        self.keep(failure);
        emit(|| What::Backoff { delay });
        Ok(Wait { delay, withdrawn })
    }

    /// Ends the wait, and gives the number of the attempt that comes.
    ///
    /// # Errors
    ///
    /// What the whole call fails with, if the context stopped meanwhile.
    pub(super) fn waited(
        &mut self,
        wait: Wait<'_>,
        outcome: Result<(), Stopped>,
    ) -> Result<u32, PolicyError<E>> {
        match outcome {
            Ok(()) => {
                wait.withdrawn.spend();
                Ok(self.made + 1)
            }
            Err(why) => Err(self.stopped(why)),
        }
    }

    /// The time until the next attempt would come too late.
    fn left(&self) -> Option<Duration> {
        let node = self.deadline.map(|deadline| deadline.saturating_duration_since(self.clock().now()));
        [node, self.context.remaining()].into_iter().flatten().min()
    }

    fn keep(&mut self, failure: PolicyError<E>) {
        if self.earlier.len() < KEPT {
            self.earlier.push(failure);
        } else {
            self.omitted += 1;
        }
    }

    fn stopped(&mut self, why: Stopped) -> PolicyError<E> {
        self.over(Exhausted::Stopped, PolicyError::stopped(why).at_attempt(self.made))
    }

    /// A single failure stands for itself, unless there would have been another attempt.
    fn over(&mut self, why: Exhausted, last: PolicyError<E>) -> PolicyError<E> {
        let wanted = match why {
            Exhausted::Attempts => self.retry.attempts > 1,
            Exhausted::Final | Exhausted::Stopped => false,
            _ => true,
        };
        if !wanted && self.earlier.is_empty() {
            return last;
        }
        PolicyError::exhausted(why, last, std::mem::take(&mut self.earlier), self.omitted)
    }
}
