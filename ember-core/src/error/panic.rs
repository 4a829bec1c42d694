//! Panics of nodes: kept, handed on, and dropped without harm.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::display::Place;
use super::{Error, Site};

/// What [`NodePanic`] and [`Error`] say of a payload that they cannot print.
pub(super) const NO_TEXT: &str = "panicked with a payload that is no text";

/// Drops a panic's payload, which is foreign and may panic in turn.
#[doc(hidden)]
pub fn __discard(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // It may be another of the same kind, and so on without end.
        std::mem::forget(second);
    }
}

/// A payload that may be dropped without harm.
pub(crate) struct Caught(Option<Box<dyn Any + Send>>);

impl Caught {
    fn take(&mut self) -> Box<dyn Any + Send> {
        self.0.take().unwrap_or_else(|| Box::new(()))
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        if let Some(payload) = self.0.take() {
            __discard(payload);
        }
    }
}

/// What a node panicked with, in a form that may be shared: text is kept as such.
pub(crate) enum Payload {
    Static(&'static str),
    Text(String),
    /// In which a graph that returns no `Result` has named its node already.
    Named(String),
    /// A payload is `Send` only, and an error must be `Sync`. The lock is never taken: it is opened by
    /// `get_mut`.
    Other(Mutex<Caught>),
}

impl Payload {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        let payload = match payload.downcast::<&'static str>() {
            Ok(text) => return Self::Static(*text),
            Err(payload) => payload,
        };
        match payload.downcast::<String>() {
            Ok(text) => Self::Text(*text),
            Err(payload) => Self::Other(Mutex::new(Caught(Some(payload)))),
        }
    }

    /// Notes that the text names a node or a graph, if it does.
    pub(super) fn name(&mut self) {
        if let Self::Text(text) = self
            && (text.starts_with("node `") || text.starts_with("graph `"))
        {
            *self = Self::Named(std::mem::take(text));
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Static(text) => Some(text),
            Self::Text(text) | Self::Named(text) => Some(text),
            Self::Other(_) => None,
        }
    }

    pub(crate) fn take(&mut self) -> Box<dyn Any + Send> {
        match self {
            Self::Static(text) => Box::new(*text),
            Self::Text(text) | Self::Named(text) => Box::new(std::mem::take(text)),
            Self::Other(other) => other.get_mut().unwrap_or_else(PoisonError::into_inner).take(),
        }
    }
}

/// The payload of a graph that returns no `Result`, where a node panicked with something other than text.
///
/// Such a graph goes on panicking. Text gets the node's name written before it; anything else is
/// wrapped in this type:
///
/// ```
/// use std::panic::catch_unwind;
/// use ember_core::NodePanic;
/// # use ember_core::{Site, error::__resume};
/// # use ember_graph::{Description, Kind, Node};
/// # static NODES: [Node<'static>; 1] =
/// #     [Node::__new("port", "parse", Kind::Operator, None, "", true, 5, 13, None)];
/// # static LOAD: Description<'static> =
/// #     Description::__new("load", "src/load.rs", 3, &[], &NODES, &[], Some(0));
/// # fn load() { __resume(Site::__new(&LOAD, 0, &[]), Box::new(7_u8)) }
///
/// // The node `port` of the graph `load` calls `std::panic::panic_any(7_u8)`.
/// let panic = catch_unwind(load).unwrap_err().downcast::<NodePanic>().unwrap();
/// assert_eq!((panic.graph(), &*panic.node(), panic.operator()), ("load", "port", "parse"));
/// assert_eq!(panic.into_payload().downcast_ref(), Some(&7_u8));
/// ```
pub struct NodePanic {
    site: Site,
    /// Innermost first.
    trail: Vec<Site>,
    payload: Caught,
}

impl NodePanic {
    /// The graph whose node panicked: the innermost one, if a graph ran another.
    pub fn graph(&self) -> &'static str {
        self.site.graph()
    }

    /// The node that panicked, with its indices.
    pub fn node(&self) -> Cow<'static, str> {
        self.site.node()
    }

    /// The operator that the node called, as written.
    pub fn operator(&self) -> &'static str {
        self.site.operator()
    }

    /// Where it happened.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The nodes of enclosing graphs that led there, from the outermost on.
    pub fn trail(&self) -> impl DoubleEndedIterator<Item = &Site> + ExactSizeIterator {
        self.trail.iter().rev()
    }

    /// What the node panicked with.
    pub fn payload(&self) -> &(dyn Any + Send) {
        self.payload.0.as_deref().unwrap_or(&())
    }

    /// Takes out what the node panicked with.
    pub fn into_payload(mut self) -> Box<dyn Any + Send> {
        self.payload.take()
    }

    pub(super) fn new(site: Site, trail: Vec<Site>, payload: Box<dyn Any + Send>) -> Self {
        Self { site, trail, payload: Caught(Some(payload)) }
    }

    pub(super) fn into_parts(mut self) -> (Site, Vec<Site>, Box<dyn Any + Send>) {
        (self.site, self.trail, self.payload.take())
    }
}

impl fmt::Display for NodePanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Place { site: &self.site, trail: &self.trail };
        write!(f, "{place} {NO_TEXT}")
    }
}

impl fmt::Debug for NodePanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodePanic")
            .field("site", &self.site)
            .field("trail", &self.trail)
            .finish_non_exhaustive()
    }
}

/// Goes on panicking out of a graph that returns no `Result`, and names the node.
#[doc(hidden)]
pub fn __resume(site: Site, payload: Box<dyn Any + Send>) -> ! {
    Error::__panicked(site, payload).__resume()
}
