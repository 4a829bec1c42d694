//! Making a runtime.

use std::sync::Arc;
use std::time::Duration;

use super::shared::{Shared, Tally};
use super::{GLOBAL, Priority, Runtime};
use crate::Strategy;
use crate::context::Context;
use crate::executor::{Crew, Pool};
use crate::future::Blocking;
use crate::observe::Observer;
use crate::policy::{Invalid, MemoryBudget};
#[cfg(feature = "settings")]
use crate::policy::{NotInstalled, Settings};

/// Makes a [`Runtime`]; see [`Runtime::builder`].
///
/// | | default |
/// |---|---|
/// | `threads` | as many as the machine has cores |
/// | `thread_name` | `ember`; threads are called `ember-0` and so on, and those for `blocking` operators `ember-blocking` |
/// | `stack_size` | that of the standard library, 2 MiB |
/// | `blocking_threads` | 64 |
/// | `grace` | 5 s |
/// | `deadline` | none |
/// | `memory` | no bound |
/// | `observer` | none |
/// | `strategy`, `parallel_from`, `priority` | as of a context |
#[must_use = "a builder makes nothing until `build` is called"]
pub struct RuntimeBuilder {
    threads: Option<usize>,
    name: String,
    stack_size: Option<usize>,
    pool: Option<Pool>,
    blocking_threads: usize,
    #[cfg(feature = "tokio")]
    tokio: Option<tokio::runtime::Handle>,
    grace: Duration,
    deadline: Option<Duration>,
    strategy: Option<Strategy>,
    parallel_from: Option<Duration>,
    priority: Option<Priority>,
    memory: Option<MemoryBudget>,
    observers: Vec<Arc<dyn Observer>>,
    #[cfg(feature = "settings")]
    settings: Option<Settings>,
}

impl Default for RuntimeBuilder {
    fn default() -> Self {
        Self {
            threads: None,
            name: "ember".to_owned(),
            stack_size: None,
            pool: None,
            blocking_threads: 64,
            #[cfg(feature = "tokio")]
            tokio: None,
            grace: Duration::from_secs(5),
            deadline: None,
            strategy: None,
            parallel_from: None,
            priority: None,
            memory: None,
            observers: Vec::new(),
            #[cfg(feature = "settings")]
            settings: None,
        }
    }
}

