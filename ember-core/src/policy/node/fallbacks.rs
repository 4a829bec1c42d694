//! What stands in for a node's value.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::{Kept, Shared};
use crate::policy::{Fallback, LastGood, PolicyError};

/// A call whose value this function gives if it fails, and the failure is one of which that is so.
///
/// # Errors
///
/// What the call failed with, and the function.
#[inline(always)]
pub fn instead<T, E: std::fmt::Display>(
    fallback: Option<Shared<Fallback>>,
    next: impl FnOnce() -> Result<T, PolicyError<E>>,
    which: impl FnOnce(&PolicyError<E>) -> bool,
    with: impl FnOnce(&PolicyError<E>) -> Result<T, E>,
) -> Result<T, PolicyError<E>> {
    match fallback {
        Some(Shared(fallback)) => {
            fallback.call_if(next, which, |failed| with(failed).map_err(PolicyError::from))
        }
        None => next(),
    }
}

pin_project! {
    /// A call that waits, and the function that gives a value if it fails.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Instead<F, I, W> {
        fallback: Option<Shared<Fallback>>,
        given: Option<(I, W)>,
        #[pin]
        call: F,
    }
}

/// The same of a call that waits.
#[inline(always)]
pub fn instead_async<T, E, F, I, W>(
    fallback: Option<Shared<Fallback>>,
    call: F,
    which: I,
    with: W,
) -> Instead<F, I, W>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
    I: FnOnce(&PolicyError<E>) -> bool,
    W: FnOnce(&PolicyError<E>) -> Result<T, E>,
{
    Instead { fallback, given: Some((which, with)), call }
}

impl<T, E, F, I, W> Future for Instead<F, I, W>
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
    I: FnOnce(&PolicyError<E>) -> bool,
    W: FnOnce(&PolicyError<E>) -> Result<T, E>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let outcome = ready!(this.call.poll(cx));
        let (which, with) = this.given.take().expect("a call is not polled after its end");
        Poll::Ready(instead(*this.fallback, || outcome, which, with))
    }
}

pin_project! {
    /// A call that waits, and another that stands in if it fails.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct InsteadOperator<F, I, G, E> {
        fallback: Option<Shared<Fallback>>,
        which: I,
        failed: Option<PolicyError<E>>,
        #[pin]
        call: F,
        #[pin]
        with: G,
    }
}

/// The same with another operator, which waits too.
#[inline(always)]
pub const fn instead_operator_async<T, E, F, I, G>(
    fallback: Option<Shared<Fallback>>,
    call: F,
    which: I,
    with: G,
) -> InsteadOperator<F, I, G, E>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
    I: Fn(&PolicyError<E>) -> bool,
    G: Future<Output = Result<T, PolicyError<E>>>,
{
    InsteadOperator { fallback, which, failed: None, call, with }
}

impl<T, E, F, I, G> Future for InsteadOperator<F, I, G, E>
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
    I: Fn(&PolicyError<E>) -> bool,
    G: Future<Output = Result<T, PolicyError<E>>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(Shared(fallback)) = *this.fallback else { return this.call.poll(cx) };
        if this.failed.is_none() {
            match ready!(this.call.poll(cx)) {
                Err(failed) if Fallback::takes_over(&failed) && (this.which)(&failed) => {
                    *this.failed = Some(failed);
                }
                outcome => return Poll::Ready(outcome),
            }
        }
        let outcome = ready!(this.with.poll(cx));
        let failed = this.failed.take().expect("it was put there");
        Poll::Ready(fallback.used(failed, outcome))
    }
}

/// A call in whose place the last value stands that was good. The first failure of all has none.
///
/// # Errors
///
/// What the call failed with.
pub fn last_good<T: Clone + Send + Sync + 'static, E: std::fmt::Display>(
    fallback: Option<Shared<Fallback>>,
    kept: &'static Kept,
    next: impl FnOnce() -> Result<T, PolicyError<E>>,
    which: impl FnOnce(&PolicyError<E>) -> bool,
) -> Result<T, PolicyError<E>> {
    let Some(Shared(fallback)) = fallback else { return next() };
    settle(fallback, kept.get(LastGood::new), next(), which)
}

/// The same of a call that waits.
///
/// # Errors
///
/// What the call failed with.
pub async fn last_good_async<T, E, F, I>(
    fallback: Option<Shared<Fallback>>,
    kept: &'static Kept,
    next: F,
    which: I,
) -> Result<T, PolicyError<E>>
where
    T: Clone + Send + Sync + 'static,
    E: std::fmt::Display,
    I: FnOnce(&PolicyError<E>) -> bool,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    let outcome = next.await;
    let Some(Shared(fallback)) = fallback else { return outcome };
    settle(fallback, kept.get(LastGood::new), outcome, which)
}

fn settle<T: Clone, E: std::fmt::Display>(
    fallback: &Fallback,
    good: &LastGood<T>,
    outcome: Result<T, PolicyError<E>>,
    which: impl FnOnce(&PolicyError<E>) -> bool,
) -> Result<T, PolicyError<E>> {
    if let Ok(value) = &outcome {
        good.set(value);
        return outcome;
    }
    match good.get() {
        Some(value) => fallback.call_if(|| outcome, which, |_| Ok(value)),
        None => outcome,
    }
}
