//! How a thread waits for its turn.
//!
//! It sleeps until it is woken, the turn or the deadline comes, or the context is cancelled. A thread of the pool, or one
//! that works on a run, looks now and then for other work meanwhile, unless it is inside of a call that holds a permit
//! (`executor::hold` says why). While it looks it has stepped aside, so no turn is given to a thread that has no time
//! for it; its place in the line it keeps.

use std::task::{Poll, Waker};
use std::thread::park_timeout;
use std::time::Instant;

use super::{Bell, Idle};
use crate::context::Watch;
use crate::policy::time::Time;
use crate::sync::park;
use crate::{Context, Stopped, executor};

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
    let bell = Bell::new();
    let waker = Waker::from(bell.clone());
    let mut watch = Watch::new(context);
    watch.register(&waker);
    let clock = time.clock(context);
    let mut idle = Idle::new();
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
            let left = moment
                .filter(|_| clock.has_timers())
                .map_or(idle.time(), |moment| idle.time().min(moment - now));
            if !bell.sleep(|| park_timeout(left)) && wait.step_aside() {
                idle.found(executor::take_part());
            }
        } else if time.is_own() && deadline.is_some() {
            // Two clocks, of which one only can be slept by.
            bell.sleep(|| park_timeout(Idle::MOST));
        } else if let Some(moment) = moment {
            bell.sleep(|| clock.park_until(moment));
        } else {
            bell.sleep(park);
        }
    }
}
