//! What a thread does while it waits for something that no part of a run brings, such as a permit.

use std::cell::Cell;

use super::{crew, hold, pool};

/// How often waits may nest on one stack by taking up other work. Each may delay those below it.
const DEPTH: u32 = 8;

thread_local! {
    static NESTED: Cell<u32> = const { Cell::new(0) };
}

/// Whether there may be other work for this thread: it works on a run or is one of the pool, and is not inside of a call
/// that others may wait for.
pub(crate) fn may_take_part() -> bool {
    (crew::is_at_work() || pool::is_inside()) && !hold::is_inside() && NESTED.get() < DEPTH
}

/// Takes part in other work, first in that of its run, then in what the pool has. Tells whether there was any.
pub(crate) fn take_part() -> bool {
    struct Back(u32);
    impl Drop for Back {
        fn drop(&mut self) {
            NESTED.set(self.0);
        }
    }
    let _back = Back(NESTED.replace(NESTED.get() + 1));
    crew::assist_here() || pool::do_one()
}
