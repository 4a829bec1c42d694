//! What can be seen of a breaker from outside.

use std::time::Duration;

use crate::Context;
use crate::policy::PolicyError;

/// What state a breaker is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BreakerState {
    /// All calls go through.
    Closed,
    /// No call goes through. When the time is zero, the next one will be a probe.
    Open {
        /// How long there will be no call.
        retry_after: Duration,
    },
    /// Some calls go through, to see how they fare.
    HalfOpen,
    /// [`Breaker::force_open`](super::Breaker::force_open) was called.
    ForcedOpen,
    /// [`Breaker::force_closed`](super::Breaker::force_closed) was called.
    ForcedClosed,
}

/// That a breaker has changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The state before.
    pub from: BreakerState,
    /// The state from here on.
    pub to: BreakerState,
}

/// What a breaker has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerCounts {
    /// The calls in the window.
    pub calls: u32,
    /// Those of them that failed.
    pub failures: u32,
    /// Those of them that were slow.
    pub slow: u32,
    /// The calls that were turned away since the breaker was made.
    pub rejected: u64,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Well.
    Success,
    /// In a way that tells of the operator's state.
    Failure,
    /// In a way that tells nothing of it.
    Neither,
}

impl Verdict {
    /// What an outcome says: failures, timeouts and panics are the operator's; calls that were turned away, invalid values, and
    /// whatever fails in a run that was cancelled, tell nothing of it. Behind an attribute the same holds of an operator
    /// that fails with the [`Error`](crate::Error) of a graph which such a thing happened to.
    pub fn of<T, E>(outcome: &Result<T, PolicyError<E>>) -> Self {
        match outcome {
            Ok(_) => Self::Success,
            Err(failed) if failed.tells_nothing() => Self::Neither,
            Err(_) if Context::__with(Context::is_cancelled) => Self::Neither,
            Err(_) => Self::Failure,
        }
    }
}
