//! What a thread does while it waits for something that no part of a run brings, such as a moment or a permit.

use std::cell::Cell;

use super::{crew, hold, pool};

/// How often waits may nest on one stack by taking up other work. Each may delay those below it.
const DEPTH: u32 = 8;

thread_local! {
    static NESTED: Cell<u32> = const { Cell::new(0) };
    /// Whether what this thread helps with next is to be left after one piece.
    static BRIEF: Cell<bool> = const { Cell::new(false) };
}

/// Whether there may be other work for this thread: it works on a run or is one of the pool, and is not inside of a call
/// that others may wait for.
pub(crate) fn may_take_part() -> bool {
    (crew::is_at_work() || pool::is_inside()) && !hold::is_inside() && NESTED.get() < DEPTH
}

/// Takes part in other work, first in that of its run, then in what the pool has. Tells whether there was any.
///
/// Of its run it does one task, or one lot of items, and of the pool one job: then it looks whether its own time has
/// come.
pub(crate) fn take_part() -> bool {
    // A helper is a thread of the pool, but what else the pool has is none of its run.
    take_part_in_run() || nested(|| pool::is_inside() && pool::do_one())
}

/// The same, but no job of the pool.
pub(crate) fn take_part_in_run() -> bool {
    nested(crew::assist_here)
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
