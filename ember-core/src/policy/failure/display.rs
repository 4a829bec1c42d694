//! What a policy's error says of itself, and what stands behind it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::{Exhausted, Kind, PolicyError, Refusal, Span};
use crate::rounded::Rounded;

impl<E: fmt::Display> fmt::Display for PolicyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refusal = match &self.kind {
            Kind::Operator(failure) => return failure.fmt(f),
            Kind::Refusal(refusal) => &**refusal,
        };
        match refusal {
            Refusal::TimedOut { span: Span::Attempt, after, .. } => {
                write!(f, "an attempt took longer than {}", Rounded(*after))
            }
            Refusal::TimedOut { span: Span::Node, after, .. } => {
                write!(f, "took longer than {}", Rounded(*after))
            }
            Refusal::Open { retry_after } => {
                f.write_str("the circuit breaker is open")?;
                later(*retry_after, f)
            }
            Refusal::Full { limit, why: Some(why), .. } => write!(f, "the {limit} limit is reached: {why}"),
            Refusal::Full { limit, retry_after, why: None } => {
                write!(f, "the {limit} limit is reached")?;
                later(*retry_after, f)
            }
            Refusal::Stopped(why) => why.fmt(f),
            Refusal::Exhausted { why, last, .. } => {
                let attempts = last.attempt;
                let s = if attempts == 1 { "" } else { "s" };
                match why {
                    Exhausted::Attempts => write!(f, "failed after {attempts} attempt{s}"),
                    Exhausted::Budget => {
                        write!(f, "failed after {attempts} attempt{s}, as the retry budget is spent")
                    }
                    Exhausted::Deadline => {
                        write!(f, "failed after {attempts} attempt{s}, as the deadline is near")
                    }
                    Exhausted::RetryAfter => {
                        write!(
                            f,
                            "failed after {attempts} attempt{s}, as the next would have to be much later"
                        )
                    }
                    Exhausted::Final => {
                        write!(f, "failed after {attempts} attempt{s}, as the last failure is final")
                    }
                    Exhausted::Stopped => write!(f, "stopped after {attempts} attempt{s}"),
                }
            }
            Refusal::Invalid(_) => f.write_str("a value is not valid"),
            Refusal::Unavailable(why) => why.fmt(f),
            Refusal::Panicked(payload) => match payload.text() {
                Some(text) => write!(f, "panicked: {text}"),
                None => f.write_str("panicked"),
            },
            Refusal::Isolated(_) => f.write_str("failed in a process of its own"),
            Refusal::FellThrough { first, .. } => {
                write!(f, "{first}; the fallback failed too")
            }
        }
    }
}

fn later(retry_after: Option<Duration>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match retry_after {
        Some(time) => write!(f, "; try again in {}", Rounded(time)),
        None => Ok(()),
    }
}

impl<E: fmt::Debug> fmt::Debug for PolicyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("PolicyError");
        debug.field("attempt", &self.attempt).field("from_inside", &self.from_inside);
        match &self.kind {
            Kind::Operator(failure) => debug.field("operator", failure),
            Kind::Refusal(refusal) => match &**refusal {
                Refusal::TimedOut { span, after, failure } => {
                    debug.field("timed_out", &(span, after)).field("failure", failure)
                }
                Refusal::Open { retry_after } => debug.field("open", retry_after),
                Refusal::Full { limit, retry_after, why } => debug.field("full", &(limit, retry_after, why)),
                Refusal::Stopped(why) => debug.field("stopped", why),
                Refusal::Exhausted { why, last, earlier, omitted } => debug
                    .field("exhausted", why)
                    .field("last", last)
                    .field("earlier", earlier)
                    .field("omitted", omitted),
                Refusal::Invalid(report) => debug.field("invalid", report),
                Refusal::Unavailable(why) => debug.field("unavailable", why),
                Refusal::Panicked(payload) => debug.field("panicked", &payload.text()),
                Refusal::Isolated(why) => debug.field("isolated", why),
                Refusal::FellThrough { first, fallback } => {
                    debug.field("first", first).field("fallback", fallback)
                }
            },
        };
        debug.finish()
    }
}

impl<E: StdError + 'static> StdError for PolicyError<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Operator(failure) => failure.source(),
            Kind::Refusal(refusal) => match &**refusal {
                Refusal::Stopped(why) => Some(why),
                Refusal::Exhausted { last: behind, .. } | Refusal::TimedOut { failure: Some(behind), .. } => {
                    match &behind.kind {
                        Kind::Operator(failure) => Some(failure),
                        Kind::Refusal(_) => Some(behind),
                    }
                }
                Refusal::Invalid(report) => Some(&**report),
                Refusal::Isolated(why) => Some(why),
                Refusal::Unavailable(why) => Some(why),
                Refusal::FellThrough { fallback, .. } => Some(fallback),
                _ => None,
            },
        }
    }
}
