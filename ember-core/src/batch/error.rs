//! Why an item of a batch or a stream has no value.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;

use ember_graph::Description;

use crate::policy::Refused;
use crate::{Error, Stopped};

/// Why an item of a [batch](crate::batch) or a [stream](crate::stream) has no value, and which item it is.
///
/// `E` is the error of the graph, or [`Error`] for a graph that returns no `Result`, which can but panic. It is
/// one pointer wide.
pub struct BatchError<E = Error>(Box<Inner<E>>);

struct Inner<E> {
    index: usize,
    cause: Cause<E>,
}

/// What became of an item that has no value.
#[derive(Debug)]
pub enum Cause<E = Error> {
    /// The graph ran and failed.
    Failed(E),
    /// The run panicked, outside of what the graph itself catches: of a graph that returns no `Result`, any panic.
    Panicked(Error),
    /// The graph was not called.
    NotBegun(NotBegun),
}

/// Why a graph was not called with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotBegun {
    /// The context of the batch was cancelled, or its deadline passed.
    Stopped(Stopped),
    /// An item before it failed, in a batch that is to stop then.
    FailedBefore {
        /// The item that failed: of those that did, the first in the order of the inputs.
        index: usize,
    },
    /// The budget of memory did not let it in: it is heavier than the whole budget, or nobody else may wait for room, or it
    /// waited for as long as it may. Others go on.
    NoRoom(Refused),
}

impl From<Refused> for NotBegun {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Stopped(why) => Self::Stopped(why),
            _ => Self::NoRoom(refused),
        }
    }
}

impl<E> BatchError<E> {
    #[cold]
    pub(crate) fn new(index: usize, cause: Cause<E>) -> Self {
        Self(Box::new(Inner { index, cause }))
    }

    #[cold]
    pub(crate) fn panicked(
        index: usize,
        graph: &'static Description<'static>,
        payload: Box<dyn Any + Send>,
    ) -> Self {
        Self::new(index, Cause::Panicked(Error::__panicked_whole(graph, payload)))
    }

    /// Which item it is: its place among the inputs, from zero on.
    pub fn index(&self) -> usize {
        self.0.index
    }

    /// What became of it.
    pub fn cause(&self) -> &Cause<E> {
        &self.0.cause
    }

    /// The same, to keep.
    pub fn into_cause(self) -> Cause<E> {
        self.0.cause
    }

    /// The graph's own error, if it ran and failed.
    pub fn error(&self) -> Option<&E> {
        match &self.0.cause {
            Cause::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Why the graph was not called, if it was not.
    pub fn not_begun(&self) -> Option<NotBegun> {
        match self.0.cause {
            Cause::NotBegun(why) => Some(why),
            _ => None,
        }
    }

    /// The panic that ended the run, if it was not the graph itself that told of it.
    pub fn panic(&self) -> Option<&Error> {
        match &self.0.cause {
            Cause::Panicked(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for BatchError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError").field("index", &self.0.index).field("cause", &self.0.cause).finish()
    }
}

impl<E: fmt::Display> fmt::Display for BatchError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {}: ", self.0.index)?;
        let (error, alternate): (&dyn fmt::Display, _) = match &self.0.cause {
            Cause::Failed(error) => (error, f.alternate()),
            Cause::Panicked(error) => (error, f.alternate()),
            Cause::NotBegun(why) => (why, false),
        };
        if alternate { write!(f, "{error:#}") } else { write!(f, "{error}") }
    }
}

impl fmt::Display for NotBegun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(why) => write!(f, "not begun: {why}"),
            Self::FailedBefore { index } => write!(f, "not begun: item {index} failed"),
            Self::NoRoom(refused) => write!(f, "not begun: {refused}"),
        }
    }
}

impl StdError for NotBegun {}

impl<E: StdError + 'static> StdError for BatchError<E> {
    /// What the graph's error or the panic has for a source: itself it is told by `Display`.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            Cause::Failed(error) => error.source(),
            Cause::Panicked(error) => error.source(),
            Cause::NotBegun(_) => None,
        }
    }
}
