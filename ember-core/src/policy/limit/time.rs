//! The clock of a limit.

use std::sync::Arc;
use std::time::Instant;

use crate::{Clock, Context};

/// The clock that a limit was given, else that of the context.
#[derive(Clone, Default)]
pub(super) struct Time(Option<Arc<dyn Clock>>);

impl Time {
    pub(super) fn of(clock: impl Clock) -> Self {
        Self(Some(Arc::new(clock)))
    }

    pub(super) fn now(&self, context: &Context) -> Instant {
        self.0.as_ref().map_or_else(|| context.now(), |clock| clock.now())
    }

    /// Whether time passes by itself, at the pace of the system's clock.
    pub(super) fn passes(&self, context: &Context) -> bool {
        self.0.as_ref().map_or_else(|| context.has_timers(), |clock| clock.has_timers())
    }
}
