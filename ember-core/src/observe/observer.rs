//! Who is told.

use std::sync::Arc;

use super::observers;
use super::{Event, Scope};

/// Is told what runs do, as it happens.
///
/// It is called on the thread where it happens, between two nodes, and the run waits for it: so it should hand on what takes
/// long. Several threads may call it at the same time. None of ember's locks is held meanwhile, so it may run graphs itself;
/// if these are observed by it too, it is called again from within.
///
/// An observer that panics harms no run: the panic is caught and [counted](super::observer_panics), and after the third one
/// it is not called any more.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::sync::Arc;
/// use ember_core::Context;
/// use ember_core::observe::{Event, EventKind, Observer};
///
/// #[derive(Default)]
/// struct Failures(AtomicU64);
///
/// impl Observer for Failures {
///     fn event(&self, event: &Event<'_>) {
///         if event.kind() == EventKind::NodeFailed {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let failures = Arc::new(Failures::default());
/// let cx = Context::builder().observer(failures.clone()).build();
/// cx.scope(|| { /* runs of graphs */ });
/// assert_eq!(failures.0.load(Ordering::Relaxed), 0);
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Something has happened.
    fn event(&self, event: &Event<'_>);

    /// Whether it is told of the arguments and results that operators [let be logged](super::What::CalledWith), which are made
    /// into text for it. It is asked once, when a context is given the observer.
    fn wants_values(&self) -> bool {
        false
    }

    /// A run or a node is about to start, as the event will tell next: what is to accompany it, if anything.
    ///
    /// What is returned is lent to the events of that run or node, by [`Event::scope`].
    fn scope(&self, _event: &Event<'_>) -> Option<Box<dyn Scope>> {
        None
    }
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn event(&self, event: &Event<'_>) {
        (**self).event(event);
    }

    fn wants_values(&self) -> bool {
        (**self).wants_values()
    }

    fn scope(&self, event: &Event<'_>) -> Option<Box<dyn Scope>> {
        (**self).scope(event)
    }
}

/// There is an observer for the whole process already.
#[derive(Debug, thiserror::Error)]
#[error(
    "observers of the process are installed already, which is done once: install several as a tuple, `(a, b)`"
)]
pub struct AlreadyInstalled;

/// One observer or several: an [`Observer`], a tuple of up to six, or a vector of `Arc<dyn Observer>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no observer, and no tuple of up to six of them",
    note = "an observer implements `Observer`; more than six are a `Vec<Arc<dyn Observer>>`"
)]
pub trait IntoObservers {
    /// Each of them, in the order in which they are told.
    fn into_observers(self) -> Vec<Arc<dyn Observer>>;
}

impl<O: Observer> IntoObservers for O {
    fn into_observers(self) -> Vec<Arc<dyn Observer>> {
        vec![Arc::new(self)]
    }
}

impl IntoObservers for Vec<Arc<dyn Observer>> {
    fn into_observers(self) -> Vec<Arc<dyn Observer>> {
        self
    }
}

macro_rules! tuples {
    ($($name:ident: $type:ident),+) => {
        impl<$($type: Observer),+> IntoObservers for ($($type,)+) {
            fn into_observers(self) -> Vec<Arc<dyn Observer>> {
                let ($($name,)+) = self;
                vec![$(Arc::new($name)),+]
            }
        }
    };
}

tuples!(a: A, b: B);
tuples!(a: A, b: B, c: C);
tuples!(a: A, b: B, c: C, d: D);
tuples!(a: A, b: B, c: C, d: D, e: E);
tuples!(a: A, b: B, c: C, d: D, e: E, f: F);

/// Observes all runs of the process that are in no context of their own, and those in contexts that are made from now on.
/// Contexts may have [further observers](crate::ContextBuilder::observer).
///
/// This can be done once, best at the start of `main`: contexts that were made before stay as they are. Several observers
/// are given as a tuple, and are told one after the other.
///
/// ```
/// use ember_core::observe::{self, Recorder, Statistics};
///
/// let (statistics, recorder) = (Statistics::new(), Recorder::new(1_000));
/// observe::install((statistics.clone(), recorder.clone()))?;
/// assert!(observe::install(statistics).is_err());
/// # Ok::<(), observe::AlreadyInstalled>(())
/// ```
///
/// # Errors
///
/// If it was done before.
pub fn install(observers: impl IntoObservers) -> Result<(), AlreadyInstalled> {
    observers::install(observers.into_observers())
}
