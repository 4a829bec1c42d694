//! Systems on which there are no workers: each call says so.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::limits::{self, Limits};
use super::{Isolation, Name};
use crate::policy::{IsolationError, PolicyError};

/// No workers.
pub(super) struct Pool;

impl Pool {
    pub(super) const fn new(_: usize, _: Duration, _: Limits) -> Self {
        Self
    }

    pub(super) const fn counts(&self) -> (usize, u64) {
        (0, 0)
    }

    pub(super) const fn dismiss(&self) {}
}

impl Isolation {
    /// Refuses the call.
    ///
    /// # Errors
    ///
    /// That the operating system has no way to do it.
    #[doc(hidden)]
    pub fn __call<R: DeserializeOwned, E, A: Serialize>(&self, _: Name, _: &A) -> Result<R, PolicyError<E>> {
        let what = limits::unsupported(&self.limits).unwrap_or("workers");
        Err(PolicyError::isolated(IsolationError::Unsupported(what)))
    }
}
