//! The clock of a policy.

use std::sync::Arc;
use std::time::Instant;

use crate::{Clock, Context};

/// The clock that a policy was given, else that of the context.
#[derive(Clone, Default)]
pub(super) struct Time(Option<Arc<dyn Clock>>);

impl Time {
    pub(super) fn of(clock: impl Clock) -> Self {
        Self(Some(Arc::new(clock)))
    }

    #[inline]
    pub(super) fn clock<'c>(&'c self, context: &'c Context) -> &'c dyn Clock {
        self.0.as_deref().unwrap_or_else(|| context.clock())
    }

    #[inline]
    pub(super) fn now(&self, context: &Context) -> Instant {
        self.0.as_ref().map_or_else(|| context.now(), |clock| clock.now())
    }

    /// The moment in the current context.
    #[inline]
    pub(super) fn here(&self) -> Instant {
        self.0.as_ref().map_or_else(|| Context::__with(Context::now), |clock| clock.now())
    }

    /// Whether it has a clock of its own.
    pub(super) fn is_own(&self) -> bool {
        self.0.is_some()
    }
}
