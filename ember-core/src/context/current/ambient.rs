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

    /// The context, unless it is the default one, which nothing stops.
    #[inline]
    pub(crate) const fn stoppable(&self) -> Option<&Context> {
        self.0.as_ref()
    }

    /// Whether the default context is the current one, outside of any scope.
    #[inline]
    pub(crate) fn is_default_here() -> bool {
        !is_entered(STATE.get())
    }

    /// Runs a function in the default context.
    pub(crate) fn in_default<R>(f: impl FnOnce() -> R) -> R {
        default_context().help(f)
    }
}

impl Deref for Ambient {
    type Target = Context;

    #[inline]
    fn deref(&self) -> &Context {
        self.0.as_ref().unwrap_or_else(|| default_context())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_context_of_the_scope_or_the_default_one_wherever_it_is_asked() {
        let here = Context::builder().build();
        let (outside, inside) = (Ambient::current(), here.scope(Ambient::current));
        assert!(outside.is_default());
        assert_eq!(inside.correlation_id(), here.correlation_id());
        // What is run in it finds it, whatever is around.
        assert!(here.scope(|| Ambient::in_default(Context::current)).is_default());
        assert!(Ambient::is_default_here() && !here.scope(Ambient::is_default_here));
    }
}
