//! How a policy waits for a moment.

use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

use super::{Bell, Idle};
use crate::context::Watch;
use crate::future::Timer;
use crate::{Clock, Context, Stopped, executor};

/// Keeps the thread until a moment by a clock.
///
/// # Errors
///
/// If the context stops first.
#[cold]
pub(crate) fn pause(until: Instant, clock: &dyn Clock, context: &Context) -> Result<(), Stopped> {
    let mut watch = Watch::new(context);
    watch.register(&Waker::from(Bell::new()));
    let (mut idle, mut waited) = (Idle::new(), false);
    loop {
        context.check()?;
        let now = clock.now();
        if until <= now {
            return Ok(());
        }
        let takes_part = executor::may_take_part();
        // What this thread offered to others of the pool a moment ago is theirs first.
        let take_part = if waited { executor::take_part } else { executor::take_part_in_run };
        if takes_part && take_part() {
            idle.found(true);
            continue;
        }
        let mut moment = until;
        let late = context.remaining().and_then(|left| now.checked_add(left));
        moment = late.map_or(moment, |late| moment.min(late));
        // A clock that does not pass by itself wakes the thread when it is moved, and then is the time to look.
        if takes_part && clock.has_timers() {
            moment = moment.min(now + idle.time());
            idle.found(false);
            waited = true;
        }
        clock.park_until(moment);
    }
}

/// Waits for some time by tokio's timers.
pub(crate) struct Doze {
    watch: Watch,
    timer: Timer,
}

impl Doze {
    /// Begins to wait.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    pub(crate) fn new(delay: Duration, context: &Context) -> Self {
        Self { watch: Watch::new(context), timer: Timer::after(delay) }
    }

    /// Whether the time is over, or the context has stopped before.
    pub(crate) fn poll(
        &mut self,
        context: &Context,
        task: &mut task::Context<'_>,
    ) -> Poll<Result<(), Stopped>> {
        self.watch.register(task.waker());
        match context.check() {
            Ok(()) => self.timer.poll(task).map(Ok),
            Err(why) => Poll::Ready(Err(why)),
        }
    }
}
