//! How far a batch has come, for those who watch.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::executor::nanos;
use crate::sync::Nanos;
use crate::watch::{self, Registration, State};

/// How far a batch has come.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// How many items have a result.
    pub done: usize,
    /// How many of them failed or panicked.
    pub failed: usize,
    /// How many items there are, if the inputs tell ([`size_hint`](Iterator::size_hint)).
    pub total: Option<usize>,
    /// The time since the batch began, by its context's clock.
    pub elapsed: Duration,
    /// Whether this is the last word: nothing more will be done.
    pub finished: bool,
}

impl Progress {
    /// Items per second so far; nothing before any time has passed.
    pub fn rate(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "it is a rate")]
        (!self.elapsed.is_zero()).then(|| self.done as f64 / self.elapsed.as_secs_f64())
    }

    /// How long it will take yet, at the rate so far; nothing where that or the total is not known.
    pub fn left(&self) -> Option<Duration> {
        let (left, rate) = (self.total?.saturating_sub(self.done), self.rate()?);
        #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
        Duration::try_from_secs_f64(left as f64 / rate).ok()
    }
}

/// Who watches. Called by whichever thread has something to tell.
pub(super) type Hook<'p> = dyn Fn(&Progress) + Send + Sync + 'p;

/// Counts, and tells who watches.
pub(super) struct Meter<'b> {
    counted: Arc<Counted>,
    watcher: Option<Watcher<'b>>,
    /// As long as the batch is under way.
    _seen: Registration,
}

/// What the list of states sees of a batch, too.
struct Counted {
    done: AtomicUsize,
    failed: AtomicUsize,
    total: Option<usize>,
}

impl Counted {
    fn progress(&self, elapsed: Duration, finished: bool) -> Progress {
        let failed = self.failed.load(Acquire);
        Progress { done: self.done.load(Relaxed), failed, total: self.total, elapsed, finished }
    }
}

struct Watcher<'b> {
    hook: &'b Hook<'b>,
    context: &'b Context,
    every: Duration,
    since: Instant,
    /// When it may be told again, in nanoseconds since the beginning.
    due: Nanos,
    /// Somebody is telling: then others need not, and it is never called twice at the same time.
    telling: AtomicBool,
}

impl<'b> Meter<'b> {
    pub(super) fn new(
        graph: &'static str,
        context: &'b Context,
        hook: Option<&'b Hook<'b>>,
        every: Duration,
        total: Option<usize>,
    ) -> Self {
        let since = context.now();
        let watcher = hook.map(|hook| {
            let due = Nanos::new();
            due.set(nanos(every));
            Watcher { hook, context, every, since, due, telling: AtomicBool::new(false) }
        });
        let counted = Arc::new(Counted { done: AtomicUsize::new(0), failed: AtomicUsize::new(0), total });
        let (seen, clock) = (Arc::clone(&counted), context.clone());
        let look = move || {
            let elapsed = clock.now().saturating_duration_since(since);
            Some(State::Batch(seen.progress(elapsed, false)))
        };
        Self { counted, watcher, _seen: watch::register(graph, look) }
    }

    /// Counts items that have ended, and tells if it is time to.
    pub(super) fn ended(&self, items: usize, failed: usize) {
        // First, so that there are never more failures than items.
        self.counted.done.fetch_add(items, Relaxed);
        self.counted.failed.fetch_add(failed, Release);
        if let Some(watcher) = &self.watcher
            && nanos(watcher.elapsed()) >= watcher.due.get()
            && !watcher.telling.swap(true, Acquire)
        {
            watcher.tell(self, false);
        }
    }

    /// Tells the last word. All others have ended.
    pub(super) fn finished(&self) {
        if let Some(watcher) = &self.watcher {
            watcher.tell(self, true);
        }
    }
}

impl Watcher<'_> {
    fn elapsed(&self) -> Duration {
        self.context.now().saturating_duration_since(self.since)
    }

    fn tell(&self, meter: &Meter<'_>, finished: bool) {
        struct Told<'w>(&'w AtomicBool);
        impl Drop for Told<'_> {
            fn drop(&mut self) {
                self.0.store(false, Release);
            }
        }
        let _told = Told(&self.telling);
        let elapsed = self.elapsed();
        self.due.set(nanos(elapsed + self.every));
        (self.hook)(&meter.counted.progress(elapsed, finished));
    }
}
