//! How a future waits for its turn.

use std::future::poll_fn;
use std::task::{self, Poll, Waker};
use std::time::Instant;

use super::turn::Wait;
use crate::context::Watch;
use crate::future::Timer;
use crate::policy::time::Time;
use crate::{Context, Stopped};

/// What else ends the wait of a future: a moment by the clock of the limit, and the context.
///
/// Without timers, which is outside of a runtime or by a clock that does not pass by itself, the time is looked at
/// whenever the future is polled.
pub(crate) struct Patience {
    context: Context,
    watch: Watch,
    until: Option<Instant>,
    timer: Option<Timer>,
    deadline: Option<Timer>,
    /// Whether a timer has seen the moment, and the deadline.
    over: bool,
    late: bool,
}

impl Patience {
    pub(crate) fn new(context: Context, until: Option<Instant>, time: &Time) -> Self {
        let watch = Watch::new(&context);
        let timer = until.filter(|_| time.clock(&context).has_timers()).and_then(Timer::at);
        let deadline = Timer::of(&context);
        Self { context, watch, until, timer, deadline, over: false, late: false }
    }

    /// Sees to it that the future is polled when one of them comes. Who asks afterwards misses nothing.
    ///
    /// # Errors
    ///
    /// If the context has stopped.
    pub(crate) fn register(&mut self, waker: &Waker) -> Result<(), Stopped> {
        self.watch.register(waker);
        rings(&mut self.timer, &mut self.over, waker);
        rings(&mut self.deadline, &mut self.late, waker);
        self.context.check()?;
        if self.late { Err(Stopped::DeadlineExceeded) } else { Ok(()) }
    }

    /// Whether the moment has come.
    pub(crate) fn is_over(&self, time: &Time) -> bool {
        self.over || self.until.is_some_and(|until| until <= time.now(&self.context))
    }
}

/// Waits until there is what is waited for.
///
/// # Errors
///
/// If the context stops first.
pub(crate) async fn wait<W: Wait>(mut wait: W, context: Context) -> Result<W::Output, Stopped> {
    let mut patience = Patience::new(context, None, &Time::NONE);
    poll_fn(|task| match patience.register(task.waker()) {
        Ok(()) => wait.poll(task.waker()).map(Ok),
        Err(why) => Poll::Ready(Err(why)),
    })
    .await
}

fn rings(timer: &mut Option<Timer>, has_rung: &mut bool, waker: &Waker) {
    if let Some(set) = timer
        && set.poll(&mut task::Context::from_waker(waker)).is_ready()
    {
        *timer = None;
        *has_rung = true;
    }
}
