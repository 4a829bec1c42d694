//! What a policy says in an operator's place.

use std::fmt;
use std::time::Duration;

use super::BoxedError;
use crate::policy::{self, IsolationError, Span};
use crate::resource::LoadError;
use crate::rounded::Rounded;

/// Why a policy gave no value.
pub(crate) enum Refused {
    /// With the failure that the operator had by then.
    TimedOut(Span, Duration, Option<BoxedError>),
    Open(Option<Duration>),
    /// The limit, when to come back, and why the call could not even wait.
    Full(&'static str, Option<Duration>, Option<policy::Refused>),
    Invalid(BoxedError),
    Isolated(IsolationError),
    Unavailable(LoadError),
}

impl Refused {
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Open(time) | Self::Full(_, time, _) => *time,
            Self::Unavailable(why) => why.retry_after(),
            Self::TimedOut(..) | Self::Invalid(_) | Self::Isolated(_) => None,
        }
    }
}

/// Goes on behind the name of the node.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(span, after, _) => {
                let which = if *span == Span::Attempt { " in one attempt" } else { "" };
                write!(f, "took longer than {}{which}", Rounded(*after))?;
            }
            Self::Open(_) => f.write_str("was turned away: the circuit breaker is open")?,
            Self::Full(limit, _, why) => {
                write!(f, "was turned away: the {limit} limit is reached")?;
                if let Some(why) = why {
                    write!(f, ": {why}")?;
                }
            }
            Self::Invalid(_) => f.write_str("has a value that is not valid")?,
            Self::Isolated(_) => f.write_str("failed in a process of its own")?,
            // The resource and its backoff are told by what stands behind.
            Self::Unavailable(_) => return f.write_str("lacks a resource"),
        }
        match self.retry_after() {
            Some(time) => write!(f, "; try again in {}", Rounded(time)),
            None => Ok(()),
        }
    }
}
