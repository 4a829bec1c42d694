//! Attempts, given whether each is the last.

use std::future::Future;

#[cfg(feature = "tokio")]
use crate::Context;
use crate::policy::{Class, PolicyError, Retry, Timeout};

/// Makes attempts, if they are to be made again. `next` is told whether none can follow.
///
/// # Errors
///
/// What the last attempt failed with, and those before.
#[inline(always)]
pub fn retry<T, E>(
    retry: Option<&Retry>,
    mut next: impl FnMut(bool) -> Result<T, PolicyError<E>>,
    classify: impl Fn(&E) -> Class,
) -> Result<T, PolicyError<E>> {
    match retry {
        Some(retry) => {
            let most = retry.attempts();
            retry.call(|attempt| next(attempt == most), classify)
        }
        None => next(true),
    }
}

/// The same of a call that waits. Unlike a thread, it does not find the node's deadline in its context.
///
/// # Errors
///
/// What the last attempt failed with, and those before.
#[cfg(feature = "tokio")]
#[inline(always)]
pub async fn retry_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
    retry: Option<&Retry>,
    deadline: Option<Timeout>,
    mut next: impl FnMut(bool) -> F,
    classify: impl Fn(&E) -> Class,
) -> Result<T, PolicyError<E>> {
    match retry {
        Some(retry) => {
            let most = retry.attempts();
            let due =
                deadline.and_then(|deadline| Context::__with(Context::now).checked_add(deadline.after()));
            retry.before(due).call_async(|attempt| next(attempt == most), classify).await
        }
        None => next(true).await,
    }
}

/// Without timers: what calls it does not compile, for it asks for [`timers`](super::timers) first.
///
/// # Errors
///
/// What the call failed with.
#[cfg(not(feature = "tokio"))]
pub async fn retry_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
    _: Option<&Retry>,
    _: Option<Timeout>,
    mut next: impl FnMut(bool) -> F,
    _: impl Fn(&E) -> Class,
) -> Result<T, PolicyError<E>> {
    next(true).await
}
