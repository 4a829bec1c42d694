//! The one door to tokio: time that passes while nodes wait, and threads for calls that block. Without the feature there
//! is neither.

#[cfg(feature = "tokio")]
use std::future::Future;
#[cfg(feature = "tokio")]
use std::panic::catch_unwind;
#[cfg(feature = "tokio")]
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A timer that fires although what is polled before it has used up the task's share of time: else a call that always finds
/// something to do would never run out of time.
#[cfg(feature = "tokio")]
type Sleep = tokio::task::coop::Unconstrained<tokio::time::Sleep>;

/// Says when some time has passed.
pub(crate) struct Timer {
    #[cfg(feature = "tokio")]
    sleep: Pin<Box<Sleep>>,
}

#[cfg(feature = "tokio")]
impl Timer {
    /// For the deadline of a context that has one, by a clock that tokio's timers go by, inside of a runtime with timers.
    pub(crate) fn of(context: &crate::Context) -> Option<Self> {
        Self::within(context, context.remaining()?)
    }

    /// For a moment by tokio's clock, inside of a runtime with timers.
    pub(crate) fn at(moment: Instant) -> Option<Self> {
        tokio::runtime::Handle::try_current().ok()?;
        let moment = tokio::time::Instant::from_std(moment);
        // Whether a runtime has timers it does not say: it panics when one is made and there are none. Then the deadline is
        // looked at as it is outside of a runtime, and what was printed tells how to get them.
        let sleep = catch_unwind(|| tokio::time::sleep_until(moment)).ok()?;
        Some(Self::new(sleep))
    }

    /// For some time from now on.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and in one without timers.
    pub(crate) fn after(time: Duration) -> Self {
        Self::new(tokio::time::sleep(time))
    }

    fn new(sleep: tokio::time::Sleep) -> Self {
        Self { sleep: Box::pin(tokio::task::coop::unconstrained(sleep)) }
    }

    /// For some time from now on, by a clock that tokio's timers go by, inside of a runtime with timers.
    pub(crate) fn within(context: &crate::Context, time: Duration) -> Option<Self> {
        if !context.has_timers() {
            return None;
        }
        tokio::runtime::Handle::try_current().ok()?;
        catch_unwind(|| Self::after(time)).ok()
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Future::poll(self.sleep.as_mut(), cx)
    }
}

#[cfg(not(feature = "tokio"))]
impl Timer {
    pub(crate) fn of(_: &crate::Context) -> Option<Self> {
        None
    }

    pub(crate) fn at(_: Instant) -> Option<Self> {
        None
    }

    pub(crate) fn after(_: Duration) -> Self {
        Self {}
    }

    pub(crate) fn within(_: &crate::Context, _: Duration) -> Option<Self> {
        None
    }

    #[expect(clippy::unused_self, reason = "there is none without the feature")]
    pub(crate) fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

/// The clock of tokio's timers, which tests can pause.
///
/// ```
/// use ember_core::{Clock, TokioClock};
/// use std::time::Duration;
///
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
/// runtime.block_on(async {
///     let before = TokioClock.now();
///     tokio::time::sleep(Duration::from_secs(3600)).await;
///     assert!(TokioClock.now() - before >= Duration::from_secs(3600));
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[cfg(feature = "tokio")]
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioClock;

#[cfg(feature = "tokio")]
impl crate::Clock for TokioClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn has_timers(&self) -> bool {
        true
    }
}

/// How many calls can block at the same time; more wait for their turn.
#[cfg(feature = "tokio")]
const BLOCKING: usize = 64;

/// Runs `job` on a thread that may block.
///
/// The threads are those that a runtime of ember's own keeps for this; they end when they have had no work for ten
/// seconds.
#[cfg(feature = "tokio")]
pub(super) fn spawn_blocking(job: Box<dyn FnOnce() + Send>) {
    static THREADS: std::sync::OnceLock<tokio::runtime::Runtime> = std::sync::OnceLock::new();
    let threads = THREADS.get_or_init(|| {
        tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(BLOCKING)
            .thread_name("ember-blocking")
            .build()
            .expect("a runtime without drivers needs nothing that could fail")
    });
    let held = crate::executor::hold::Around::here();
    drop(threads.spawn_blocking(move || held.lend(job)));
}

#[cfg(not(feature = "tokio"))]
pub(super) fn spawn_blocking(job: Box<dyn FnOnce() + Send>) {
    drop(job);
    unreachable!("the feature `tokio` is off, so no operator can say that it blocks");
}
