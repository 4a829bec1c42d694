//! What went wrong in a run: failures, panics, and that the context kept nodes from going on.

use super::ending::Packed;
use crate::context::Stopped;
use crate::error::{Error, Key, Site};

/// How many failures of one run are kept whole; the rest is counted.
pub(super) const KEPT: usize = 64;

/// What went wrong in a run.
pub(super) struct Wrong {
    /// Of the graph's error type, which only generated code knows.
    pub(super) failures: Bounded<Packed>,
    pub(super) panics: Bounded<Error>,
    /// The first node in source order that the context kept from going on, and whether it had started.
    pub(super) stopped: Option<(Key, Site, Stopped, bool)>,
}

impl Wrong {
    pub(super) const fn new() -> Self {
        Self { failures: Bounded::new(), panics: Bounded::new(), stopped: None }
    }
}

/// The first failures in source order; the rest is counted.
pub(super) struct Bounded<T> {
    pub(super) kept: Vec<(Key, T)>,
    pub(super) omitted: usize,
}

impl<T> Bounded<T> {
    const fn new() -> Self {
        Self { kept: Vec::new(), omitted: 0 }
    }

    /// Gives back what did not fit, so that the caller drops it outside of the lock.
    pub(super) fn add(&mut self, key: Key, value: T) -> Option<T> {
        let place = self.kept.partition_point(|(other, _)| *other <= key);
        self.kept.insert(place, (key, value));
        if self.kept.len() <= KEPT {
            return None;
        }
        self.omitted += 1;
        self.kept.pop().map(|(_, value)| value)
    }
}
