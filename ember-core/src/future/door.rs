//! The one door to tokio: time that passes while nodes wait, and threads for calls that block. Without the feature there
//! is neither.

use std::future::Future;
#[cfg(feature = "tokio")]
use std::panic::catch_unwind;
#[cfg(feature = "tokio")]
use std::pin::Pin;
#[cfg(feature = "tokio")]
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
#[cfg(feature = "tokio")]
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

#[cfg(feature = "tokio")]
use crate::watch::{self, Registration, State};

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
        let runtime = crate::Context::__with(timers)?;
        let _inside = runtime.enter();
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
        let runtime = timers(context)?;
        let _inside = runtime.enter();
        catch_unwind(|| Self::after(time)).ok()
    }

    /// Whether timers show the time of a context. They do not where a test has paused them, and the context goes by the
    /// system's clock.
    pub(crate) fn go_by(context: &crate::Context) -> bool {
        let now = context.now();
        let theirs = tokio::time::Instant::now().into_std();
        theirs.checked_duration_since(now).is_some_and(|since| since < Duration::from_millis(1))
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

    pub(crate) fn go_by(_: &crate::Context) -> bool {
        false
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

/// The threads for calls that block.
///
/// They are those that a runtime of ember's own keeps for this, or those of a tokio runtime that was handed in; they end when
/// they have had no work for ten seconds.
pub(crate) struct Blocking {
    /// The runtime.
    #[cfg(feature = "tokio")]
    name: String,
    #[cfg(feature = "tokio")]
    most: usize,
    #[cfg(feature = "tokio")]
    handle: Option<tokio::runtime::Handle>,
    #[cfg(feature = "tokio")]
    threads: Mutex<Option<(tokio::runtime::Runtime, Registration)>>,
    /// Those that run and those that wait for a thread.
    #[cfg(feature = "tokio")]
    calls: Arc<AtomicUsize>,
}

#[cfg(feature = "tokio")]
impl Blocking {
    /// At most so many at the same time, if none are handed in.
    pub(crate) fn new(name: &str, most: usize, handle: Option<tokio::runtime::Handle>) -> Self {
        Self { name: name.to_owned(), most, handle, threads: Mutex::new(None), calls: Arc::default() }
    }

    /// The runtime that was handed in.
    fn handle(&self) -> Option<tokio::runtime::Handle> {
        self.handle.clone()
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        let counted = Counted::new(&self.calls);
        let job = move || {
            let _counted = counted;
            job();
        };
        if let Some(handle) = &self.handle {
            drop(handle.spawn_blocking(job));
            return;
        }
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let (threads, _) = threads.get_or_insert_with(|| self.start());
        drop(threads.spawn_blocking(job));
    }

    /// The threads, and that they are seen.
    fn start(&self) -> (tokio::runtime::Runtime, Registration) {
        let name = format!("{}-blocking", self.name);
        let threads = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(self.most)
            .thread_name(&name)
            .build()
            .expect("a runtime without drivers needs nothing that could fail");
        let (calls, most) = (self.calls.clone(), self.most);
        let look = move || {
            let calls = calls.load(Relaxed);
            let in_use = calls.min(most);
            Some(State::Threads { threads: most, in_use, waiting: calls - in_use })
        };
        (threads, watch::register(name, look))
    }

    /// Lets the threads end, and tells how many calls they have left.
    pub(crate) fn close(&self) -> usize {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((threads, _)) = threads {
            threads.shutdown_background();
        }
        self.calls.load(Relaxed)
    }
}

// A runtime of tokio's may not be dropped where others are driven.
#[cfg(feature = "tokio")]
impl Drop for Blocking {
    fn drop(&mut self) {
        self.close();
    }
}

/// A call that blocks, until this is dropped.
#[cfg(feature = "tokio")]
struct Counted(Arc<AtomicUsize>);

#[cfg(feature = "tokio")]
impl Counted {
    fn new(calls: &Arc<AtomicUsize>) -> Self {
        calls.fetch_add(1, Relaxed);
        Self(calls.clone())
    }
}

#[cfg(feature = "tokio")]
impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(not(feature = "tokio"))]
impl Blocking {
    pub(crate) const fn new(_: &str, _: usize) -> Self {
        Self {}
    }

    #[expect(clippy::unused_self, reason = "there is none without the feature")]
    pub(crate) const fn close(&self) -> usize {
        0
    }
}

/// Runs `job` of a context's run on a thread that may block.
#[cfg(feature = "tokio")]
pub(super) fn spawn_blocking(context: &crate::Context, job: Box<dyn FnOnce() + Send>) {
    let held = crate::executor::hold::Around::here();
    let home = context.home().unwrap_or_else(|| crate::runtime::Runtime::global().shared());
    home.blocking().spawn(move || held.lend(job));
}

#[cfg(not(feature = "tokio"))]
pub(super) fn spawn_blocking(_: &crate::Context, job: Box<dyn FnOnce() + Send>) {
    drop(job);
    unreachable!("the feature `tokio` is off, so no operator can say that it blocks");
}

/// The runtime that has the timers: the one that polls, or the one that was handed in.
#[cfg(feature = "tokio")]
fn timers(context: &crate::Context) -> Option<tokio::runtime::Handle> {
    let handed_in = || context.home()?.blocking().handle();
    tokio::runtime::Handle::try_current().ok().or_else(handed_in)
}

/// Runs a job that belongs to no run: on a thread that may block, or where there are none, on the pool.
pub(crate) fn spawn_aside(context: &crate::Context, job: Box<dyn FnOnce() + Send>) {
    #[cfg(feature = "tokio")]
    spawn_blocking(context, job);
    #[cfg(not(feature = "tokio"))]
    crate::executor::spawn_job(context, job);
}

/// Whether there is a runtime that would go on with a future.
pub(crate) fn can_spawn() -> bool {
    #[cfg(feature = "tokio")]
    {
        tokio::runtime::Handle::try_current().is_ok()
    }
    #[cfg(not(feature = "tokio"))]
    {
        false
    }
}

/// Lets the runtime go on with a future, if there is one.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    #[cfg(feature = "tokio")]
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        drop(runtime.spawn(future));
    }
    #[cfg(not(feature = "tokio"))]
    drop(future);
}
