//! A run in one straight line.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::ending::Ending;
use super::failure::{Failure, Sink};
use super::{Info, NOWHERE};
use crate::context::{Context, Stopped};
use crate::error::{Counts, Error, Site};
use crate::future::{Gate, Waiting};

/// A number that a run notes: in a cell, or in an atomic where the run is a future that goes from thread to thread.
pub trait Note {
    /// Holds a number.
    fn new(value: usize) -> Self;
    /// The number.
    fn get(&self) -> usize;
    /// Notes another.
    fn set(&self, value: usize);
}

impl Note for Cell<usize> {
    #[inline(always)]
    fn new(value: usize) -> Self {
        Self::new(value)
    }
    #[inline(always)]
    fn get(&self) -> usize {
        Self::get(self)
    }
    #[inline(always)]
    fn set(&self, value: usize) {
        Self::set(self, value);
    }
}

impl Note for AtomicUsize {
    #[inline(always)]
    fn new(value: usize) -> Self {
        Self::new(value)
    }
    #[inline(always)]
    fn get(&self) -> usize {
        self.load(Relaxed)
    }
    #[inline(always)]
    fn set(&self, value: usize) {
        self.store(value, Relaxed);
    }
}

/// A run of the straight-line form.
pub struct Serial<'r, N = Cell<usize>> {
    info: &'static Info,
    context: &'r Context,
    /// Of an `async` graph.
    waiting: Option<&'r Waiting>,
    /// The node that runs. Written before each node, read after a panic.
    node: N,
    /// Operators that finished in bodies that are closed again.
    finished: N,
    /// The item or turn that each loop of the graph is at.
    loops: &'r [N],
}

impl<'r> Serial<'r, AtomicUsize> {
    /// A run of an `async` graph that is about to start.
    pub fn waiting(
        info: &'static Info,
        context: &'r Context,
        loops: &'r [AtomicUsize],
        waiting: &'r Waiting,
    ) -> Self {
        Self { waiting: Some(waiting), ..Self::new(info, context, loops) }
    }

    /// What becomes of the straight line of an `async` graph, or of its panic.
    ///
    /// # Errors
    ///
    /// The panic.
    pub fn ended<R>(&self, outcome: Result<R, Box<dyn Any + Send>>) -> Result<R, Error> {
        outcome.map_err(|payload| self.panicked(payload))
    }

    /// Where a node asks while it waits.
    pub fn gate<R, G>(&'r self, ending: &Ending<R, G>, node: u32) -> SerialGate<'r> {
        SerialGate { run: self, node, stoppable: ending.stoppable() }
    }

    /// The same in a graph that cannot fail.
    pub const fn gate_unstoppable(&'r self, node: u32) -> SerialGate<'r> {
        SerialGate { run: self, node, stoppable: false }
    }

    /// The same for a graph that cannot fail: it runs to its end.
    pub const fn early_panic<R>(&self) -> Option<Result<R, Error>> {
        None
    }

    /// The outcome of a run that waits for a call that lingers.
    pub fn early<R, G>(&self, ending: &Ending<R, G>) -> Option<Result<R, Error>> {
        let why = self.context.__stopped()?;
        ending.stoppable().then(|| Ok(self.stopped_at(ending, why, true)))
    }
}

/// Where a node asks whether it may go on waiting.
pub struct SerialGate<'r> {
    run: &'r Serial<'r, AtomicUsize>,
    node: u32,
    stoppable: bool,
}

impl Gate for SerialGate<'_> {
    type Stop = Stopped;

    #[inline]
    fn pass(&self) -> Result<(), Stopped> {
        let context = self.run.context;
        if context.is_undisturbed() || !self.stoppable && !context.is_abandoned() {
            return Ok(());
        }
        context.__stopped().map_or(Ok(()), Err)
    }

    fn waiting(&self) -> &Waiting {
        self.run.waiting.expect("nodes that wait are those of `async` graphs")
    }

    fn node(&self) -> u32 {
        self.node
    }
}

impl<'r, N: Note> Serial<'r, N> {
    /// A run that is about to start.
    #[inline]
    pub fn new(info: &'static Info, context: &'r Context, loops: &'r [N]) -> Self {
        Self { info, context, waiting: None, node: N::new(NOWHERE as usize), finished: N::new(0), loops }
    }

    /// Notes that a node starts.
    #[inline(always)]
    pub fn at(&self, node: u32) {
        self.node.set(node as usize);
    }

    /// Notes that a node starts, unless the context says that it must not.
    #[inline(always)]
    pub fn go<R, G>(&self, ending: &Ending<R, G>, node: u32) -> Option<Stopped> {
        self.node.set(node as usize);
        if ending.stoppable() { self.context.__stopped() } else { None }
    }

    /// Notes that the last node has ended.
    #[inline(always)]
    pub fn end(&self) {
        self.node.set(NOWHERE as usize);
    }

    /// Counts the operators of a body that has been gone through.
    #[inline(always)]
    pub fn finished(&self, operators: u32) {
        self.finished.set(self.finished.get() + operators as usize);
    }

    /// Notes the item or turn that a loop is at.
    #[inline(always)]
    pub fn turn(&self, slot: usize, index: usize) {
        self.loops[slot].set(index);
    }

    fn at_hand(&self) -> u32 {
        u32::try_from(self.node.get()).unwrap_or(NOWHERE)
    }

    /// Where a node stands, with the items that are being worked on.
    #[cold]
    fn site(&self, node: u32) -> Site {
        let loops = self.info.spots.get(node as usize).map_or(&[][..], |spot| spot.loops);
        let index: Vec<usize> = loops.iter().map(|&slot| self.loops[slot as usize].get()).collect();
        Site::__new(&self.info.description, node, &index)
    }

