//! How long a retry waits between two attempts.

use std::time::Duration;

use fastrand::Rng;

use crate::policy::Invalid;
use crate::sync::nanos;

#[cfg(all(test, not(loom)))]
mod tests;

/// The longest delay that can be set.
const LONGEST: Duration = Duration::from_hours(24);
/// The longest delay unless it is set.
const CAP: Duration = Duration::from_secs(30);
const BASE: Duration = Duration::from_millis(100);
const FACTOR: f64 = 2.0;
const LARGEST_FACTOR: f64 = 1000.0;

/// How long a retry waits between two attempts.
///
/// | | the delay after `n` failed attempts | with full jitter |
/// |---|---|---|
/// | [`constant`](Backoff::constant) | `delay` | if asked for |
/// | [`exponential`](Backoff::exponential) | `base * factor^(n - 1)`, at most `cap` | unless turned off |
/// | [`decorrelated`](Backoff::decorrelated) | between `base` and three times the delay before, at most `cap` | is random itself |
///
/// Full jitter draws a delay from zero up to the one in the table, each nanosecond as likely as the others. So callers
/// that failed together do not come back together. No delay is ever longer than the cap, after however many attempts.
/// The default is exponential: 100 ms, doubled each time up to 30 s, with full jitter.
///
/// The source of full and of decorrelated jitter is M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015.
///
/// ```
/// use ember_core::policy::{Backoff, Retry};
/// use std::time::Duration;
///
/// let backoff = Backoff::exponential(Duration::from_millis(50)).factor(3.0).cap(Duration::from_secs(5));
/// assert!(Retry::builder().backoff(backoff).build().is_ok());
///
/// let shrinks = backoff.factor(0.5);
/// assert!(Retry::builder().backoff(shrinks).build().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    growth: Growth,
    base: Duration,
    factor: Option<f64>,
    cap: Option<Duration>,
    full_jitter: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    Constant,
    Exponential,
    Decorrelated,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::exponential(BASE)
    }
}

impl Backoff {
    const fn new(growth: Growth, base: Duration) -> Self {
        Self { growth, base, factor: None, cap: None, full_jitter: None }
    }

    /// The same delay each time, at most a day. Zero tries again at once.
    pub const fn constant(delay: Duration) -> Self {
        Self::new(Growth::Constant, delay)
    }

    /// A delay that grows by a [`factor`](Backoff::factor) from attempt to attempt. It begins with `base`, which is more
    /// than zero and no more than the [`cap`](Backoff::cap).
    pub const fn exponential(base: Duration) -> Self {
        Self::new(Growth::Exponential, base)
    }

    /// A random delay between `base` and three times the one before. `base` is more than zero and no more than the
    /// [`cap`](Backoff::cap).
    pub const fn decorrelated(base: Duration) -> Self {
        Self::new(Growth::Decorrelated, base)
    }

    /// The same with another first delay.
    #[cfg(feature = "settings")]
    #[must_use]
    pub(in crate::policy) const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// By what an exponential delay grows: from 1 to 1000, by default 2. Other delays have none.
    #[must_use]
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = Some(factor);
        self
    }

    /// The longest delay: at most a day, by default 30 s. A constant delay has none.
    #[must_use]
    pub const fn cap(mut self, longest: Duration) -> Self {
        self.cap = Some(longest);
        self
    }

    /// Whether delays are drawn from zero up to what they would be. By default exponential ones are and constant ones are
    /// not. Decorrelated ones are random in their own way.
    #[must_use]
    pub const fn full_jitter(mut self, full: bool) -> Self {
        self.full_jitter = Some(full);
        self
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let refused = |setting, value: &dyn std::fmt::Debug, must| {
            Err(Invalid::new("retry", setting, format_args!("{value:?}"), must))
        };
        match self.cap {
            Some(cap) if self.growth == Growth::Constant => {
                return refused("cap", &cap, "left out where the delay is constant");
            }
            Some(cap) if cap > LONGEST => return refused("cap", &cap, "a day at most"),
            _ => {}
        }
        match self.factor {
            Some(factor) if self.growth != Growth::Exponential => {
                return refused("factor", &factor, "left out unless the delay is exponential");
            }
            Some(factor) if !(1.0..=LARGEST_FACTOR).contains(&factor) => {
                return refused("factor", &factor, "between 1 and 1000");
            }
            _ => {}
        }
        if let (Growth::Decorrelated, Some(full)) = (self.growth, self.full_jitter) {
            return refused("full_jitter", &full, "left out where the delay is decorrelated");
        }
        match self.growth {
            Growth::Constant if self.base > LONGEST => refused("delay", &self.base, "a day at most"),
            Growth::Constant => Ok(()),
            _ if self.base.is_zero() => refused("base", &self.base, "more than zero"),
            _ if self.base > self.longest() => refused("base", &self.base, "no more than the cap"),
            _ => Ok(()),
        }
    }

    fn longest(&self) -> Duration {
        match self.growth {
            Growth::Constant => self.base,
            _ => self.cap.unwrap_or(CAP),
        }
    }

    /// The delays of one call.
    pub(crate) fn delays(self, rng: Rng) -> Delays {
        Delays { backoff: self, rng, before: self.base }
    }

    /// What the delay would be after so many failed attempts, without jitter.
    fn grown(&self, failed: u32) -> Duration {
        let factor = match self.growth {
            Growth::Exponential => self.factor.unwrap_or(FACTOR),
            Growth::Constant | Growth::Decorrelated => 1.0,
        };
        // Too large a power is infinite, and nothing here is negative or no number.
        let grown = self.base.as_secs_f64() * factor.powf(f64::from(failed.saturating_sub(1)));
        let longest = self.longest();
        if grown < longest.as_secs_f64() { Duration::from_secs_f64(grown).min(longest) } else { longest }
    }
}

/// The delays of one call.
pub(crate) struct Delays {
    backoff: Backoff,
    rng: Rng,
    /// The last one, if they depend on it.
    before: Duration,
}

impl Delays {
    /// The delay after so many failed attempts.
    pub(crate) fn after(&mut self, failed: u32) -> Duration {
        let Backoff { growth, base, full_jitter, .. } = self.backoff;
        let between = |rng: &mut Rng, from, to| Duration::from_nanos(rng.u64(nanos(from)..=nanos(to)));
        match growth {
            Growth::Decorrelated => {
                let most = self.before.saturating_mul(3).min(self.backoff.longest());
                self.before = between(&mut self.rng, base, most);
                self.before
            }
            _ if full_jitter.unwrap_or(growth == Growth::Exponential) => {
                between(&mut self.rng, Duration::ZERO, self.backoff.grown(failed))
            }
            _ => self.backoff.grown(failed),
        }
    }
}
