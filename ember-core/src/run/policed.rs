//! The ways of a failure that policies told: the operator's own goes as it would without them, and what a policy says
//! in its place becomes an [`Error`].

use std::marker::PhantomData;

use super::failure::{AnyError, Failure, Holds, RaiseByBox, RaiseByFrom, RaiseByNode, RaiseOpaque, Sink};
use crate::error::{At, Error};
use crate::policy::PolicyError;

/// The way of a failure `E` of an operator behind policies into the error type `G`.
pub struct PolicedWay<G, E>(PhantomData<fn(E) -> G>);

impl<G, E> PolicedWay<G, E> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Takes the operator's failure, together with its node and attempt, by the given way.
#[cold]
#[inline(never)]
fn raise<G, E, S: Sink<G>>(
    failure: PolicyError<E>,
    sink: S,
    own: impl FnOnce(At<E>) -> Failure<G>,
) -> S::Outcome {
    let site = sink.site();
    let failure = match failure.into_cause() {
        (Ok(failure), attempt) => own(At::__new(failure, site).__with_attempt(attempt)),
        (Err(cause), attempt) => Failure::Plain(cause.into_error(site, attempt)),
    };
    sink.take(failure)
}

impl<G: From<At<E>>, E> RaiseByNode<G, PolicyError<E>> for &&&&&&PolicedWay<G, E> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(failure, sink, |at| Failure::Typed(G::from(at)))
    }
}

/// The failure is of the graph's error type, behind policies.
pub trait RaiseSamePoliced<G> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: PolicyError<G>, sink: S) -> S::Outcome;
}
impl<G> RaiseSamePoliced<G> for &&&&&PolicedWay<G, G> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<G>, sink: S) -> S::Outcome {
        raise(failure, sink, |at| Failure::Typed(at.into_source()))
    }
}

/// The failure is that of a graph, which the node ran behind policies.
pub trait RaiseNestedPoliced<G> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: PolicyError<Error>, sink: S) -> S::Outcome;
}
impl<G> RaiseNestedPoliced<G> for &&&&PolicedWay<G, Error> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<Error>, sink: S) -> S::Outcome {
        raise(failure, sink, |at| Failure::Plain(Error::from(at)))
    }
}

impl<G: From<AnyError>, E> RaiseOpaque<G, PolicyError<E>> for &&&PolicedWay<G, E>
where
    Error: From<At<E>>,
{
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(failure, sink, |at| Failure::Plain(Error::from(at)))
    }
}

impl<G: From<E>, E> RaiseByFrom<G, PolicyError<E>> for &&PolicedWay<G, E> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(failure, sink, |at| Failure::Typed(G::from(at.into_source())))
    }
}

impl<G, E> RaiseByBox<G, PolicyError<E>> for &PolicedWay<G, E>
where
    Error: From<At<E>>,
{
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(failure, sink, |at| Failure::Plain(Error::from(at)))
    }
}

/// Nothing takes the failure of an operator behind policies: names what is missing.
pub trait RaiseRefusedPoliced<G, E> {
    /// Never runs: its bound does not hold where it is chosen.
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome
    where
        G: Holds<E>;
}
impl<G, E> RaiseRefusedPoliced<G, E> for PolicedWay<G, E> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome
    where
        G: Holds<E>,
    {
        raise(failure, sink, |at| Failure::Typed(G::hold(at)))
    }
}
