//! The settings that each policy has.

use std::hash::Hash;
use std::time::Duration;

use super::Table;
use super::raw::Scalar;
use super::time;
#[cfg(feature = "isolate")]
use crate::isolate::IsolationBuilder;
use crate::policy::{
    BatcherBuilder, BreakerBuilder, ConcurrencyBuilder, Invalid, RateBuilder, RetryBuilder, Span, Timeout,
};
#[cfg(feature = "cache")]
use crate::policy::{CacheBuilder, Failures, KeepErrors};

const TIME: &str = "a time such as \"200ms\" or \"2s\"";
const WHOLE: &str = "a whole number";
const NUMBER: &str = "a number";
#[cfg(feature = "isolate")]
const SIZE: &str = "a size such as \"512MiB\"";

/// A policy, or what makes one, whose settings a file may replace.
pub trait Configure: Sized {
    /// The policy's name in a file.
    const POLICY: &'static str;
    /// The names of its settings.
    const SETTINGS: &'static [&'static str];

    /// Replaces a setting.
    ///
    /// # Errors
    ///
    /// What it must be, if it cannot be that.
    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str>;

    /// Whether the settings fit each other.
    ///
    /// # Errors
    ///
    /// If not.
    fn fits(&self) -> Result<(), Invalid>;
}

/// A policy as settings are read: without an operator to apply them to.
pub(super) struct Known {
    pub(super) name: &'static str,
    /// The setting that stands for the whole, `timeout = "2s"`.
    pub(super) short: Option<&'static str>,
    pub(super) settings: &'static [&'static str],
    pub(super) try_one: fn(&str, &Scalar) -> Result<(), &'static str>,
    pub(super) try_all: fn(&Table) -> Result<(), Invalid>,
}

pub(super) fn policies() -> Vec<Known> {
    vec![
        known::<RetryBuilder>(Some("attempts")),
        known::<TimeLimit<false>>(Some("after")),
        known::<TimeLimit<true>>(Some("after")),
        known::<BreakerBuilder>(None),
        known::<ConcurrencyBuilder>(Some("permits")),
        known::<RateBuilder>(None),
        known::<BatcherBuilder<(), (), ()>>(Some("max")),
        #[cfg(feature = "isolate")]
        known::<IsolationBuilder>(None),
        #[cfg(feature = "cache")]
        known::<CacheBuilder<(), (), KeepErrors<()>>>(Some("capacity")),
    ]
}

fn known<C: Configure + Default>(short: Option<&'static str>) -> Known {
    Known {
        name: C::POLICY,
        short,
        settings: C::SETTINGS,
        try_one: |setting, value| C::default().set(setting, value).map(drop),
        try_all: |table| {
            let set = |made: C, (setting, value): (&String, &Scalar)| made.set(setting, value);
            // Each has been tried alone.
            table.iter().try_fold(C::default(), set).map_or(Ok(()), |made| made.fits())
        },
    }
}

/// A [`Timeout`], of an attempt or of a `NODE` with all its attempts.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct TimeLimit<const NODE: bool>(pub(in crate::policy) Timeout);

impl<const NODE: bool> Default for TimeLimit<NODE> {
    fn default() -> Self {
        let span = if NODE { Span::Node } else { Span::Attempt };
        Self(Timeout::within(span, Duration::from_secs(1)))
    }
}

