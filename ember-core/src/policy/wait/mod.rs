//! How a policy waits: for a [`moment`], or for a [`turn`] that others give.
//!
//! There are two of each, for threads and for futures, and all end early when the context stops. A thread that waits does
//! other work of its run or of the pool, one piece at a time, and looks between two; what it takes up may be longer than
//! the wait, which then ends late.
//!
//! The loops of threads are two: who pauses looks for work first and sleeps by whichever clock it is; who waits for a turn
//! sleeps first, since it may be woken for its turn at once.

use std::sync::Arc;
use std::task::Wake;
use std::time::Duration;

use crate::sync::{AtomicBool, Ordering, Thread, current_thread};

pub(super) mod moment;
pub(crate) mod patience;
pub(crate) mod turn;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

/// How long a thread that found no other work sleeps before it looks again: longer each time that it finds none.
pub(super) struct Idle(Duration);

impl Idle {
    const LEAST: Duration = Duration::from_micros(100);
    pub(super) const MOST: Duration = Duration::from_millis(10);

    pub(super) const fn new() -> Self {
        Self(Self::LEAST)
    }

    /// So long from here on.
    pub(super) const fn time(&self) -> Duration {
        self.0
    }

    /// Tells whether it has found work.
    pub(super) fn found(&mut self, work: bool) {
        self.0 = if work { Self::LEAST } else { Self::MOST.min(self.0 * 2) };
    }
}

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

/// Wakes the thread that made it.
struct Bell {
    thread: Thread,
    rung: AtomicBool,
}

impl Bell {
    fn new() -> Arc<Self> {
        Arc::new(Self { thread: current_thread(), rung: AtomicBool::new(false) })
    }

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
