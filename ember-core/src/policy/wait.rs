//! How a policy waits for a moment.
//!
//! Both ways end early when the context stops. A thread that waits does other work of its run or of the pool, one piece
//! at a time, and looks at the time between two; what it takes up may be longer than the wait, which then ends late.

use std::sync::Arc;
use std::task::{self, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::context::Watch;
use crate::future::Timer;
use crate::{Clock, Context, Stopped, executor};

#[cfg(all(test, not(loom)))]
mod tests;

/// How long a thread that found no other work sleeps before it looks again, at first and at most.
const IDLE: Duration = Duration::from_micros(100);
const IDLE_MOST: Duration = Duration::from_millis(10);

/// What waiting in an `async` call needs. Without the feature `tokio` such a call does not compile.
#[cfg_attr(
    not(feature = "tokio"),
    doc = "
```compile_fail,E0277
# use ember_core::policy::{Class, PolicyError, Retry};
async fn answer(retry: &Retry) -> Result<u8, PolicyError<String>> {
    retry.call_async(|_| async { Ok(42) }, |_| Class::Retry).await
}
```"
)]
#[diagnostic::on_unimplemented(
    message = "a policy of an `async` operator waits by timers, which ember has with its feature `tokio`",
    label = "this call could never be woken",
    note = "in Cargo.toml: `ember = {{ version = \"..\", features = [\"tokio\"] }}`"
)]
pub trait Timers<'never> {}
#[cfg(feature = "tokio")]
impl Timers<'_> for () {}

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Keeps the thread until a moment by a clock.
///
/// # Errors
///
/// If the context stops first.
#[cold]
pub(crate) fn pause(until: Instant, clock: &dyn Clock, context: &Context) -> Result<(), Stopped> {
    let mut watch = Watch::new(context);
    watch.register(&Waker::from(Arc::new(Unpark(thread::current()))));
    let (mut idle, mut waited) = (IDLE, false);
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
            idle = IDLE;
            continue;
        }
        let mut moment = until;
        let late = context.remaining().and_then(|left| now.checked_add(left));
        moment = late.map_or(moment, |late| moment.min(late));
        // A clock that does not pass by itself wakes the thread when it is moved, and then is the time to look.
        if takes_part && clock.has_timers() {
            moment = moment.min(now + idle);
            (idle, waited) = (IDLE_MOST.min(idle * 2), true);
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