impl<const NODE: bool> Configure for TimeLimit<NODE> {
    const POLICY: &'static str = if NODE { "deadline" } else { "timeout" };
    const SETTINGS: &'static [&'static str] = &["after"];

    fn set(self, _: &str, value: &Scalar) -> Result<Self, &'static str> {
        let after = time(value)?;
        let limit = if NODE { Timeout::node(after) } else { Timeout::attempt(after) };
        limit.map(Self).map_err(|_| "more than zero and at most 365 days")
    }

    fn fits(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl Configure for RetryBuilder {
    const POLICY: &'static str = "retry";
    const SETTINGS: &'static [&'static str] = &[
        "attempts",
        "base",
        "factor",
        "cap",
        "jitter",
        "longest_retry_after",
        "budget",
        "budget_ratio",
        "budget_per_second",
        "budget_burst",
    ];

    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str> {
        Ok(match setting {
            "attempts" => self.attempts(whole(value)?),
            "base" => {
                let base = time(value)?;
                self.map_backoff(|backoff| backoff.base(base))
            }
            "factor" => {
                let factor = number(value)?;
                self.map_backoff(|backoff| backoff.factor(factor))
            }
            "cap" => {
                let cap = time(value)?;
                self.map_backoff(|backoff| backoff.cap(cap))
            }
            "jitter" => {
                let full = full_or_none(value)?;
                self.map_backoff(|backoff| backoff.full_jitter(full))
            }
            "budget" => match value {
                Scalar::Text(text) if text == "none" => self.without_budget(),
                _ => return Err("\"none\"; what it allows for is said by `budget_ratio` and the like"),
            },
            "budget_ratio" => {
                let ratio = number(value)?;
                self.map_budget(|budget| budget.ratio(ratio))
            }
            "budget_per_second" => {
                let retries = whole(value)?;
                self.map_budget(|budget| budget.per_second(retries))
            }
            "budget_burst" => {
                let retries = whole(value)?;
                self.map_budget(|budget| budget.burst(retries))
            }
            _ => self.longest_retry_after(time(value)?),
        })
    }

    fn fits(&self) -> Result<(), Invalid> {
        self.clone().build().map(drop)
    }
}

impl Configure for BreakerBuilder {
    const POLICY: &'static str = "breaker";
    const SETTINGS: &'static [&'static str] = &[
        "failure_rate",
        "slow_call",
        "slow_rate",
        "window",
        "min_calls",
        "open",
        "open_growth",
        "open_at_most",
        "probes",
        "probe_lease",
    ];

    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str> {
        Ok(match setting {
            "failure_rate" => self.failure_rate(number(value)?),
            "slow_call" => {
                let slow = time(value)?;
                self.map_slow(|(_, rate)| (slow, rate))
            }
            "slow_rate" => {
                let rate = number(value)?;
                self.map_slow(|(slow, _)| (slow, rate))
            }
            "window" => match value {
                Scalar::Text(_) => self.window_time(time(value)?),
                _ => self.window(whole(value)?),
            },
            "min_calls" => self.min_calls(whole(value)?),
            "open" => self.open_time(time(value)?),
            "open_growth" => {
                let factor = number(value)?;
                self.map_growth(|(_, most)| (factor, most))
            }
            "open_at_most" => {
                let most = time(value)?;
                self.map_growth(|(factor, _)| (factor, most))
            }
            "probes" => self.probes(whole(value)?),
            _ => self.probe_lease(time(value)?),
        })
    }

    fn fits(&self) -> Result<(), Invalid> {
        self.check()
    }
}

impl Configure for ConcurrencyBuilder {
    const POLICY: &'static str = "concurrency";
    const SETTINGS: &'static [&'static str] = &["permits", "queue", "max_wait"];

    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str> {
        Ok(match setting {
            "permits" => self.permits(whole(value)?),
            "queue" => self.queue(whole(value)?),
            _ => self.max_wait(time(value)?),
        })
    }

    fn fits(&self) -> Result<(), Invalid> {
        self.clone().build().map(drop)
    }
}

impl Configure for RateBuilder {
    const POLICY: &'static str = "rate";
    const SETTINGS: &'static [&'static str] = &["calls", "per", "burst", "queue", "max_wait"];

    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str> {
        Ok(match setting {
            "calls" => self.calls(whole(value)?),
            "per" => self.per(time(value)?),
            "burst" => self.burst(whole(value)?),
            "queue" => self.queue(whole(value)?),
            _ => self.max_wait(time(value)?),
        })
    }

    fn fits(&self) -> Result<(), Invalid> {
        self.clone().build().map(drop)
    }
}