/// Why there is no runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The system gave no threads.
    #[cfg(feature = "parallel")]
    #[error("no threads for a runtime: {0}")]
    Threads(#[source] rayon::ThreadPoolBuildError),
    /// The settings of policies came too late, or twice.
    #[cfg(feature = "settings")]
    #[error(transparent)]
    Settings(#[from] NotInstalled),
    /// The runtime for all others is there already: one was made for that before, or a run has begun without one.
    #[error("the global runtime is there already; make it before the first run, and once")]
    AlreadyThere,
}

impl RuntimeBuilder {
    /// How many threads the pool has, between 1 and 4096.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// What the threads are called; a number is added to each, or `-blocking`. It may not contain NUL.
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How large the stack of each thread is, in bytes, between 64 KiB and 1 GiB.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Takes a pool that is there. It stays the caller's: how many threads it has and what they are called is his to say, and
    /// it lives on.
    #[cfg(feature = "parallel")]
    pub fn pool(mut self, pool: Arc<rayon::ThreadPool>) -> Self {
        self.pool = Some(pool);
        self
    }

    /// How many `blocking` operators run at the same time, between 1 and 4096; more wait for their turn. Each has a thread,
    /// which ends when it had no work for ten seconds. Where a tokio runtime is handed in, its own do it.
    pub fn blocking_threads(mut self, most: usize) -> Self {
        self.blocking_threads = most;
        self
    }

    /// Takes a tokio runtime that is there: its timers serve where futures are polled outside of one, and its threads for
    /// blocking calls serve `blocking` operators.
    #[cfg(feature = "tokio")]
    pub fn tokio(mut self, handle: tokio::runtime::Handle) -> Self {
        self.tokio = Some(handle);
        self
    }

    /// How long the end of the runtime waits for runs that were cancelled, and for threads.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How long the runs of a [`request`](Runtime::request) may take.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How runs use threads, where their context does not say.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = Some(strategy);
        self
    }

    /// See [`ContextBuilder::parallel_from`](crate::ContextBuilder::parallel_from).
    pub fn parallel_from(mut self, cost: Duration) -> Self {
        self.parallel_from = Some(cost);
        self
    }

    /// Whether runs go first, where their context does not say.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// How much memory all runs may hold together, where they ask: see [`Context::memory`]. A run that is to hold less has a
    /// budget [`within`](crate::policy::MemoryBudgetBuilder::within) this one in its context.
    pub fn memory(mut self, budget: &MemoryBudget) -> Self {
        self.memory = Some(budget.clone());
        self
    }

    /// Tells an observer what the runs in its contexts do, beside those that observe the
    /// [process](crate::observe::install).
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// What the policies of operators are to be. They are the operators', so this holds for the whole process:
    /// [`Settings::install`] says when it can be done.
    #[cfg(feature = "settings")]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Makes the runtime, and its threads.
    ///
    /// # Errors
    ///
    /// If a setting is out of its bounds, the system gives no threads, or settings of policies cannot be installed. Nothing is left behind then.
    #[cfg_attr(not(feature = "settings"), expect(unused_mut, reason = "nothing is taken out of it"))]
    pub fn build(mut self) -> Result<Runtime, BuildError> {
        self.check()?;
        let threads = Arc::new(Tally::default());
        let (crew, name) = self.crew(&threads)?;
        let shared =
            Arc::new(Shared { name, crew, threads, blocking: self.blocking(), running: Tally::default() });
        #[cfg(feature = "settings")]
        if let Some(settings) = self.settings.take() {
            settings.install()?;
        }
        Ok(self.finish(shared))
    }

    /// Makes the runtime that serves where none was made, [`Runtime::global`].
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build); and if it is there already.
    pub fn build_global(self) -> Result<&'static Runtime, BuildError> {
        if GLOBAL.get().is_some() {
            return Err(BuildError::AlreadyThere);
        }
        GLOBAL.set(self.build()?).map_err(|_| BuildError::AlreadyThere)?;
        Ok(Runtime::global())
    }

    fn check(&self) -> Result<(), Invalid> {
        let within = |setting, value: usize, low: usize, high: usize, must| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(Invalid::new("runtime", setting, value, must))
            }
        };
        if let Some(threads) = self.threads {
            within("threads", threads, 1, 4096, "between 1 and 4096")?;
        }
        if let Some(bytes) = self.stack_size {
            within("stack_size", bytes, 64 << 10, 1 << 30, "between 64 KiB and 1 GiB")?;
        }
        within("blocking_threads", self.blocking_threads, 1, 4096, "between 1 and 4096")?;
        if self.name.contains('\0') {
            return Err(Invalid::new("runtime", "thread_name", format!("{:?}", self.name), "without NUL"));
        }
        if self.deadline == Some(Duration::ZERO) {
            return Err(Invalid::new("runtime", "deadline", "0s", "longer than nothing"));
        }
        Ok(())
    }

    /// The crew of a pool that was handed in, or of a new one, and the pool's name.
    #[cfg(feature = "parallel")]
    fn crew(&self, threads: &Arc<Tally>) -> Result<(Option<&'static Crew>, Option<String>), BuildError> {
        if let Some(pool) = &self.pool {
            let width = pool.current_num_threads();
            return Ok((Some(Crew::of(pool.clone(), width)), None));
        }
        let (name, come, go) = (self.name.clone(), threads.clone(), threads.clone());
        let mut pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.unwrap_or(0))
            .thread_name(move |i| format!("{name}-{i}"))
            .start_handler(move |_| come.add())
            .exit_handler(move |_| go.sub());
        if let Some(bytes) = self.stack_size {
            pool = pool.stack_size(bytes);
        }
        let pool = pool.build().map_err(BuildError::Threads)?;
        let width = pool.current_num_threads();
        Ok((Some(Crew::of(Arc::new(pool), width)), Some(self.name.clone())))
    }

    /// There are no threads.
    #[cfg(not(feature = "parallel"))]
    fn crew(&self, _: &Arc<Tally>) -> Result<(Option<&'static Crew>, Option<String>), BuildError> {
        Ok((None, Some(self.name.clone())))
    }

    fn blocking(&self) -> Blocking {
        Blocking::new(
            &self.name,
            self.blocking_threads,
            #[cfg(feature = "tokio")]
            self.tokio.clone(),
        )
    }

    fn finish(self, shared: Arc<Shared>) -> Runtime {
        let mut root = Context::builder().home(shared.clone()).observers(self.observers);
        if let Some(strategy) = self.strategy {
            root = root.strategy(strategy);
        }
        if let Some(cost) = self.parallel_from {
            root = root.parallel_from(cost);
        }
        if let Some(priority) = self.priority {
            root = root.priority(priority);
        }
        if let Some(memory) = &self.memory {
            root = root.memory(memory);
        }
        Runtime { shared, root: root.build(), deadline: self.deadline, grace: self.grace, is_over: false }
    }
}

/// The runtime of rayon's global pool.
pub(super) fn common() -> Runtime {
    let builder = RuntimeBuilder::default();
    let shared = Arc::new(Shared {
        name: None,
        crew: None,
        threads: Arc::default(),
        blocking: builder.blocking(),
        running: Tally::default(),
    });
    builder.finish(shared)
}
