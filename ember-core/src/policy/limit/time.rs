//! The clock of a limit.

use std::sync::Arc;
use std::time::Instant;

use crate::{Clock, Context};

/// The clock that a limit was given, else that of the context.
#[derive(Clone, Default)]
pub(in crate::policy) struct Time(Option<Arc<dyn Clock>>);

impl Time {
    pub(in crate::policy) fn of(clock: impl Clock) -> Self {
        Self(Some(Arc::new(clock)))
    }

    #[inline]
    pub(in crate::policy) fn clock<'c>(&'c self, context: &'c Context) -> &'c dyn Clock {
        self.0.as_deref().unwrap_or_else(|| context.clock())
    }

    #[inline]
    pub(in crate::policy) fn now(&self, context: &Context) -> Instant {
        self.0.as_ref().map_or_else(|| context.now(), |clock| clock.now())
    }

    /// Whether it has a clock of its own.
    pub(in crate::policy) fn is_own(&self) -> bool {
        self.0.is_some()
    }
}