    fn counts(&self, node: u32, stopped: bool, cancelled: bool) -> Counts {
        let (before, after) = self.info.spots.get(node as usize).map_or((0, 0), |spot| spot.serial);
        Counts::__new(
            self.finished.get() + before as usize,
            usize::from(!stopped && !cancelled),
            usize::from(cancelled),
            after as usize + usize::from(stopped),
        )
    }

    /// Where a node's failure goes.
    #[inline(always)]
    pub const fn failing<'s, R, G>(
        &'s self,
        ending: &'s Ending<R, G>,
        node: u32,
    ) -> FailingNode<'s, R, G, N> {
        FailingNode { run: self, ending, node }
    }

    /// The outcome for a node's failure.
    #[cold]
    fn failed<R, G>(&self, ending: &Ending<R, G>, failure: Failure<G>) -> R {
        let cancelled = ending.is_stop(&failure);
        let counts = self.counts(self.at_hand(), false, cancelled);
        ending.conclude(failure, Vec::new(), 0, counts, self.context.correlation_id())
    }

    /// The outcome for a node that its context did not let start.
    #[cold]
    #[inline(never)]
    pub fn stopped<R, G>(&self, ending: &Ending<R, G>, why: Stopped) -> R {
        self.stopped_at(ending, why, false)
    }

    /// The outcome for a node that its context did not let go on.
    #[cold]
    pub fn left<R, G>(&self, ending: &Ending<R, G>, why: Stopped) -> R {
        self.stopped_at(ending, why, true)
    }

    #[cold]
    #[inline(never)]
    fn stopped_at<R, G>(&self, ending: &Ending<R, G>, why: Stopped, started: bool) -> R {
        let node = self.at_hand();
        let error = if started {
            Error::__left(self.site(node), why)
        } else {
            Error::__stopped(Some(self.site(node)), &self.info.description, why)
        };
        let counts = self.counts(node, !started, started);
        ending.conclude(Failure::Plain(error), Vec::new(), 0, counts, self.context.correlation_id())
    }

    /// The outcome for a loop that went on for too long.
    #[cold]
    #[inline(never)]
    pub fn at_most<R, G>(&self, ending: &Ending<R, G>, node: u32, turns: usize) -> R {
        self.node.set(node as usize);
        self.failed(ending, Failure::Plain(Error::__at_most(self.site(node), turns)))
    }

    #[cold]
    fn panicked(&self, payload: Box<dyn Any + Send>) -> Error {
        let node = self.at_hand();
        let (error, counts) = if node == NOWHERE {
            let finished = self.finished.get() + self.info.operators();
            (Error::__panicked_at_end(&self.info.description, payload), Counts::__new(finished, 1, 0, 0))
        } else {
            (Error::__panicked(self.site(node), payload), self.counts(node, false, false))
        };
        error.__with_run(Vec::new(), 0, counts, self.context.correlation_id())
    }

    /// Runs the straight line. A panic in it comes back as an error.
    ///
    /// # Errors
    ///
    /// The panic.
    #[inline(always)]
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> Result<R, Error> {
        catch_unwind(AssertUnwindSafe(body)).map_err(|payload| self.panicked(payload))
    }
}

/// The branches of a race, when all of them have failed.
pub struct AllFailed<'s, G> {
    run: &'s Serial<'s, AtomicUsize>,
    /// The number of the race, which those of its branches follow.
    node: u32,
    failures: RefCell<Vec<Failure<G>>>,
}

impl<'s, G> AllFailed<'s, G> {
    /// None is known yet.
    pub const fn new(run: &'s Serial<'s, AtomicUsize>, node: u32) -> Self {
        Self { run, node, failures: RefCell::new(Vec::new()) }
    }

    /// Where the failure of a branch goes.
    pub fn branch(&self, branch: usize) -> Branch<'_, G> {
        let branch = u32::try_from(branch).unwrap_or(u32::MAX);
        Branch { all: self, node: self.node.saturating_add(1).saturating_add(branch) }
    }

    /// The outcome of the run.
    ///
    /// # Panics
    ///
    /// If no failure is known.
    #[cold]
    pub fn end<R>(self, ending: &Ending<R, G>) -> R {
        let Self { run, node, failures } = self;
        let mut failures = failures.into_inner().into_iter();
        let first = failures.next().expect("a race that is lost has failures");
        let others: Vec<_> = failures.collect();
        let (before, after) = run.info.spots.get(node as usize).map_or((0, 0), |spot| spot.serial);
        let finished = run.finished.get() + before as usize;
        let counts = Counts::__new(finished, 1 + others.len(), 0, after as usize);
        ending.conclude(first, others, 0, counts, run.context.correlation_id())
    }
}

/// A branch of a race that failed.
pub struct Branch<'s, G> {
    all: &'s AllFailed<'s, G>,
    node: u32,
}

impl<G> Sink<G> for Branch<'_, G> {
    type Outcome = ();

    fn site(&self) -> Site {
        self.all.run.site(self.node)
    }

    fn take(self, failure: Failure<G>) {
        self.all.failures.borrow_mut().push(failure);
    }
}

/// A node that failed in a straight line.
pub struct FailingNode<'s, R, G, N = Cell<usize>> {
    run: &'s Serial<'s, N>,
    ending: &'s Ending<R, G>,
    node: u32,
}

impl<R, G, N: Note> Sink<G> for FailingNode<'_, R, G, N> {
    type Outcome = R;

    fn site(&self) -> Site {
        self.run.site(self.node)
    }

    fn take(self, failure: Failure<G>) -> R {
        self.run.failed(self.ending, failure)
    }
}
