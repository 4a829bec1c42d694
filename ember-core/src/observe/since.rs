//! How long something took that a policy tells of.

use std::time::{Duration, Instant};

use super::{What, emit, is_heard};
use crate::context::Context;

/// When something began, by the clock of the context. Nothing, and no look at the clock, where nobody listens.
pub(crate) struct Since(Option<Instant>);

impl Since {
    #[inline]
    pub(crate) fn now() -> Self {
        Self(is_heard().then(|| Context::__with(Context::now)))
    }

    /// Of what nobody is told.
    pub(crate) const fn never() -> Self {
        Self(None)
    }

    /// Tells that it is over.
    #[inline]
    pub(crate) fn tell(&self, what: impl FnOnce(Duration) -> What<'static>) {
        if let Some(since) = self.0 {
            let took = Context::__with(Context::now).saturating_duration_since(since);
            emit(|| what(took));
        }
    }
}
