//! What stands in for a node's value.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::{Kept, Shared};
use crate::policy::{Fallback, LastGood, PolicyError};

/// A call whose value this function gives if it fails.
///
/// # Errors
///
/// What the call failed with, and the function.
#[inline(always)]
pub fn instead<T, E: std::fmt::Display>(
    fallback: Option<Shared<Fallback>>,
    next: impl FnOnce() -> Result<T, PolicyError<E>>,
    with: impl FnOnce(&PolicyError<E>) -> Result<T, E>,
) -> Result<T, PolicyError<E>> {
    match fallback {
        Some(Shared(fallback)) => fallback.call(next, |failed| with(failed).map_err(PolicyError::from)),
        None => next(),
    }
}

pin_project! {
    /// A call that waits, and the function that gives a value if it fails.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Instead<F, W> {
        fallback: Option<Shared<Fallback>>,
        with: Option<W>,
        #[pin]
        call: F,
    }
}

/// The same of a call that waits.
#[inline(always)]
pub fn instead_async<T, E, F, W>(fallback: Option<Shared<Fallback>>, call: F, with: W) -> Instead<F, W>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
    W: FnOnce(&PolicyError<E>) -> Result<T, E>,
{
    Instead { fallback, with: Some(with), call }
}

impl<T, E, F, W> Future for Instead<F, W>
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
    W: FnOnce(&PolicyError<E>) -> Result<T, E>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let outcome = ready!(this.call.poll(cx));
        let with = this.with.take().expect("a call is not polled after its end");
        Poll::Ready(instead(*this.fallback, || outcome, with))
    }
}

pin_project! {
    /// A call that waits, and another that stands in if it fails.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct InsteadOperator<F, G, E> {
        fallback: Option<Shared<Fallback>>,
        failed: Option<PolicyError<E>>,
        #[pin]
        call: F,
        #[pin]
        with: G,
    }
}

/// The same with another operator, which waits too.
#[inline(always)]
pub const fn instead_operator_async<T, E, F, G>(
    fallback: Option<Shared<Fallback>>,
    call: F,
    with: G,
) -> InsteadOperator<F, G, E>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
    G: Future<Output = Result<T, PolicyError<E>>>,
{
    InsteadOperator { fallback, failed: None, call, with }
}

impl<T, E, F, G> Future for InsteadOperator<F, G, E>
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
    G: Future<Output = Result<T, PolicyError<E>>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(Shared(fallback)) = *this.fallback else { return this.call.poll(cx) };
        if this.failed.is_none() {
            match ready!(this.call.poll(cx)) {
                Err(failed) if Fallback::takes_over(&failed) => *this.failed = Some(failed),
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
) -> Result<T, PolicyError<E>> {
    let Some(Shared(fallback)) = fallback else { return next() };
    settle(fallback, kept.get(LastGood::new), next())
}

/// The same of a call that waits.
///
/// # Errors
///
/// What the call failed with.
pub async fn last_good_async<T, E, F>(
    fallback: Option<Shared<Fallback>>,
    kept: &'static Kept,
    next: F,
) -> Result<T, PolicyError<E>>
where
    T: Clone + Send + Sync + 'static,
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    let outcome = next.await;
    let Some(Shared(fallback)) = fallback else { return outcome };
    settle(fallback, kept.get(LastGood::new), outcome)
}

fn settle<T: Clone, E: std::fmt::Display>(
    fallback: &Fallback,
    good: &LastGood<T>,
    outcome: Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    if let Ok(value) = &outcome {
        good.set(value);
        return outcome;
    }
    match good.get() {
        Some(value) => fallback.call(|| outcome, |_| Ok(value)),
        None => outcome,
    }
}
