//! What accompanies a run or a node.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::observers::note_panic;
use crate::context::TraceContext;

/// What an observer has beside a run or a node, from its start to its end: a span, say.
///
/// It is made by [`Observer::scope`](super::Observer::scope), and [events](super::Event::scope) of that run or node bring it
/// back. While a thread works for the run or the node it is in the scope: in that of the run, and then in that of the node. So
/// what an operator itself writes to a log finds the scope on its thread, be it one of the pool or the one that polls a
/// future.
///
/// ```
/// use ember_core::Context;
/// use ember_core::observe::{Event, Observer, Scope};
/// use std::cell::RefCell;
///
/// thread_local! { static NODES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) } }
///
/// struct Names;
/// struct Name(String);
///
/// impl Observer for Names {
///     fn event(&self, _: &Event<'_>) {}
///
///     fn scope(&self, event: &Event<'_>) -> Option<Box<dyn Scope>> {
///         Some(Box::new(Name(event.site()?.node().into_owned())))
///     }
/// }
///
/// impl Scope for Name {
///     fn enter(&self) {
///         NODES.with_borrow_mut(|nodes| nodes.push(self.0.clone()));
///     }
///
///     fn leave(&self) {
///         NODES.with_borrow_mut(|nodes| nodes.pop());
///     }
/// }
///
/// let cx = Context::builder().observer(Names).build();
/// cx.scope(|| { /* in runs of graphs, `NODES` tells where the thread is */ });
/// assert!(NODES.with_borrow(Vec::is_empty));
/// ```
pub trait Scope: Any + Send + Sync {
    /// A thread begins to work for it. Several threads may be in it at the same time, and one more than once.
    fn enter(&self) {}

    /// That thread works for something else. What it has entered last, it leaves first.
    fn leave(&self) {}

    /// The span, as it is exported: what [`Context::traceparent`](crate::Context::traceparent) hands on.
    fn trace(&self) -> Option<TraceContext> {
        None
    }
}

/// The scopes that the observers of a context have for one run or node, by their places, up to the last that has one. Nothing, without an allocation,
/// where none has one.
#[derive(Clone, Default)]
pub(crate) struct Scopes(Option<Arc<[Entry]>>);

/// Dropping it is the observer's code.
pub(super) struct Entry(Option<Box<dyn Scope>>);

impl Entry {
    pub(super) const fn new(scope: Option<Box<dyn Scope>>) -> Self {
        Self(scope)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(scope) = self.0.take() {
            guard(|| drop(scope));
        }
    }
}

fn guard<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).map_err(note_panic).ok()
}

impl Scopes {
    pub(super) fn new(scopes: Vec<Entry>) -> Self {
        Self((!scopes.is_empty()).then(|| scopes.into()))
    }

    pub(super) const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = &dyn Scope> {
        self.0.iter().flat_map(|scopes| scopes.iter()).filter_map(|entry| entry.0.as_deref())
    }

    /// That of an observer.
    pub(super) fn of<T: Scope>(&self, observer: usize) -> Option<&T> {
        let scope: &dyn Any = self.0.as_ref()?.get(observer)?.0.as_deref()?;
        scope.downcast_ref()
    }

    /// Not while anything is locked or borrowed.
    #[inline]
    pub(super) fn enter(&self) {
        self.all().for_each(|scope| {
            guard(|| scope.enter());
        });
    }

    #[inline]
    pub(super) fn leave(&self) {
        self.all().rev().for_each(|scope| {
            guard(|| scope.leave());
        });
    }

    pub(super) fn trace(&self) -> Option<TraceContext> {
        self.all().find_map(|scope| guard(|| scope.trace()).flatten())
    }
}
