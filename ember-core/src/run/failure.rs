//! How a failure finds its way from a node into the graph's error type.

use std::marker::PhantomData;
use std::ops::Deref;

use super::policed::{Keep, Keeps, Loses, PolicedWay};
use crate::error::{At, BoxedError, Error, Site};
use crate::policy::PolicyError;

/// What `?` may stand behind.
#[diagnostic::on_unimplemented(
    message = "`?` stands behind something that cannot fail: it yields `{Self}`",
    label = "yields `{Self}`, not a `Result`",
    note = "remove the `?`, or let the operator return a `Result` (an `Option` becomes one by `.ok_or(..)`, a future by `.await`)"
)]
pub trait Fallible {
    /// What it yields. Were it a parameter, the compiler would go on to look for it where the whole is none, or misspelt.
    type Value;
    /// What it yields if it fails.
    type Failure;

    /// The value or the failure.
    ///
    /// # Errors
    ///
    /// The failure, if it is one.
    fn split(self) -> Result<Self::Value, Self::Failure>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Failure = E;

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

/// Where a failure goes that has become one of the graph's.
pub trait Sink<G> {
    /// What the node's line does then.
    type Outcome;
    /// Where the node stands.
    fn site(&self) -> Site;
    /// Takes the failure.
    fn take(self, failure: Failure<G>) -> Self::Outcome;
}

/// The way of a failure `X` into the error type `G`.
///
/// The traits below offer the ways; method lookup takes the first that the types allow, because each is
/// implemented for one reference less than the one before. A way is one call, since it stands at each `?`.
pub struct Way<G, X>(PhantomData<fn(X) -> G>);

impl<G, X> Way<G, X> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A failure `X` of which it is to be found out whether policies told it; if not, it has a [`Way`].
pub struct Fork<G, X>(Way<G, X>);

impl<G, X> Fork<G, X> {
    pub(super) const fn new() -> Self {
        Self(Way::new())
    }
}

impl<G, X> Deref for Fork<G, X> {
    type Target = Way<G, X>;

    #[inline(always)]
    fn deref(&self) -> &Way<G, X> {
        &self.0
    }
}

/// The failure is told by policies around the operator. Where the operator's own can stand behind what they say, it is kept
/// there.
pub trait OfPolicies<G, E> {
    /// What happens to one that a policy's stands before.
    type Behind: Keep<E>;

    /// The way of the operator's own failure.
    fn way(&self) -> PolicedWay<G, E, Self::Behind>;
}
impl<G, E: Into<BoxedError>> OfPolicies<G, E> for &Fork<G, PolicyError<E>> {
    type Behind = Keeps;

    #[inline(always)]
    fn way(&self) -> PolicedWay<G, E, Keeps> {
        PolicedWay::new()
    }
}
impl<G, E> OfPolicies<G, E> for Fork<G, PolicyError<E>> {
    type Behind = Loses;

    #[inline(always)]
    fn way(&self) -> PolicedWay<G, E, Loses> {
        PolicedWay::new()
    }
}

/// The failure is the operator's own.
pub trait OfOperator<G, X> {
    /// The way of the failure.
    #[must_use]
    fn way(&self) -> Self;
}
impl<G, X> OfOperator<G, X> for Way<G, X> {
    #[inline(always)]
    fn way(&self) -> Self {
        Self::new()
    }
}

/// The error type takes the failure together with its node.
pub trait RaiseByNode<G, X> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome;
}
impl<G: From<At<X>>, X> RaiseByNode<G, X> for &&&&&&Way<G, X> {
    #[cold]
    #[inline(never)]
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome {
        let at = At::__new(failure, sink.site());
        sink.take(Failure::Typed(G::from(at)))
    }
}

/// The failure is of the graph's error type already.
pub trait RaiseSame<G> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: G, sink: S) -> S::Outcome;
}
impl<G> RaiseSame<G> for &&&&&Way<G, G> {
    #[cold]
    #[inline(never)]
    fn raise<S: Sink<G>>(&self, failure: G, sink: S) -> S::Outcome {
        sink.take(Failure::Typed(failure))
    }
}

/// The failure is that of a graph, which the node ran.
pub trait RaiseNested<G> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: Error, sink: S) -> S::Outcome;
}
impl<G> RaiseNested<G> for &&&&Way<G, Error> {
    #[cold]
    #[inline(never)]
    fn raise<S: Sink<G>>(&self, failure: Error, sink: S) -> S::Outcome {
        let at = At::__new(failure, sink.site());
        sink.take(Failure::Plain(Error::from(at)))
    }
}

/// An error that no type takes, except those that take all.
#[derive(Debug, thiserror::Error)]
#[error("no error")]
pub struct AnyError {}

/// The error type takes all errors and knows none: what is no error itself goes into an [`Error`], which tells the
/// node.
pub trait RaiseOpaque<G, X> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome;
}
impl<G: From<AnyError>, X> RaiseOpaque<G, X> for &&&Way<G, X>
where
    Error: From<At<X>>,
{
    #[cold]
    #[inline(never)]
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome {
        let at = At::__new(failure, sink.site());
        sink.take(Failure::Plain(Error::from(at)))
    }
}

/// The error type takes the failure, as it does behind a `?` in a function.
pub trait RaiseByFrom<G, X> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome;
}
impl<G: From<X>, X> RaiseByFrom<G, X> for &&Way<G, X> {
    #[cold]
    #[inline(never)]
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome {
        sink.take(Failure::Typed(G::from(failure)))
    }
}

/// The failure goes into an [`Error`], which the graph's error type takes.
pub trait RaiseByBox<G, X> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome;
}
impl<G, X> RaiseByBox<G, X> for &Way<G, X>
where
    Error: From<At<X>>,
{
    #[cold]
    #[inline(never)]
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome {
        let at = At::__new(failure, sink.site());
        sink.take(Failure::Plain(Error::from(at)))
    }
}

/// Nothing takes the failure: names what is missing.
pub trait RaiseRefused<G, X> {
    /// Never runs: its bound does not hold where it is chosen.
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome
    where
        G: Holds<X>;
}
impl<G, X> RaiseRefused<G, X> for Way<G, X> {
    fn raise<S: Sink<G>>(&self, failure: X, sink: S) -> S::Outcome
    where
        G: Holds<X>,
    {
        let at = At::__new(failure, sink.site());
        sink.take(Failure::Typed(G::hold(at)))
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
