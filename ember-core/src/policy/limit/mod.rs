//! Limits: how many calls run at once, how many start in a time, and how much memory they hold.
//!
//! [`Concurrency`] hands out permits, [`Rate`] moments, [`MemoryBudget`] bytes. All make a call wait for its turn, in the order in which calls
//! came, and turn it away when too many wait already or its turn would come too late. A call that waits can be given
//! up: by dropping its future, by cancelling its [`Context`](crate::Context), or by the deadline of that.
//!
//! In reading order: `concurrency` and `line` count permits and keep the line, `rate` and `slots` keep the timetable, `memory`,
//! `weighed` and `weights` share an amount; `behind` is the future of a call behind a limit.

mod behind;
mod concurrency;
mod line;
mod memory;
mod rate;
mod slots;
mod weighed;
mod weights;

#[cfg(test)]
mod tests;

pub use self::concurrency::{Acquire, Concurrency, ConcurrencyBuilder, ConcurrencyPermit};
pub use self::memory::{Admission, MemoryBudget, MemoryBudgetBuilder};
pub use self::rate::{Pace, Rate, RateBuilder};

use std::time::Duration;

use thiserror::Error;

use super::{Idle, PolicyError};
use crate::{Context, Stopped};

/// How many calls may wait for their turn, if the builder says nothing: room for the items of a large `for`, at about a
/// hundred bytes each.
const MOST_WAITING: usize = 1 << 16;

/// Why a call was not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refused {
    /// No turn is free, and waiting for one is not allowed, or for no longer, or for no more calls.
    #[error("the limit is reached")]
    Full {
        /// When it makes sense to come back, where that is known.
        retry_after: Option<Duration>,
    },
    /// It wants more than there is in all, so it could never be let through.
    #[error("{weight} bytes are more than the {most} of the whole budget")]
    TooLarge {
        /// What it wants.
        weight: usize,
        /// What there is.
        most: usize,
    },
    /// It is a part of a call that holds room of the same budget, for which it would have to wait.
    #[error("there is no room beside what the call around it holds of the same budget")]
    Nested,
    /// The run was stopped while the call waited.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Refused {
    /// What a layer of that name says.
    fn by<E>(self, limit: &'static str) -> PolicyError<E> {
        match self {
            Self::Full { retry_after } => PolicyError::full(limit, retry_after),
            Self::TooLarge { .. } | Self::Nested => PolicyError::full(limit, None),
            Self::Stopped(why) => PolicyError::stopped(why),
        }
    }
}

impl Idle for Concurrency {
    fn is_idle(&self) -> bool {
        self.in_use() == 0 && self.waiting() == 0
    }
}

impl Idle for Rate {
    /// One made anew would let as many through.
    fn is_idle(&self) -> bool {
        self.waiting() == 0 && Context::__with(|context| self.is_even(context))
    }
}
