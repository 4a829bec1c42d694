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

use crate::context::Watch;
use crate::policy::time::Time;
use crate::{Context, Stopped, executor};

/// How long a thread sleeps before it looks for other work, and at most between two looks.
const IDLE: Duration = Duration::from_micros(100);
const IDLE_MOST: Duration = Duration::from_millis(10);

/// What is waited for.
pub(crate) trait Wait {
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
pub(crate) fn wait<W: Wait>(
    wait: &mut W,
    until: Option<Instant>,
    time: &Time,
    context: &Context,
) -> Result<Option<W::Output>, Stopped> {
    let bell = Arc::new(Bell { thread: thread::current(), rung: AtomicBool::new(false) });
    let waker = Waker::from(bell.clone());
    let mut watch = Watch::new(context);
    watch.register(&waker);
    let clock = time.clock(context);
    let mut idle = IDLE;
    loop {
        context.check()?;
        if let Poll::Ready(output) = wait.poll(&waker) {
            return Ok(Some(output));
        }
        let now = clock.now();
        if until.is_some_and(|until| until <= now) {
            return Ok(None);
        }
        let deadline = context.remaining();
        let moments = [until, deadline.and_then(|left| now.checked_add(left))];
        let moment = moments.into_iter().flatten().min();
        if executor::may_take_part() {
            let left = moment.filter(|_| clock.has_timers()).map_or(idle, |moment| idle.min(moment - now));
            if !bell.sleep(|| thread::park_timeout(left)) && wait.step_aside() {
                idle = if executor::take_part() { IDLE } else { IDLE_MOST.min(idle * 2) };
            }
        } else if time.is_own() && deadline.is_some() {
            // Two clocks, of which one only can be slept by.
            bell.sleep(|| thread::park_timeout(IDLE_MOST));
        } else if let Some(moment) = moment {
            bell.sleep(|| clock.park_until(moment));
        } else {
            bell.sleep(thread::park);
        }
    }
}

/// Wakes a thread.
struct Bell {
    thread: Thread,
    rung: AtomicBool,
}

impl Bell {
    /// Sleeps, unless it was rung since the last time, and tells whether it was.
    fn sleep(&self, sleep: impl FnOnce()) -> bool {
        if self.rung.swap(false, Ordering::Acquire) {
            return true;
        }
        sleep();
        self.rung.swap(false, Ordering::Acquire)
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
