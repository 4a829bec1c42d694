//! What an isolated operator may use.

use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::limits::Limits;
use super::pool::Pool;
use crate::policy::{Concurrency, Invalid};
use crate::watch::{State, Watch};

/// The bounds of the settings.
const LEAST_MEMORY: u64 = 16 << 20;
const MOST_WORKERS: usize = 1024;
const MOST_MESSAGE: usize = 1 << 30;
const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(365 * 24);

/// Runs operators in processes of their own, the innermost layer of a node.
///
/// One is made for each operator that says `isolate`, and lent by its `isolation()`. Its *workers* are started when calls
/// need them, used again, and replaced when they have made so many calls or are so old.
///
/// ```
/// use ember_core::isolate::Isolation;
/// use std::time::Duration;
///
/// let isolation = Isolation::builder().memory(512 << 20).cpu(Duration::from_secs(10)).workers(2).build()?;
/// assert_eq!((isolation.workers(), isolation.started()), (0, 0));
///
/// let hardly = Isolation::builder().memory(4096).build();
/// assert!(hardly.unwrap_err().to_string().contains("`memory` is 4096"));
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
pub struct Isolation {
    pub(super) limits: Limits,
    pub(super) timeout: Option<Duration>,
    pub(super) calls: u32,
    pub(super) start: Duration,
    pub(super) places: Concurrency,
    pub(super) pool: Arc<Pool>,
}

/// Makes an [`Isolation`].
#[derive(Clone, Debug)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct IsolationBuilder {
    memory: Option<u64>,
    cpu: Option<Duration>,
    timeout: Option<Duration>,
    workers: usize,
    queue: usize,
    calls: u32,
    age: Duration,
    max_message: usize,
    start: Duration,
}

impl Default for IsolationBuilder {
    /// No limits on memory and time; a worker for each processor, but no more than eight, each of which makes 1000 calls
    /// and grows ten minutes old; messages of 64 MiB; ten seconds to start; up to 65 536 calls that wait for a worker.
    fn default() -> Self {
        Self {
            memory: None,
            cpu: None,
            timeout: None,
            workers: thread::available_parallelism().map_or(1, NonZero::get).min(8),
            queue: 1 << 16,
            calls: 1000,
            age: Duration::from_mins(10),
            max_message: 64 << 20,
            start: Duration::from_secs(10),
        }
    }
}

impl IsolationBuilder {
    /// How many bytes of memory a worker may be able to write to, from 16 MiB on: the kernel's `RLIMIT_DATA`, which counts
    /// its heap, the stacks of its threads and what it maps privately, whether it has written to it or not. What the
    /// program itself needs is among it. What is shared with other processes and files that are mapped to be read are not,
    /// nor is the main thread's stack, which is bounded by itself. On Linux only.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// How much processor time a call may use, from a second to a day: all threads of its worker together. The kernel counts
    /// full seconds, so it may get up to one more. A call that has said that it ignores `SIGXCPU` is not stopped by it.
    pub fn cpu(mut self, time: Duration) -> Self {
        self.cpu = Some(time);
        self
    }

    /// How long a call may take, from a millisecond to a year, by the clock of its context, not counted what it waits for a
    /// worker. Then the worker is killed.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// How many workers there may be, from 1 to 1024. More calls wait in line.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How many calls may wait for a worker. The next one is refused at once.
    pub fn queue(mut self, calls: usize) -> Self {
        self.queue = calls;
        self
    }

    /// After how many calls a worker is replaced, at least 1: what leaks, leaks no further.
    pub fn calls(mut self, calls: u32) -> Self {
        self.calls = calls;
        self
    }

    /// How old a worker may grow, from a second to a year, before it makes no further call. One without work ends then.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// The largest arguments and the largest result in bytes as they are sent, from 1024 to 1 GiB.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// How long a worker may take to start, from a millisecond to a day, by the clock of the context.
    pub fn start(mut self, time: Duration) -> Self {
        self.start = time;
        self
    }

    /// Makes it. No process is started yet.
    ///
    /// # Errors
    /// If a setting is out of its bounds.
    pub fn build(self) -> Result<Isolation, Invalid> {
        let invalid =
            |setting, value: &dyn fmt::Display, must| Err(Invalid::new("isolate", setting, value, must));
        if let Some(memory) = self.memory.filter(|memory| *memory < LEAST_MEMORY) {
            return invalid("memory", &memory, "at least 16777216 bytes");
        }
        if let Some(cpu) = self.cpu.filter(|cpu| *cpu < Duration::from_secs(1) || *cpu > DAY) {
            return invalid("cpu", &format_args!("{cpu:?}"), "from a second to a day");
        }
        let is_short = |time: &Duration| *time < Duration::from_millis(1);
        if let Some(timeout) = self.timeout.filter(|time| is_short(time) || *time > YEAR) {
            return invalid("timeout", &format_args!("{timeout:?}"), "from a millisecond to 365 days");
        }
        if !(1..=MOST_WORKERS).contains(&self.workers) {
            return invalid("workers", &self.workers, "between 1 and 1024");
        }
        if self.calls == 0 {
            return invalid("calls", &self.calls, "at least 1");
        }
        if self.age < Duration::from_secs(1) || self.age > YEAR {
            return invalid("age", &format_args!("{:?}", self.age), "from a second to 365 days");
        }
        if !(1024..=MOST_MESSAGE).contains(&self.max_message) {
            return invalid("max_message", &self.max_message, "between 1024 and 1073741824 bytes");
        }
        if is_short(&self.start) || self.start > DAY {
            return invalid("start", &format_args!("{:?}", self.start), "from a millisecond to a day");
        }
        let limits = Limits { memory: self.memory, cpu: self.cpu, message: self.max_message };
        Ok(Isolation {
            limits,
            timeout: self.timeout,
            calls: self.calls,
            start: self.start,
            places: Concurrency::builder().permits(self.workers).queue(self.queue).build()?,
            pool: Arc::new(Pool::new(self.workers, self.age, limits)),
        })
    }
}

impl Isolation {
    /// Begins with the defaults.
    pub fn builder() -> IsolationBuilder {
        IsolationBuilder::default()
    }

    /// How many workers there are, those among them that were killed and are about to end.
    pub fn workers(&self) -> usize {
        self.pool.counts().0
    }

    /// How many workers have been started so far.
    pub fn started(&self) -> u64 {
        self.pool.counts().1
    }

    /// Ends all workers that have nothing to do. Later calls start others.
    pub fn dismiss(&self) {
        self.pool.dismiss();
    }
}

impl Drop for Isolation {
    fn drop(&mut self) {
        self.dismiss();
    }
}

impl fmt::Debug for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Isolation")
            .field("limits", &self.limits)
            .field("timeout", &self.timeout)
            .field("workers", &self.workers())
            .field("started", &self.started())
            .finish_non_exhaustive()
    }
}

impl Watch for Isolation {
    fn watch(&self) -> State {
        State::Isolation { workers: self.workers(), started: self.started(), line: self.places.seen_line() }
    }
}
