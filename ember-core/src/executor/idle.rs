//! What a thread does while it waits for something that no part of a run brings, such as a moment or a permit.

use std::cell::Cell;

use super::{crew, hold, pool};

/// How often waits may nest on one stack by taking up other work of the run. Each may delay those below it.
const DEPTH: u32 = 8;
/// The same by taking up jobs of the pool. What a call is waited for may be one of these, handed into the pool by its
/// caller, so they are done where the stack has had its fill of the run.
const DEEPEST: u32 = 2 * DEPTH;

thread_local! {
    static NESTED: Cell<u32> = const { Cell::new(0) };
    /// Whether what this thread helps with next is to be left after one piece.
    static BRIEF: Cell<bool> = const { Cell::new(false) };
}

/// Whether there may be other work for this thread: it works on a run or is one of the pool, and is not inside of a call
/// that others may wait for.
pub(crate) fn may_take_part() -> bool {
    let nested = NESTED.get();
    !hold::is_inside() && (crew::is_at_work() && nested < DEPTH || pool::is_its_thread() && nested < DEEPEST)
}

/// Takes part in other work, first in that of its run, then in what the pool has. Tells whether there was any.
///
/// Of its run it does one task, or one lot of items, and of the pool one job: then it looks whether its own time has
/// come. A helper is a thread of the pool too, and while it waits, nobody else may be there for the pool's jobs.
pub(crate) fn take_part() -> bool {
    take_part_in_run() || pool::is_its_thread() && nested(|| crew::off_work(pool::do_one))
}

/// The same, but no job of the pool.
pub(crate) fn take_part_in_run() -> bool {
    NESTED.get() < DEPTH && nested(crew::assist_here)
}

fn nested(work: impl FnOnce() -> bool) -> bool {
    struct Back(u32);
    impl Drop for Back {
        fn drop(&mut self) {
            NESTED.set(self.0);
        }
    }
    let _back = Back(NESTED.replace(NESTED.get() + 1));
    work()
}

/// Makes a visit brief.
pub(super) fn briefly(visit: impl FnOnce() -> bool) -> bool {
    BRIEF.set(true);
    let helped = visit();
    BRIEF.set(false);
    helped
}

/// Whether the visit that begins here is to be brief. Asked once, before anything of the run is done: what that helps
/// with in turn need not be.
pub(super) fn is_brief() -> bool {
    BRIEF.take()
}

#[cfg(all(test, not(loom), feature = "parallel"))]
mod tests;