#[cfg(feature = "cache")]
impl<K, V, F: Failures> Configure for CacheBuilder<K, V, F> {
    const POLICY: &'static str = "cache";
    const SETTINGS: &'static [&'static str] = &["capacity", "ttl", "tti", "errors"];

    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str> {
        Ok(match setting {
            "capacity" => self.capacity(whole(value)?),
            "ttl" => self.time_to_live(time(value)?),
            "errors" => {
                let none = "left out, as the attribute says nothing of it: `cache(errors = ..)`";
                self.errors_for(time(value)?).ok_or(none)?
            }
            _ => self.time_to_idle(time(value)?),
        })
    }

    fn fits(&self) -> Result<(), Invalid> {
        self.check()
    }
}

impl<I, O, E, K: Hash + Eq + Clone> Configure for BatcherBuilder<I, O, E, K> {
    const POLICY: &'static str = "batch";
    const SETTINGS: &'static [&'static str] = &["max", "wait", "in_flight", "queue"];

    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str> {
        Ok(match setting {
            "max" => self.max(whole(value)?),
            "wait" => match value {
                Scalar::Text(text) if text == "0" => self.wait(Duration::ZERO),
                _ => self.wait(time(value)?),
            },
            "in_flight" => self.in_flight(whole(value)?),
            _ => self.queue(whole(value)?),
        })
    }

    fn fits(&self) -> Result<(), Invalid> {
        self.clone().build().map(drop)
    }
}

#[cfg(feature = "isolate")]
impl Configure for IsolationBuilder {
    const POLICY: &'static str = "isolate";
    const SETTINGS: &'static [&'static str] =
        &["memory", "cpu", "timeout", "workers", "queue", "calls", "age", "max_message", "start"];

    fn set(self, setting: &str, value: &Scalar) -> Result<Self, &'static str> {
        Ok(match setting {
            "memory" => self.memory(size(value)?),
            "cpu" => self.cpu(time(value)?),
            "timeout" => self.timeout(time(value)?),
            "workers" => self.workers(whole(value)?),
            "queue" => self.queue(whole(value)?),
            "calls" => self.calls(whole(value)?),
            "age" => self.age(time(value)?),
            "max_message" => self.max_message(size(value)?.try_into().map_err(|_| SIZE)?),
            _ => self.start(time(value)?),
        })
    }

    fn fits(&self) -> Result<(), Invalid> {
        self.clone().build().map(drop)
    }
}

fn time(value: &Scalar) -> Result<Duration, &'static str> {
    let Scalar::Text(text) = value else { return Err(TIME) };
    time::time(text).ok_or(TIME)
}

fn full_or_none(value: &Scalar) -> Result<bool, &'static str> {
    match value {
        Scalar::Text(text) if text == "full" => Ok(true),
        Scalar::Text(text) if text == "none" => Ok(false),
        _ => Err("\"full\" or \"none\""),
    }
}

fn whole<N: TryFrom<u64>>(value: &Scalar) -> Result<N, &'static str> {
    let Scalar::Whole(value) = value else { return Err(WHOLE) };
    N::try_from(*value).map_err(|_| "a smaller number")
}

/// `"512MiB"`, as attributes write it.
#[cfg(feature = "isolate")]
fn size(value: &Scalar) -> Result<u64, &'static str> {
    let Scalar::Text(text) = value else { return Err(SIZE) };
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let of = |(unit, shift)| Some((text.strip_suffix(unit)?.trim_end(), shift));
    let (number, shift) = units.into_iter().find_map(of).ok_or(SIZE)?;
    let number: u64 = number.replace('_', "").parse().map_err(|_| SIZE)?;
    number.checked_mul(1 << shift).ok_or(SIZE)
}

fn number(value: &Scalar) -> Result<f64, &'static str> {
    match value {
        Scalar::Number(value) => Ok(*value),
        #[expect(clippy::cast_precision_loss, reason = "numbers of such a size are refused")]
        Scalar::Whole(value) => Ok(*value as f64),
        Scalar::Bool(_) | Scalar::Text(_) => Err(NUMBER),
    }
}
