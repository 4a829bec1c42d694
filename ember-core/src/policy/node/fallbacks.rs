//! What stands in for a node's value.

use std::future::Future;

use super::Kept;
use crate::policy::{Fallback, LastGood, PolicyError};

/// A call whose value this function gives if it fails.
///
/// # Errors
///
/// What the call failed with, and the function.
#[inline(always)]
pub fn instead<T, E: std::fmt::Display>(
    fallback: Option<&Fallback>,
    next: impl FnOnce() -> Result<T, PolicyError<E>>,
    with: impl FnOnce(&PolicyError<E>) -> Result<T, E>,
) -> Result<T, PolicyError<E>> {
    match fallback {
        Some(fallback) => fallback.call(next, |failed| with(failed).map_err(PolicyError::from)),
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
    fallback: Option<&Fallback>,
    next: impl FnOnce() -> F,
    with: impl FnOnce(&PolicyError<E>) -> Result<T, E>,
) -> Result<T, PolicyError<E>> {
    let outcome = next().await;
    match fallback {
        Some(fallback) => fallback.call(|| outcome, |failed| with(failed).map_err(PolicyError::from)),
        None => outcome,
    }
}

/// The same with another operator, which waits too.
///
/// # Errors
///
/// What the call failed with, and the other operator.
#[inline(always)]
pub async fn instead_operator_async<T, E, F, G>(
    fallback: Option<&Fallback>,
    next: impl FnOnce() -> F,
    with: impl FnOnce() -> G,
) -> Result<T, PolicyError<E>>
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
    G: Future<Output = Result<T, PolicyError<E>>>,
{
    match (next().await, fallback) {
        (Err(failed), Some(fallback)) if Fallback::takes_over(&failed) => {
            let outcome = with().await;
            fallback.used(failed, outcome)
        }
        (outcome, _) => outcome,
    }
}

/// A call in whose place the last value stands that was good. The first failure of all has none.
///
/// # Errors
///
/// What the call failed with.
pub fn last_good<T: Clone + Send + Sync + 'static, E: std::fmt::Display>(
    fallback: Option<&Fallback>,
    kept: &'static Kept,
    next: impl FnOnce() -> Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    let Some(fallback) = fallback else { return next() };
    settle(fallback, kept.get(LastGood::new), next())
}

/// The same of a call that waits.
///
/// # Errors
///
/// What the call failed with.
pub async fn last_good_async<T, E, F>(
    fallback: Option<&Fallback>,
    kept: &'static Kept,
    next: impl FnOnce() -> F,
) -> Result<T, PolicyError<E>>
where
    T: Clone + Send + Sync + 'static,
    E: std::fmt::Display,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    let Some(fallback) = fallback else { return next().await };
    settle(fallback, kept.get(LastGood::new), next().await)
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
