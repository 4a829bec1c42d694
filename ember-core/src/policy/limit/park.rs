//! How a thread waits for its turn.
//!
//! It sleeps until it is woken, the turn or the deadline comes, or the context is cancelled. A thread of the pool, or one
//! that works on a run, looks now and then for other work meanwhile, unless it is inside of a call that holds a permit
//! (`executor::hold` says why). While it looks it has stepped aside, so no turn is given to a thread that has no time
//! for it; its place in the line it keeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::time::Time;
use crate::context::Watch;
use crate::{Context, Stopped, executor};

/// How long a thread sleeps before it looks for other work, and at most between two looks.
const IDLE: Duration = Duration::from_micros(100);
const IDLE_MOST: Duration = Duration::from_millis(10);
/// How often the time is looked at by clocks that do not pass by themselves.
const LOOK: Duration = Duration::from_millis(1);

/// What is waited for.
pub(super) trait Wait {
    type Output;

    /// Whether it is there; if not, who is to be woken when it is.
    fn poll(&mut self, waker: &Waker) -> Poll<Self::Output>;

    /// Asks for nothing until it is polled again. Tells whether it is still to come.
    fn step_aside(&mut self) -> bool;
}

/// Waits until a moment by the clock of the limit, if there is one. Gives nothing if that came first.
///
/// # Errors
///
/// If the context stopped first.
#[cold]
pub(super) fn wait<W: Wait>(
    wait: &mut W,
    until: Option<Instant>,
    time: &Time,
    context: &Context,
) -> Result<Option<W::Output>, Stopped> {
    let bell = Arc::new(Bell { thread: thread::current(), rung: AtomicBool::new(false) });
    let waker = Waker::from(bell.clone());
    let mut watch = Watch::new(context);
    watch.register(&waker);
    let mut idle = IDLE;
    loop {
        context.check()?;
        if let Poll::Ready(output) = wait.poll(&waker) {
            return Ok(Some(output));
        }
        let left = until.map(|until| until.saturating_duration_since(time.now(context)));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(None);
        }
        let left = left.map(|left| if time.passes(context) { left } else { LOOK });
        let late = context.remaining().map(|late| if context.has_timers() { late } else { LOOK });
        let looks = executor::may_take_part().then_some(idle);
        let woken = bell.sleep([left, late, looks].into_iter().flatten().min());
        if !woken && looks.is_some() && wait.step_aside() {
            idle = if executor::take_part() { IDLE } else { IDLE_MOST.min(idle * 2) };
        }
    }
}

/// Wakes a thread.
struct Bell {
    thread: Thread,
    rung: AtomicBool,
}

impl Bell {
    /// Sleeps until it is rung, for some time at most, and tells whether it was.
    fn sleep(&self, at_most: Option<Duration>) -> bool {
        if !self.rung.swap(false, Ordering::Acquire) {
            match at_most {
                Some(time) => thread::park_timeout(time),
                None => thread::park(),
            }
            return self.rung.swap(false, Ordering::Acquire);
        }
        true
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
