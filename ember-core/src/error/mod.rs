//! What a failed run says: which node, of which graph, why, and what else failed beside it.

mod at;
mod chain;
mod construct;
mod counts;
mod display;
mod panic;
mod refused;
mod site;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use ember_graph::Description;

pub use self::at::At;
pub use self::counts::Counts;
pub(crate) use self::panic::Payload;
pub use self::panic::{__discard, __resume, NodePanic};
pub(crate) use self::refused::Refused;
pub use self::site::{Key, Site};

use crate::Stopped;
use crate::policy::IsolationError;

pub(crate) type BoxedError = Box<dyn StdError + Send + Sync>;

/// Why a run failed, and where: the error of a graph.
///
/// It is one pointer wide. `{}` says in one line what failed, `{:#}` adds the causes, and `{:?}`, which
/// is what `main` prints, gives the whole [`report`](Error::report).
///
/// ```
/// use std::num::ParseIntError;
/// use ember_core::Error;
/// # use ember_core::{At, Site};
/// # use ember_graph::{Description, Kind, Node};
/// # static NODES: [Node<'static>; 1] =
/// #     [Node::__new("port", "parse", Kind::Operator, None, "", true, 5, 13, None)];
/// # static LOAD: Description<'static> =
/// #     Description::__new("load", "src/load.rs", 3, &[], &NODES, &[], Some(0));
/// # fn load(text: &str) -> Result<u16, Error> {
/// #     text.parse().map_err(|source: ParseIntError| At::__new(source, Site::__new(&LOAD, 0, &[])).into())
/// # }
///
/// // `load` is a graph whose node `port` calls the operator `parse`.
/// let error: Error = load("8o80").unwrap_err();
///
/// assert_eq!(error.to_string(), "node `port` (operator `parse`) of graph `load` failed");
/// assert_eq!(format!("{error:#}"), format!("{error}: invalid digit found in string"));
/// assert_eq!((error.graph(), error.node(), error.operator()), ("load", "port", "parse"));
/// assert!(error.find::<ParseIntError>().is_some());
/// assert!(!error.is_panic() && !error.is_cancelled() && !error.is_timeout());
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    /// The graph where it happened; nothing as long as an operator has asked its context and no graph has seen the
    /// answer.
    graph: Option<&'static Description<'static>>,
    /// The node where it happened; nothing if the run stopped before any.
    site: Option<Site>,
    /// The nodes that ran the graph, innermost first: an outer graph adds itself at the end.
    trail: Vec<Site>,
    /// [`Site::node`] with its indices filled in, to be lent out.
    node: String,
    /// The other failures of the run in source order. They hold no others of their own.
    others: Vec<Error>,
    /// How many of `others` stand before this one in the source.
    position: usize,
    omitted: usize,
    counts: Counts,
    correlation_id: Arc<str>,
}

enum Kind {
    Failed(BoxedError),
    /// The source is there if an operator noticed and said so with an error of its own.
    Stopped(Stopped, Option<BoxedError>),
    /// The node had started, and was waiting.
    Left(Stopped),
    Panicked(Payload),
    AtMost(usize),
    /// A policy turned the call away, or put an end to it.
    Refused(Refused),
}

/// How many failures of one run an error keeps whole.
const MAX_FAILURES: usize = 64;

impl Error {
    /// The graph where it happened: the innermost one, if a graph ran another. Empty for a [`Stopped`] that
    /// has not come out of a node yet.
    pub fn graph(&self) -> &str {
        self.0.graph.map_or("", |graph| graph.name)
    }

    /// The node where it happened, with the indices of the items it stands for, such as `x[3].y`; empty
    /// if the run was stopped before any node.
    pub fn node(&self) -> &str {
        &self.0.node
    }

    /// The operator that the node called, as written; empty where it called none.
    pub fn operator(&self) -> &str {
        self.0.site.as_ref().map_or("", Site::operator)
    }

    /// Where it happened; nothing if the run was stopped before any node.
    pub fn site(&self) -> Option<&Site> {
        self.0.site.as_ref()
    }

