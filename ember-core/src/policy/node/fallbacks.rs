//! What stands in for a node's value.

use std::future::Future;

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

/// The same of a call that waits.
///
/// # Errors
///
/// What the call failed with, and the function.
#[inline(always)]
pub async fn instead_async<T, E: std::fmt::Display, F: Future<Output = Result<T, PolicyError<E>>>>(
    fallback: Option<Shared<Fallback>>,
    next: F,
    with: impl FnOnce(&PolicyError<E>) -> Result<T, E>,
) -> Result<T, PolicyError<E>> {
    let outcome = next.await;
    instead(fallback, || outcome, with)
}

/// The same with another operator, which waits too.
///
/// # Errors
///
/// What the call failed with, and the other operator.
#[inline(always)]
pub async fn instead_operator_async<T, E, F, G>(
    fallback: Option<Shared<Fallback>>,
    next: F,
    with: G,
) -> Result<T, PolicyError<E>>
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
    G: Future<Output = Result<T, PolicyError<E>>>,
{
    match fallback {
        Some(Shared(fallback)) => match next.await {
            Err(failed) if Fallback::takes_over(&failed) => fallback.used(failed, with.await),
            outcome => outcome,
        },
        None => next.await,
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
