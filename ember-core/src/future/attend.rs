//! What is around the body of a run: it catches panics, and tells when the outcome is known although calls on other
//! threads go on.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;

use super::launch::Stage;
use crate::error::Error;
use crate::observe::Carried;
use crate::run::{NOWHERE, Shared};
use crate::seldom::Rare;

/// What the futures of one run have in common. They are polled by one thread at a time.
pub(crate) struct Waiting {
    /// The node that was polled last.
    node: AtomicU32,
    /// Changes whenever a failure keeps nodes from going on.
    version: AtomicU32,
    /// Whether what was polled last waits for nothing but calls that linger. A word, as are those beside it: with a gap here the
    /// whole is written twice when it is made.
    settled: AtomicUsize,
    /// The nanoseconds that calls have taken in this poll.
    spent: AtomicUsize,
    /// Where a panic has come out of. Most runs have no room for it.
    panicked: Mutex<Rare<Box<Panicked>>>,
}

/// Where a panic has come out of.
#[derive(Default)]
pub(crate) struct Panicked {
    /// The turns of loops, innermost first.
    turns: Vec<usize>,
    /// The node, if somebody observes the run.
    node: Option<Carried>,
}

/// A turn of a `loop` that is under way. It tells which it was where a panic ends it.
#[must_use = "it stands for the turn until it is dropped"]
pub struct Turn<'r> {
    waiting: &'r Waiting,
    turn: usize,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.waiting.panicked().place().get_or_insert_with(Box::default).turns.push(self.turn);
        }
    }
}

impl Waiting {
    /// Of a run that is about to start.
    pub(crate) const fn new() -> Self {
        Self {
            node: AtomicU32::new(NOWHERE),
            version: AtomicU32::new(0),
            settled: AtomicUsize::new(0),
            spent: AtomicUsize::new(0),
            panicked: Mutex::new(Rare::new(None)),
        }
    }

    /// Keeps the node that a panic has come out of.
    #[cold]
    fn keep(&self, node: Carried) {
        let old = self.panicked().place().get_or_insert_with(Box::default).node.replace(node);
        drop(old);
    }

    /// Makes it the node at hand.
    #[cold]
    pub(crate) fn put_down(&self) {
        let carried = self.panicked().place().as_mut().and_then(|panicked| panicked.node.take());
        if let Some(mut carried) = carried {
            carried.put_down();
        }
    }

    /// Notes that a turn of a `loop` starts, which ends where what comes out is dropped.
    #[inline]
    pub(crate) const fn turn(&self, turn: usize) -> Turn<'_> {
        Turn { waiting: self, turn }
    }

    /// Whether a panic has left anything.
    #[inline(always)]
    pub(crate) fn has_panicked(&mut self) -> bool {
        self.panicked.get_mut().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// What a panic has left, for whoever drops the run.
    pub(crate) fn take_panicked(&mut self) -> Option<Box<Panicked>> {
        self.panicked.get_mut().unwrap_or_else(PoisonError::into_inner).place().take()
    }

    fn panicked(&self) -> MutexGuard<'_, Rare<Box<Panicked>>> {
        self.panicked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the turns to the path of what has panicked.
    #[cold]
    pub(crate) fn add_turns(&self, path: &mut Vec<usize>) {
        if let Some(panicked) = self.panicked().place() {
            path.extend(panicked.turns.drain(..).rev());
        }
    }

    /// Notes that a node is polled.
    #[inline(always)]
    pub(crate) fn at(&self, node: u32) {
        self.node.store(node, Relaxed);
    }

    /// The node that was polled last.
    pub(crate) fn node(&self) -> u32 {
        self.node.load(Relaxed)
    }

    /// Notes that no node runs any more.
    #[inline]
    pub(crate) fn end(&self) {
        self.at(NOWHERE);
    }

    pub(crate) fn disturb(&self) {
        self.version.fetch_add(1, Relaxed);
    }

    #[inline]
    pub(crate) fn version(&self) -> u32 {
        self.version.load(Relaxed)
    }

    /// Says of what was polled whether it waits for nothing but calls that linger.
    #[inline]
    pub(crate) fn settle(&self, settled: bool) {
        self.settled.store(usize::from(settled), Relaxed);
    }

    #[inline]
    pub(crate) fn settled(&self) -> bool {
        self.settled.load(Relaxed) != 0
    }

    pub(crate) fn spend(&self, nanos: u32) {
        // One call adds four seconds at most, and only what comes to less than a tenth of a millisecond is added to.
        self.spent.fetch_add(nanos as usize, Relaxed);
    }

    pub(crate) fn spent(&self) -> usize {
        self.spent.load(Relaxed)
    }

    #[inline]
    fn begin(&self) {
        self.settle(false);
        self.spent.store(0, Relaxed);
    }
}

pin_project! {
    /// The body of a run.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Attend<'r, F, E> {
        run: &'r Shared<'r>,
        early: E,
        #[pin]
        body: F,
    }
}

/// The same future. It says what its output is, where the compiler would ask.
#[inline(always)]
pub const fn of_type<T, F: Future<Output = T>>(future: F) -> F {
    future
}

/// A body without calls on other threads: it ends when all its nodes have.
#[inline]
pub fn attend<'r, F: Future>(run: &'r Shared<'r>, body: F) -> Attend<'r, F, ()> {
    Attend { run, early: (), body }
}

/// A body with calls on other threads. `early` tells the outcome of a run that waits for none but those that linger, if
/// there is one by then.
#[inline]
pub fn attend_held<'r, F, E, R>(
    run: &'r Shared<'r>,
    stage: &'r Stage<R>,
    early: E,
    body: F,
) -> Attend<'r, F, (&'r Stage<R>, E)>
where
    F: Future,
    E: Fn() -> Option<Result<R, Error>>,
{
    Attend { run, early: (stage, early), body }
}

/// What becomes of a run that waits for calls that linger only.
pub trait Early {
    /// Whether there may be such calls.
    const MAY_LINGER: bool;

    /// Called then.
    fn settle(&self);
    /// Whether nobody waits for the outcome any more.
    fn is_abandoned(&self) -> bool;
}

impl Early for () {
    const MAY_LINGER: bool = false;

    fn settle(&self) {}

    fn is_abandoned(&self) -> bool {
        false
    }
}

impl<R, E: Fn() -> Option<Result<R, Error>>> Early for (&Stage<R>, E) {
    const MAY_LINGER: bool = true;

    #[cold]
    fn settle(&self) {
        let (stage, early) = self;
        if !stage.is_decided()
            && let Some(outcome) = early()
        {
            stage.decide(outcome);
        }
    }

    fn is_abandoned(&self) -> bool {
        self.0.calls().context().is_abandoned()
    }
}

impl<F: Future, E: Early> Future for Attend<'_, F, E> {
    /// The body's output, or the payload of its panic.
    type Output = Result<F::Output, Box<dyn Any + Send>>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let core = this.run.core();
        // Only they write what is forgotten here.
        if E::MAY_LINGER {
            core.waiting.begin();
        }
        let _frame = core.frame();
        match catch_unwind(AssertUnwindSafe(|| this.body.poll(cx))) {
            // There is nothing to conclude, and the frame is dropped by whoever has it.
            _ if this.early.is_abandoned() => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => {
                if core.waiting.settled() {
                    this.early.settle();
                }
                Poll::Pending
            }
            Err(payload) => {
                if let Some(node) = core.take_up(core.waiting.node()) {
                    core.waiting.keep(node);
                }
                Poll::Ready(Err(payload))
            }
        }
    }
}