    /// The nodes of enclosing graphs that led to [`graph`](Self::graph), from the outermost on; none if
    /// the graph that failed is the one that was called.
    pub fn trail(&self) -> impl DoubleEndedIterator<Item = &Site> + ExactSizeIterator {
        self.0.trail.iter().rev()
    }

    /// Which attempt at the node failed, counted from one. Which one of a graph that was run again, its node in the
    /// [`trail`](Self::trail) tells.
    pub fn attempt(&self) -> u32 {
        self.0.site.as_ref().map_or(1, Site::attempt)
    }

    /// All failures of the run in source order, this one among them: at most 64. The others are counted
    /// by [`omitted_failures`](Self::omitted_failures).
    ///
    /// Each tells its own node and cause; the failures it stands beside are told by this error alone.
    pub fn failures(&self) -> impl Iterator<Item = &Self> {
        let (before, after) = self.0.others.split_at(self.0.position);
        before.iter().chain(std::iter::once(self)).chain(after)
    }

    /// How many failures of the run are not among [`failures`](Self::failures).
    pub fn omitted_failures(&self) -> usize {
        self.0.omitted
    }

    /// What became of the nodes of the graph that was called: the outermost one.
    pub fn nodes(&self) -> Counts {
        self.0.counts
    }

    /// The correlation id of the context that the graph was called in.
    pub fn correlation_id(&self) -> &str {
        &self.0.correlation_id
    }

