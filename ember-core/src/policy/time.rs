//! The clock of a policy.

use std::sync::Arc;
use std::time::Instant;

use crate::{Clock, Context};

/// The clock that a policy was given, else that of the context.
#[derive(Clone, Default)]
pub(crate) struct Time(Option<Arc<dyn Clock>>);

impl Time {
    /// That of the context.
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn of(clock: impl Clock) -> Self {
        Self(Some(Arc::new(clock)))
    }

    #[inline]
    pub(crate) fn clock<'c>(&'c self, context: &'c Context) -> &'c dyn Clock {
        self.0.as_deref().unwrap_or_else(|| context.clock())
    }

    #[inline]
    pub(crate) fn now(&self, context: &Context) -> Instant {
        self.0.as_ref().map_or_else(|| context.now(), |clock| clock.now())
    }

    /// The moment in the current context.
    #[inline]
    pub(crate) fn here(&self) -> Instant {
        self.0.as_ref().map_or_else(|| Context::__with(Context::now), |clock| clock.now())
    }

    /// Whether it has a clock of its own.
    pub(crate) fn is_own(&self) -> bool {
        self.0.is_some()
    }
}
