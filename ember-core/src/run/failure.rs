//! How a failure finds its way from a node into the graph's error type.

use std::cell::Cell;
use std::marker::PhantomData;

use crate::error::{At, Error, Site};

/// What `?` may stand behind.
#[diagnostic::on_unimplemented(
    message = "`?` stands behind something that cannot fail: it yields `{Self}`",
    label = "yields `{Self}`, not a `Result`",
    note = "remove the `?`, or let the operator return a `Result` (an `Option` becomes one by `.ok_or(..)`)"
)]
pub trait Fallible<T, E> {
    /// The value or the failure.
    ///
    /// # Errors
    ///
    /// The failure, if it is one.
    fn split(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible<T, E> for Result<T, E> {
    #[inline(always)]
    fn split(self) -> Self {
        self
    }
}

/// A failure on its way: already of the graph's type, or still to be converted when the run is over and its
/// other failures are known.
#[derive(Debug)]
pub enum Failure<G> {
    /// A failure that the graph's own error type took over typed.
    Typed(G),
    /// Anything else.
    Plain(Error),
}

/// A failure `X` together with the wish to become a `G`.
///
/// The traits below offer the ways; method lookup takes the first that the types allow, because each is
/// implemented for one reference less than the one before.
pub struct Raise<G, X> {
    failure: Cell<Option<At<X>>>,
    into: PhantomData<fn() -> G>,
}

impl<G, X> Raise<G, X> {
    #[cold]
    pub(super) fn new(failure: X, site: Site) -> Self {
        Self { failure: Cell::new(Some(At::__new(failure, site))), into: PhantomData }
    }

    fn take(&self) -> At<X> {
        self.failure.take().expect("a failure is raised once")
    }
}

/// The error type takes the failure together with its node.
pub trait RaiseByNode<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G: From<At<X>>, X> RaiseByNode<G> for &&&&&&Raise<G, X> {
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Typed(G::from(self.take()))
    }
}

/// The failure is of the graph's error type already.
pub trait RaiseSame<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G> RaiseSame<G> for &&&&&Raise<G, G> {
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Typed(self.take().into_source())
    }
}

/// The failure is that of a graph, which the node ran.
pub trait RaiseNested<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G> RaiseNested<G> for &&&&Raise<G, Error> {
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Plain(Error::from(self.take()))
    }
}

/// An error that no type takes, except those that take all.
#[derive(Debug, thiserror::Error)]
#[error("no error")]
pub struct AnyError {}

/// The error type takes all errors and knows none: what is no error itself goes into an [`Error`], which tells the
/// node.
pub trait RaiseOpaque<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G: From<AnyError>, X> RaiseOpaque<G> for &&&Raise<G, X>
where
    Error: From<At<X>>,
{
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Plain(Error::from(self.take()))
    }
}

/// The error type takes the failure, as it does behind a `?` in a function.
pub trait RaiseByFrom<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G: From<X>, X> RaiseByFrom<G> for &&Raise<G, X> {
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Typed(G::from(self.take().into_source()))
    }
}

/// The failure goes into an [`Error`], which the graph's error type takes.
pub trait RaiseByBox<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G, X> RaiseByBox<G> for &Raise<G, X>
where
    Error: From<At<X>>,
{
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Plain(Error::from(self.take()))
    }
}

/// Nothing takes the failure: names what is missing.
pub trait RaiseRefused<G, X> {
    /// Never runs: its bound does not hold where it is chosen.
    fn raise(&self) -> Failure<G>
    where
        G: Holds<X>;
}
impl<G, X> RaiseRefused<G, X> for Raise<G, X> {
    fn raise(&self) -> Failure<G>
    where
        G: Holds<X>,
    {
        Failure::Typed(G::hold(self.take()))
    }
}

/// An error type that can hold the failure `X` of a node.
#[diagnostic::on_unimplemented(
    message = "this fails with `{X}`, which the graph's error type `{Self}` cannot hold",
    label = "fails with `{X}`",
    note = "implement `std::error::Error` for `{X}` (it must be `Send + Sync` too), or return an error type of your own and write `impl From<{X}>` for it (`impl From<ember::At<{X}>>` if it is to know the node)"
)]
pub trait Holds<X> {
    /// Converts.
    fn hold(failure: At<X>) -> Self;
}
#[diagnostic::do_not_recommend]
impl<G: From<At<X>>, X> Holds<X> for G {
    fn hold(failure: At<X>) -> Self {
        G::from(failure)
    }
}