    /// Whether a node panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.0.kind, Kind::Panicked(_))
    }

    /// Whether the run was cancelled. True also where an operator noticed it and returned an error that
    /// has [`Stopped::Cancelled`] among its causes.
    pub fn is_cancelled(&self) -> bool {
        self.stopped() == Some(Stopped::Cancelled)
    }

    /// Whether a deadline passed, or a node took longer than its `timeout` or `deadline` allows. True also where an
    /// operator noticed it and returned an error that has [`Stopped::DeadlineExceeded`] among its causes.
    pub fn is_timeout(&self) -> bool {
        self.stopped() == Some(Stopped::DeadlineExceeded)
            || matches!(
                self.0.kind,
                Kind::Refused(Refused::TimedOut(..) | Refused::Isolated(IsolationError::TimeLimit(_)))
            )
    }

    /// Whether a policy turned the call away, so that the operator did not run:
    /// [`is_breaker_open`](Self::is_breaker_open) or [`is_limited`](Self::is_limited).
    pub fn is_rejected(&self) -> bool {
        self.is_breaker_open() || self.is_limited()
    }

    /// Whether it tells nothing of how its graph fares: a node was turned away, by a policy or as its arguments were not
    /// valid, or the run was cancelled.
    pub(crate) fn tells_nothing(&self) -> bool {
        self.is_rejected() || self.is_invalid() || self.is_cancelled()
    }

    /// Whether the operator's circuit breaker was open.
    pub fn is_breaker_open(&self) -> bool {
        matches!(self.0.kind, Kind::Refused(Refused::Open(_)))
    }

    /// Whether a limit of the operator admitted no more.
    pub fn is_limited(&self) -> bool {
        matches!(self.0.kind, Kind::Refused(Refused::Full(..)))
    }

    /// Whether an argument or the output of an operator with `validate` was not valid. What was wrong is the
    /// [`source`](StdError::source).
    pub fn is_invalid(&self) -> bool {
        matches!(self.0.kind, Kind::Refused(Refused::Invalid(_)))
    }

    /// What became of the process in which an operator with `isolate` ran, if it gave no result.
    pub fn isolation(&self) -> Option<&IsolationError> {
        match &self.0.kind {
            Kind::Refused(Refused::Isolated(why)) => Some(why),
            _ => None,
        }
    }

    /// Whether a resource that the operator names could not be loaded. The
    /// [`LoadError`](crate::resource::LoadError) is the [`source`](StdError::source).
    pub fn is_unavailable(&self) -> bool {
        matches!(self.0.kind, Kind::Refused(Refused::Unavailable(_)))
    }

    /// When it makes sense to come back, where a policy [turned the call away](Self::is_rejected) and knows it.
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.0.kind {
            Kind::Refused(refused) => refused.retry_after(),
            _ => None,
        }
    }

    /// Whether a `loop` reached the bound of its `#[at_most(n)]` without a `break`.
    pub fn is_loop_bound(&self) -> bool {
        matches!(self.0.kind, Kind::AtMost(_))
    }

    /// What a node that panicked said; nothing if it did not panic, or with a payload that is no text.
    pub fn panic_message(&self) -> Option<&str> {
        match &self.0.kind {
            Kind::Panicked(payload) => payload.text(),
            _ => None,
        }
    }

    /// Takes out what a node panicked with, as [`std::panic::catch_unwind`] gives it, for instance to
    /// [go on panicking](std::panic::resume_unwind).
    ///
    /// # Errors
    /// The error itself, if it is no panic.
    ///
    /// ```
    /// use ember_core::Error;
    /// # use ember_core::Site;
    /// # use ember_graph::{Description, Kind, Node};
    /// # static NODES: [Node<'static>; 1] =
    /// #     [Node::__new("port", "parse", Kind::Operator, None, "", true, 5, 13, None)];
    /// # static LOAD: Description<'static> =
    /// #     Description::__new("load", "src/load.rs", 3, &[], &NODES, &[], Some(0));
    /// # fn load() -> Result<(), Error> {
    /// #     Err(Error::__panicked(Site::__new(&LOAD, 0, &[]), Box::new("boom")))
    /// # }
    ///
    /// let error: Error = load().unwrap_err();
    /// assert_eq!(error.panic_message(), Some("boom"));
    /// let payload = error.into_panic().unwrap();
    /// assert_eq!(payload.downcast_ref::<&str>(), Some(&"boom"));
    /// ```
    pub fn into_panic(mut self) -> Result<Box<dyn Any + Send>, Self> {
        match &mut self.0.kind {
            Kind::Panicked(payload) => Ok(payload.take()),
            _ => Err(self),
        }
    }

    /// The first error of a type among the causes, however deep.
    ///
    /// ```
    /// use std::io;
    /// use ember_core::Error;
    /// # use ember_core::{At, Site};
    /// # use ember_graph::{Description, Kind, Node};
    /// # static NODES: [Node<'static>; 1] =
    /// #     [Node::__new("text", "read", Kind::Operator, None, "", true, 5, 13, None)];
    /// # static LOAD: Description<'static> =
    /// #     Description::__new("load", "src/load.rs", 3, &[], &NODES, &[], Some(0));
    /// # fn load() -> Result<(), Error> {
    /// #     let source = io::Error::from(io::ErrorKind::NotFound);
    /// #     Err(At::__new(source, Site::__new(&LOAD, 0, &[])).into())
    /// # }
    ///
    /// let error: Error = load().unwrap_err();
    /// let missing = error.find::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::NotFound);
    /// assert!(missing);
    /// ```
    pub fn find<E: StdError + 'static>(&self) -> Option<&E> {
        // The runtime has no error of its own for a stopped run, only the reason.
        let reason = match &self.0.kind {
            Kind::Stopped(why, None) | Kind::Left(why) => chain::downcast(why),
            _ => None,
        };
        reason.or_else(|| chain::causes(self).find_map(chain::downcast))
    }

    /// Whether the run's context stopped the node.
    pub(crate) fn stopped(&self) -> Option<Stopped> {
        match self.0.kind {
            Kind::Stopped(why, _) | Kind::Left(why) => Some(why),
            _ => None,
        }
    }
}

impl StdError for Error {
    /// The operator's own error.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            Kind::Failed(source)
            | Kind::Stopped(_, Some(source))
            | Kind::Refused(Refused::Invalid(source) | Refused::TimedOut(_, _, Some(source))) => {
                Some(&**source)
            }
            Kind::Refused(Refused::Isolated(why)) => Some(why),
            Kind::Refused(Refused::Unavailable(why)) => Some(why),
            Kind::Stopped(_, None)
            | Kind::Left(_)
            | Kind::Panicked(_)
            | Kind::AtMost(_)
            | Kind::Refused(_) => None,
        }
    }
}
