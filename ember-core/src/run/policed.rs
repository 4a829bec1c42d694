//! The ways of a failure that policies told: the operator's own goes as it would without them, and what a policy says
//! in its place becomes an [`Error`].

use std::marker::PhantomData;

use super::failure::{AnyError, Failure, Holds, RaiseByBox, RaiseByFrom, RaiseByNode, RaiseOpaque, Sink};
use crate::error::{At, BoxedError, Error};
use crate::policy::PolicyError;

/// The way of a failure `E` of an operator behind policies into the error type `G`. `K` says what happens to one that stands
/// behind what a policy says.
pub struct PolicedWay<G, E, K>(PhantomData<fn(E) -> (G, K)>);

/// What happens to an operator's failure that stands behind what a policy says.
pub trait Keep<E> {
    /// What stands behind the error then.
    fn keep(failure: E) -> Option<BoxedError>;
}

/// It becomes the source of the error.
#[derive(Debug)]
pub struct Keeps;
impl<E: Into<BoxedError>> Keep<E> for Keeps {
    fn keep(failure: E) -> Option<BoxedError> {
        Some(failure.into())
    }
}

/// It is no error, so nothing can show it.
#[derive(Debug)]
pub struct Loses;
impl<E> Keep<E> for Loses {
    fn keep(_: E) -> Option<BoxedError> {
        None
    }
}

impl<G, E, K> PolicedWay<G, E, K> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Takes the operator's failure, together with its node and attempt, by the given way.
#[cold]
#[inline(never)]
fn raise<G, E, K: Keep<E>, S: Sink<G>>(
    _: &PolicedWay<G, E, K>,
    failure: PolicyError<E>,
    sink: S,
    own: impl FnOnce(At<E>) -> Failure<G>,
) -> S::Outcome {
    let site = sink.site();
    let failure = match failure.into_cause(K::keep) {
        (Ok(failure), attempt) => own(At::__new(failure, site).__with_attempt(attempt)),
        (Err(cause), attempt) => Failure::Plain(cause.into_error(site, attempt)),
    };
    sink.take(failure)
}

impl<G: From<At<E>>, E, K: Keep<E>> RaiseByNode<G, PolicyError<E>> for &&&&&&PolicedWay<G, E, K> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(self, failure, sink, |at| Failure::Typed(G::from(at)))
    }
}

/// The failure is of the graph's error type, behind policies.
pub trait RaiseSamePoliced<G> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: PolicyError<G>, sink: S) -> S::Outcome;
}
impl<G, K: Keep<G>> RaiseSamePoliced<G> for &&&&&PolicedWay<G, G, K> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<G>, sink: S) -> S::Outcome {
        raise(self, failure, sink, |at| Failure::Typed(at.into_source()))
    }
}

/// The failure is that of a graph, which the node ran behind policies.
pub trait RaiseNestedPoliced<G> {
    /// Converts.
    fn raise<S: Sink<G>>(&self, failure: PolicyError<Error>, sink: S) -> S::Outcome;
}
impl<G, K: Keep<Error>> RaiseNestedPoliced<G> for &&&&PolicedWay<G, Error, K> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<Error>, sink: S) -> S::Outcome {
        raise(self, failure, sink, |at| Failure::Plain(Error::from(at)))
    }
}

impl<G: From<AnyError>, E, K: Keep<E>> RaiseOpaque<G, PolicyError<E>> for &&&PolicedWay<G, E, K>
where
    Error: From<At<E>>,
{
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(self, failure, sink, |at| Failure::Plain(Error::from(at)))
    }
}

impl<G: From<E>, E, K: Keep<E>> RaiseByFrom<G, PolicyError<E>> for &&PolicedWay<G, E, K> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(self, failure, sink, |at| Failure::Typed(G::from(at.into_source())))
    }
}

impl<G, E, K: Keep<E>> RaiseByBox<G, PolicyError<E>> for &PolicedWay<G, E, K>
where
    Error: From<At<E>>,
{
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome {
        raise(self, failure, sink, |at| Failure::Plain(Error::from(at)))
    }
}

/// Nothing takes the failure of an operator behind policies: names what is missing.
pub trait RaiseRefusedPoliced<G, E> {
    /// Never runs: its bound does not hold where it is chosen.
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome
    where
        G: Holds<E>;
}
impl<G, E, K: Keep<E>> RaiseRefusedPoliced<G, E> for PolicedWay<G, E, K> {
    fn raise<S: Sink<G>>(&self, failure: PolicyError<E>, sink: S) -> S::Outcome
    where
        G: Holds<E>,
    {
        raise(self, failure, sink, |at| Failure::Typed(G::hold(at)))
    }
}
