//! What a resource tells about itself.

use std::fmt;
use std::time::{Duration, Instant};

use super::error::Cause;
use super::machine::MOST_WAITING;
use crate::watch::Line;

/// What there is of a [`Resource`](super::Resource), and what happened so far.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// When the value came, by the clock of the load, if there is one.
    pub loaded_at: Option<Instant>,
    /// Whether a load is under way, also while a value serves.
    pub is_loading: bool,
    /// The last load, if it failed.
    pub failed: Option<LastFailure>,
    /// How many wait for a load: at most 65 536.
    pub waiting: usize,
    /// How many were turned away, as too many waited.
    pub refused: u64,
    /// Loads that have begun, also in the background; not those beside another, whose values are not kept.
    pub loads: u64,
    /// Loads that failed, those among them that were to replace a value. Loads that were dropped, or were of a run that was
    /// stopped, do not count.
    pub failures: u64,
    /// Loads whose outcome did not count, as the resource had been cleared meanwhile.
    pub detached: u64,
}

impl Status {
    /// Whether there is a value, be it old.
    pub const fn is_loaded(&self) -> bool {
        self.loaded_at.is_some()
    }

    /// Those who wait for a load.
    pub const fn line(&self) -> Line {
        Line::new(self.waiting, MOST_WAITING, self.refused)
    }
}

/// A load that failed, and after which none has succeeded yet.
#[derive(Clone)]
#[non_exhaustive]
pub struct LastFailure {
    /// When, by the clock of the load.
    pub at: Instant,
    /// How many have failed in a row.
    pub times: u32,
    /// How long it was to wait until it is tried again.
    pub backoff: Option<Duration>,
    pub(super) cause: Cause,
}

impl LastFailure {
    /// What went wrong.
    pub fn cause(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.cause
    }
}

impl fmt::Debug for LastFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastFailure")
            .field("at", &self.at)
            .field("times", &self.times)
            .field("backoff", &self.backoff)
            .field("cause", &self.cause)
            .finish()
    }
}
