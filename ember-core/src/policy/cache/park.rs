//! How a thread waits for the call of another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::flights::{Ticket, Turn};
use crate::context::Watch;
use crate::{Context, Stopped};

/// Waits until it is this one's turn.
///
/// # Errors
///
/// If the context stopped first.
#[cold]
pub(super) fn wait<'f, K, O: Clone>(
    mut ticket: Ticket<'f, K, O>,
    context: &Context,
) -> Result<Turn<'f, K, O>, Stopped> {
    let bell = Arc::new(Bell { thread: thread::current(), rung: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&bell));
    let mut watch = Watch::new(context);
    watch.register(&waker);
    loop {
        context.check()?;
        if let Poll::Ready(turn) = ticket.poll(&waker) {
            return Ok(turn);
        }
        if !bell.rung.swap(false, Ordering::Acquire) {
            match context.deadline() {
                Some(deadline) => context.clock().park_until(deadline),
                None => thread::park(),
            }
            bell.rung.swap(false, Ordering::Acquire);
        }
    }
}

/// Wakes a thread.
struct Bell {
    thread: Thread,
    rung: AtomicBool,
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
