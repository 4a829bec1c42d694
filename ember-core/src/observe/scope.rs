//! What accompanies a run or a node.

use std::any::Any;
use std::iter;
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

/// The scopes that the observers of a context have for one run or node. Nothing, without an allocation, where none has one.
#[derive(Clone, Default)]
pub(crate) struct Scopes(Option<Arc<Entries>>);

/// Seldom has more than one observer a scope.
struct Entries {
    first: Entry,
    more: Vec<Entry>,
}

struct Entry {
    /// The place of the observer among those of the context.
    observer: usize,
    /// Dropping it is the observer's code.
    scope: Option<Box<dyn Scope>>,
}

impl Entry {
    fn enter(&self) {
        self.scope.as_deref().map(|scope| guard(|| scope.enter()));
    }

    fn leave(&self) {
        self.scope.as_deref().map(|scope| guard(|| scope.leave()));
    }

    fn trace(&self) -> Option<TraceContext> {
        guard(|| self.scope.as_deref()?.trace()).flatten()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(scope) = self.scope.take() {
            guard(|| drop(scope));
        }
    }
}

fn guard<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).map_err(note_panic).ok()
}

impl Scopes {
    /// Adds that of a further observer, before anybody else knows of them.
    pub(super) fn add(&mut self, observer: usize, scope: Box<dyn Scope>) {
        let entry = Entry { observer, scope: Some(scope) };
        match &mut self.0 {
            None => self.0 = Some(Arc::new(Entries { first: entry, more: Vec::new() })),
            Some(entries) => {
                if let Some(entries) = Arc::get_mut(entries) {
                    entries.more.push(entry);
                }
            }
        }
    }

    pub(super) const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// That of an observer.
    #[inline]
    pub(super) fn of<T: Scope>(&self, observer: usize) -> Option<&T> {
        let Entries { first, more } = self.0.as_deref()?;
        let is = |entry: &&Entry| entry.observer == observer;
        let entry = if is(&first) { first } else { more.iter().find(is)? };
        let scope: &dyn Any = entry.scope.as_deref()?;
        scope.downcast_ref()
    }

    /// Not while anything is locked or borrowed.
    #[inline]
    pub(super) fn enter(&self) {
        if let Some(entries) = &self.0 {
            entries.first.enter();
            entries.more.iter().for_each(Entry::enter);
        }
    }

    #[inline]
    pub(super) fn leave(&self) {
        if let Some(entries) = &self.0 {
            entries.more.iter().rev().for_each(Entry::leave);
            entries.first.leave();
        }
    }

    pub(super) fn trace(&self) -> Option<TraceContext> {
        let Entries { first, more } = self.0.as_deref()?;
        iter::once(first).chain(more).find_map(Entry::trace)
    }
}
