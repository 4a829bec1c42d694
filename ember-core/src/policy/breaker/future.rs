//! A call that waits, behind a breaker.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::permit::Lost;
use super::{Breaker, Permit, Verdict};
use crate::policy::PolicyError;

pin_project! {
    /// A call of an `async` operator behind a breaker, which is asked when the call is first polled.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct BreakerCall<'b, F> {
        breaker: &'b Breaker,
        // Dropped before the permit, which then counts for neither side.
        #[pin]
        call: F,
        permit: Option<Permit<'b>>,
    }
}

impl<'b, F> BreakerCall<'b, F> {
    pub(super) const fn new(breaker: &'b Breaker, call: F) -> Self {
        Self { breaker, call, permit: None }
    }
}

impl<T, E, F: Future<Output = Result<T, PolicyError<E>>>> Future for BreakerCall<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.permit.is_none() {
            match this.breaker.acquire() {
                Ok(permit) => *this.permit = Some(permit),
                Err(retry_after) => return Poll::Ready(Err(PolicyError::open(retry_after))),
            }
        }
        if let Some(permit) = this.permit {
            permit.if_lost(Lost::Panicked);
        }
        let polled = this.call.poll(cx);
        if let Some(permit) = this.permit {
            permit.if_lost(Lost::Dropped);
        }
        let outcome = ready!(polled);
        if let Some(permit) = this.permit.take() {
            permit.settle(Verdict::of(&outcome));
        }
        Poll::Ready(outcome)
    }
}
