//! The context that is around a run.

use std::ops::Deref;

use super::{STATE, default_context, is_entered};
use crate::Context;

/// The context that is current where a run is made. The default one is not counted: each run would write the same counter.
#[derive(Clone)]
pub struct Ambient(Option<Context>);

impl Ambient {
    /// The current context.
    #[inline]
    pub(crate) fn current() -> Self {
        Self(if is_entered(STATE.get()) { Some(Context::current()) } else { None })
    }
}

impl Deref for Ambient {
    type Target = Context;

    #[inline]
    fn deref(&self) -> &Context {
        self.0.as_ref().unwrap_or_else(|| default_context())
    }
}
