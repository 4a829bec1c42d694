//! Failures of operators that run graphs: what policies inside of those have said is not the operator's failure, for a
//! breaker around it.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::Error;
use crate::policy::PolicyError;

/// Tells of failures of a type whether they come from a policy inside, for generated code.
///
/// The two traits below offer the ways; method lookup takes the first that the types allow, because it is implemented for one
/// reference more.
#[derive(Debug)]
pub struct Inside<E>(PhantomData<fn(&E)>);

impl<E> Inside<E> {
    /// For the type of this failure.
    #[inline(always)]
    pub const fn of(_: &E) -> Self {
        Self(PhantomData)
    }
}

/// The errors of graphs.
pub trait InsideOfGraph {
    /// Whether it comes from a policy.
    fn is_from(&self, failure: &Error) -> bool;
}

impl InsideOfGraph for &Inside<Error> {
    fn is_from(&self, failure: &Error) -> bool {
        failure.tells_nothing()
    }
}

/// Failures of other types.
pub trait InsideOfAny<E> {
    /// It is the operator's.
    fn is_from(&self, _: &E) -> bool {
        false
    }
}

impl<E> InsideOfAny<E> for Inside<E> {}

/// Notes of a call's failure whether it comes from a policy inside.
///
/// # Errors
///
/// What the call failed with.
#[inline(always)]
pub fn told_inside<T, E>(
    mut outcome: Result<T, PolicyError<E>>,
    is_from: impl FnOnce(&E) -> bool,
) -> Result<T, PolicyError<E>> {
    if let Err(failed) = &mut outcome {
        let from_inside = failed.operator().is_some_and(is_from);
        failed.set_from_inside(from_inside);
    }
    outcome
}

/// The same of a call that waits.
#[inline(always)]
pub fn told_inside_async<T, E, F, K>(call: F, is_from: K) -> ToldInside<F, K>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
    K: Fn(&E) -> bool,
{
    ToldInside { call, is_from }
}

pin_project! {
    /// The future of a call of whose failure is noted whether it comes from a policy inside.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct ToldInside<F, K> {
        #[pin]
        call: F,
        is_from: K,
    }
}

impl<T, E, F, K> Future for ToldInside<F, K>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
    K: Fn(&E) -> bool,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.call.poll(cx).map(|outcome| told_inside(outcome, this.is_from))
    }
}
