//! What runs share that belong together: threads, bounds and defaults.

mod builder;
mod shared;

#[cfg(all(test, not(loom), feature = "parallel"))]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

pub use self::builder::{BuildError, RuntimeBuilder};
pub(crate) use self::shared::{Running, Shared};
use crate::context::{Context, ContextBuilder};

/// Which runs go first, where threads are scarce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Somebody waits for it.
    #[default]
    Interactive,
    /// It goes behind what is interactive: a thread of the pool does one piece of it at a time, a task or some fifty
    /// microseconds of a `for`, and looks then whether it is wanted elsewhere. It comes to its end however much else there
    /// is, as the thread that called it works for nothing else; and the jobs of an `async` run take turns with others.
    Bulk,
}

/// Threads, bounds and defaults for runs that belong together.
///
/// Programs need none: without it, runs use rayon's global pool. It is for those that keep loads apart, give threads a name
/// or a stack of their own size, hand in a pool, or have to end cleanly. Several can live side by side. What runs in its
/// contexts uses its threads, also on the threads of another pool.
///
/// State of policies is the operators', and shared by all runtimes.
///
/// Dropping it cancels what still runs, and waits for it for the [`grace`](RuntimeBuilder::grace);
/// [`shutdown`](Runtime::shutdown) waits first, and tells what was left behind.
///
/// ```
/// use ember_core::{Context, Runtime};
/// use std::time::Duration;
///
/// let ingest = Runtime::builder().threads(2).thread_name("ingest").build()?;
/// let inside = ingest.scope(|| Context::current().runtime_name());
/// assert_eq!(inside.as_deref(), Some("ingest"));
/// assert!(ingest.shutdown(Duration::from_secs(1)).is_clean());
/// # Ok::<(), ember_core::runtime::BuildError>(())
/// ```
pub struct Runtime {
    shared: Arc<Shared>,
    /// Above all of its contexts.
    root: Context,
    deadline: Option<Duration>,
    grace: Duration,
    /// What [`Runtime::global`] gives is never dropped.
    is_over: bool,
}

/// The runtime that serves where none was made.
static GLOBAL: OnceLock<Runtime> = OnceLock::new();

/// What contexts without a parent belong to, if a runtime was made for that.
pub(crate) fn installed() -> Option<&'static Arc<Shared>> {
    let global = GLOBAL.get()?;
    global.shared.has_own_pool().then_some(&global.shared)
}

impl Runtime {
    /// Starts a runtime with the documented defaults.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// The runtime that serves where none was made: by rayon's global pool, unless
    /// [`build_global`](RuntimeBuilder::build_global) came first. It is made once for the process and never dropped.
    pub fn global() -> &'static Self {
        GLOBAL.get_or_init(builder::common)
    }

    /// A context of this runtime, with its defaults: the place to start one request's.
    ///
    /// ```
    /// use ember_core::Runtime;
    /// use std::time::Duration;
    ///
    /// let runtime = Runtime::builder().threads(1).deadline(Duration::from_secs(5)).build()?;
    /// let request = runtime.request().correlation_id("order-17").build();
    /// assert!(request.remaining().unwrap() <= Duration::from_secs(5));
    /// # Ok::<(), ember_core::runtime::BuildError>(())
    /// ```
    pub fn request(&self) -> ContextBuilder {
        let request = Context::builder().parent(&self.root).new_correlation_id();
        match self.deadline {
            Some(deadline) => request.timeout(deadline),
            None => request,
        }
    }

    /// Runs a function in a new context of this runtime.
    pub fn scope<R>(&self, f: impl FnOnce() -> R) -> R {
        self.request().build().scope(f)
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// How many threads its pool has.
    pub fn threads(&self) -> usize {
        self.shared.crew().width()
    }

    /// How many scopes of its contexts are entered, and `async` runs are under way. Runs in a scope count once.
    pub fn running(&self) -> usize {
        self.shared.running()
    }

    /// Waits until what runs has ended, at most so long; then cancels it, and waits once more, for the
    /// [`grace`](RuntimeBuilder::grace). Then its threads end as soon as they have nothing to do.
    ///
    /// What is left then goes on by itself: an operator that does not ask its context cannot be stopped by force.
    pub fn shutdown(mut self, wait: Duration) -> Shutdown {
        self.end(wait)
    }

    fn end(&mut self, wait: Duration) -> Shutdown {
        self.is_over = true;
        let cancelled = self.shared.wait_for_runs(Instant::now() + wait);
        let until = Instant::now() + self.grace;
        // Also when nothing runs: contexts may be left with which somebody would begin.
        self.root.cancel();
        let runs = if cancelled == 0 { 0 } else { self.shared.wait_for_runs(until) };
        let calls = self.shared.close_blocking();
        let threads = self.shared.close_pool(until);
        Shutdown { cancelled, runs, calls, threads }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(Duration::ZERO);
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("name", &self.shared.name())
            .field("threads", &self.threads())
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}

/// How a runtime ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shutdown {
    /// Runs, or scopes, that were cancelled because the wait was over.
    pub cancelled: usize,
    /// Of these, those that had not ended when the grace was over.
    pub runs: usize,
    /// Calls of `blocking` operators that were left behind.
    pub calls: usize,
    /// Threads that had not ended. Of a pool that was handed in there are none, as it lives on.
    pub threads: usize,
}

impl Shutdown {
    /// Whether nothing was left behind. Something may have been cancelled.
    pub fn is_clean(&self) -> bool {
        self.runs == 0 && self.calls == 0 && self.threads == 0
    }
}
