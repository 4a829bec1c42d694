//! A call that is dropped when its time is up.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use super::Timeout;
use crate::context::Limit;
use crate::future::Timer;
use crate::policy::PolicyError;
use crate::{Context, Stopped};

pin_project! {
    /// A call of an `async` operator with a limit on its time.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct TimedCall<F> {
        timeout: Timeout,
        // Since the first poll.
        limit: Option<Limit>,
        timer: Alarm,
        // Gone when time is up.
        #[pin]
        call: Option<F>,
    }
}

impl<F> TimedCall<F> {
    pub(super) const fn new(timeout: Timeout, call: F) -> Self {
        Self { timeout, limit: None, timer: Alarm::Unset, call: Some(call) }
    }
}

/// What wakes the call when time is up.
enum Alarm {
    /// No poll has left the call waiting: one that is ready at once sets no timer.
    Unset,
    /// By timers of tokio.
    Set(Timer),
    /// There are none: the clock is asked at each poll.
    None,
}

impl Alarm {
    /// Whether time is up. If not, the task is woken then.
    fn rings(&mut self, limit: &Limit, cx: &mut task::Context<'_>) -> bool {
        if let Self::Unset = self {
            let left = limit.remaining();
            *self = Context::__with(|context| Timer::within(context, left)).map_or(Self::None, Self::Set);
        }
        match self {
            Self::Set(timer) => timer.poll(cx).is_ready(),
            _ => limit.remaining().is_zero(),
        }
    }

    /// Whether it was set, and time is up.
    fn has_rung(&mut self, cx: &mut task::Context<'_>) -> bool {
        if let Self::Set(timer) = self { timer.poll(cx).is_ready() } else { false }
    }
}

impl<T, E, F: Future<Output = Result<T, PolicyError<E>>>> Future for TimedCall<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (timeout, timer, mut call) = (*this.timeout, this.timer, this.call);
        let limit = this.limit.get_or_insert_with(|| Limit::new(timeout.after));
        let running = call.as_mut().as_pin_mut().expect("a call is not polled after its end");
        if let Poll::Ready(outcome) = limit.scope(|| running.poll(cx)) {
            return Poll::Ready(timeout.judge(outcome, || limit.has_come(timer.has_rung(cx))));
        }
        if !timer.rings(limit, cx) {
            return Poll::Pending;
        }
        let has_come = limit.has_come(true);
        if has_come {
            limit.expire();
        }
        limit.scope(|| call.set(None));
        Poll::Ready(Err(if has_come {
            timeout.timed_out()
        } else {
            let stopped = Context::__with(Context::check).err();
            PolicyError::stopped(stopped.unwrap_or(Stopped::DeadlineExceeded))
        }))
    }
}
