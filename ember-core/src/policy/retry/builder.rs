//! The settings of a retry.

use std::time::Duration;

use super::Retry;
use super::backoff::Backoff;
use super::budget::{Budget, Purse};
use super::dice::Dice;
use crate::Clock;
use crate::policy::Invalid;
use crate::policy::time::Time;

const MOST_ATTEMPTS: u32 = 10_000;
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// The settings of a [`Retry`].
#[derive(Clone)]
pub struct RetryBuilder {
    attempts: u32,
    backoff: Backoff,
    budget: Option<Budget>,
    longest_retry_after: Duration,
    seed: Option<u64>,
    time: Time,
}

impl std::fmt::Debug for RetryBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RetryBuilder")
            .field("attempts", &self.attempts)
            .field("backoff", &self.backoff)
            .field("budget", &self.budget)
            .field("longest_retry_after", &self.longest_retry_after)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl Default for RetryBuilder {
    /// Three attempts; the defaults of [`Backoff`] and [`Budget`]; no wait of more than a minute that a failure asks for.
    fn default() -> Self {
        Self {
            attempts: 3,
            backoff: Backoff::default(),
            budget: Some(Budget::default()),
            longest_retry_after: Duration::from_mins(1),
            seed: None,
            time: Time::default(),
        }
    }
}

impl RetryBuilder {
    #[cfg(feature = "settings")]
    pub(in crate::policy) fn map_backoff(mut self, change: impl FnOnce(Backoff) -> Backoff) -> Self {
        self.backoff = change(self.backoff);
        self
    }

    #[cfg(feature = "settings")]
    pub(in crate::policy) fn map_budget(mut self, change: impl FnOnce(Budget) -> Budget) -> Self {
        self.budget = Some(change(self.budget.unwrap_or_default()));
        self
    }

    /// How often the call is made in all, the first time included: from 1, which is no retry, to 10 000. By default 3.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// How long to wait between two attempts. By default 100 ms, doubled each time up to 30 s, with full jitter.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How many retries all calls may make together. By default one for five calls that succeed, and ten a second.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Lets every call make all its attempts, however many calls fail.
    #[must_use]
    pub fn without_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// The longest wait that a failure may ask for ([`Class::RetryAfter`](super::Class::RetryAfter)): at most a day, by
    /// default 60 s. It may be longer than the backoff's cap, which bounds the delays of the backoff only. If a failure
    /// asks for more, the call gives up at once, for to come earlier would be to come in vain.
    #[must_use]
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest_retry_after = longest;
        self
    }

    /// Makes the random delays repeatable. By default they are different for each retry that is built.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Where the time comes from. By default from the context's clock. `async` calls wait by tokio's timers, whatever the
    /// clock says.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.time = Time::of(clock);
        self
    }

    /// The retry.
    ///
    /// # Errors
    /// If a setting is out of its bounds.
    pub fn build(self) -> Result<Retry, Invalid> {
        if !(1..=MOST_ATTEMPTS).contains(&self.attempts) {
            return Err(Invalid::new("retry", "attempts", self.attempts, "between 1 and 10000"));
        }
        self.backoff.check()?;
        if let Some(budget) = self.budget {
            budget.check()?;
        }
        if self.longest_retry_after > LONGEST_RETRY_AFTER {
            let longest = format_args!("{:?}", self.longest_retry_after);
            return Err(Invalid::new("retry", "longest_retry_after", longest, "a day at most"));
        }
        Ok(Retry {
            attempts: self.attempts,
            backoff: self.backoff,
            purse: self.budget.map(Purse::new),
            longest_retry_after: self.longest_retry_after,
            dice: Dice::new(self.seed),
            time: self.time,
        })
    }
}
