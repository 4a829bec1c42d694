//! A call that is dropped when its time is up.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Instant;

use pin_project_lite::pin_project;

use super::Timeout;
use crate::Context;
use crate::future::Timer;
use crate::policy::PolicyError;

pin_project! {
    /// A call of an `async` operator with a limit on its time.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct TimedCall<F> {
        timeout: Timeout,
        // Known when a poll has not ended the call: one that is ready at once asks no clock.
        due: Option<Due>,
        // Gone when time is up.
        #[pin]
        call: Option<F>,
    }
}

struct Due {
    at: Instant,
    timer: Option<Timer>,
}

impl<F> TimedCall<F> {
    pub(super) const fn new(timeout: Timeout, call: F) -> Self {
        Self { timeout, due: None, call: Some(call) }
    }
}

impl Due {
    fn new(timeout: Timeout) -> Self {
        Context::__with(|context| Self {
            at: context.now() + timeout.after,
            timer: Timer::within(context, timeout.after),
        })
    }

    fn has_come(&mut self, cx: &mut task::Context<'_>) -> bool {
        match &mut self.timer {
            Some(timer) => timer.poll(cx).is_ready(),
            None => Context::__with(|context| context.now() >= self.at),
        }
    }
}

impl<T, E, F: Future<Output = Result<T, PolicyError<E>>>> Future for TimedCall<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (timeout, mut call) = (*this.timeout, this.call);
        let running = call.as_mut().as_pin_mut().expect("a call is not polled after its end");
        if let Poll::Ready(outcome) = running.poll(cx) {
            return Poll::Ready(outcome);
        }
        if this.due.get_or_insert_with(|| Due::new(timeout)).has_come(cx) {
            call.set(None);
            return Poll::Ready(Err(timeout.timed_out()));
        }
        Poll::Pending
    }
}
