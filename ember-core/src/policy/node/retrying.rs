//! Attempts, given whether each is the last.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use super::Shared;
use crate::policy::retry::{Next, TellsLast};
use crate::policy::{Attempts, Class, PolicyError, Retry, Timers};

/// Makes attempts, if they are to be made again. `next` is told whether none can follow.
///
/// # Errors
///
/// What the last attempt failed with, and those before.
#[inline(always)]
pub fn retry<T, E>(
    retry: Option<Shared<Retry>>,
    mut next: impl FnMut(bool) -> Result<T, PolicyError<E>>,
    classify: impl Fn(&E) -> Class,
) -> Result<T, PolicyError<E>> {
    match retry {
        Some(Shared(retry)) => retry.before(None).call_each(|attempt, most| next(attempt == most), classify),
        None => next(true),
    }
}

/// The same of a call that waits.
#[inline(always)]
pub fn retry_async<T, E, N, K, F>(
    retry: Option<Shared<Retry>>,
    next: N,
    classify: K,
) -> Retrying<TellsLast<N>, K, F, E>
where
    N: FnMut(bool) -> F,
    K: Fn(&E) -> Class,
    F: Future<Output = Result<T, PolicyError<E>>>,
    for<'never> (): Timers<'never>,
{
    retrying(retry, TellsLast(next), classify)
}

/// The same of what makes the calls.
#[inline(always)]
pub(super) fn retrying<T, E, N, K, F>(
    retry: Option<Shared<Retry>>,
    mut next: N,
    classify: K,
) -> Retrying<N, K, F, E>
where
    N: Next<F>,
    K: Fn(&E) -> Class,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    match retry {
        // The node's deadline it finds in its context.
        Some(Shared(retry)) => {
            Retrying::Again { attempts: Attempts::new(retry.before(None), next, classify) }
        }
        None => Retrying::Once { call: next.next(1, 1) },
    }
}

pin_project! {
    /// The future of a call that may be made again.
    #[project = Part]
    #[must_use = "futures do nothing unless they are awaited"]
    pub enum Retrying<N, K, F, E> {
        Again { #[pin] attempts: Attempts<'static, N, K, F, E> },
        Once { #[pin] call: F },
    }
}

impl<T, E, N, K, F> Future for Retrying<N, K, F, E>
where
    N: Next<F>,
    K: Fn(&E) -> Class,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        match self.project() {
            Part::Again { attempts } => attempts.poll(cx),
            Part::Once { call } => call.poll(cx),
        }
    }
}
