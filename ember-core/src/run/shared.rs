//! A run of the parallel form: what generated code asks of it, and what becomes of it in the end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::core::Core;
use super::ending::Ending;
use super::failure::{Failure, Sink};
use super::wrong::{Bounded, KEPT, Wrong};
use super::{Halted, Info, Level, Lined, NOWHERE};
use crate::context::Context;
use crate::error::{Error, Key, Site};
use crate::executor::{Watch, Way};
use crate::future::Turn;

/// A run of the parallel form.
pub struct Shared<'r> {
    core: Core<'r>,
}

impl<'r> Shared<'r> {
    /// A run that is about to start. `stoppable` says whether the graph returns a `Result`.
    #[inline]
    pub fn new(info: &'static Info, context: &'r Context, stoppable: bool, way: Way, watch: Watch) -> Self {
        Self { core: Core::begun(info, context, stoppable, way, watch, false) }
    }

    /// A run of an `async` graph that is about to start, whose nodes do nothing but wait.
    #[inline]
    pub fn open(info: &'static Info, context: &'r Context, stoppable: bool) -> Self {
        Self { core: Core::begun(info, context, stoppable, Way::Eager, Watch::Nothing, true) }
    }

    /// The same where other threads work on calls.
    #[inline]
    pub fn held(info: &'static Info, context: &'r Context, stoppable: bool) -> Self {
        let mut run = Self::open(info, context, stoppable);
        run.core.is_held = true;
        run
    }

    pub(crate) const fn core(&self) -> &Core<'r> {
        &self.core
    }

    /// Notes which node of an `async` graph is at hand.
    #[inline(always)]
    pub fn at(&self, node: u32) {
        self.core.waiting.at(node);
    }

    /// Notes that no node of it is at hand any more.
    #[inline]
    pub fn end(&self) {
        self.core.waiting.end();
    }

    /// Notes that a turn of one of its loops starts, which ends where what comes out is dropped.
    #[inline]
    pub const fn turn(&self, turn: usize) -> Turn<'_> {
        self.core.waiting.turn(turn)
    }

    /// What becomes of the body of an `async` graph, or of its panic.
    ///
    /// # Errors
    ///
    /// That the run failed; [`Shared::conclude`] then tells how.
    pub fn ended<R>(
        &self,
        level: &Level<'_>,
        outcome: Result<Result<R, Halted>, Box<dyn Any + Send>>,
    ) -> Result<R, Halted> {
        let outcome = outcome.unwrap_or_else(|payload| {
            let _frame = self.core.frame();
            self.core.waiting.put_down();
            match self.core.waiting.node() {
                NOWHERE => self.core.panicked_at_end(payload),
                node => {
                    self.core.count_around(node, true);
                    self.core.panicked(level, node, &[], payload);
                }
            }
            Err(Halted)
        });
        if outcome.is_ok()
            && let Some(teller) = self.core.teller()
        {
            teller.finished();
        }
        outcome
    }

    /// The outcome of a run that waits for calls that linger only, if it has failed.
    pub fn early<R, G>(&self, ending: &Ending<R, G>) -> Option<Result<R, Error>> {
        self.core.has_failed().then(|| Ok(self.conclude(ending)))
    }

    /// The same of a graph that cannot fail but by a panic.
    pub fn early_panic<R>(&self) -> Option<Result<R, Error>> {
        self.core.has_failed().then(|| Err(self.conclude_panic()))
    }

    /// The level of the graph's own body.
    #[inline]
    pub fn level(&self) -> Lined<'_> {
        Lined::new(Level::top(&self.core))
    }

    /// The same where all nodes are polled by one future: no other thread writes beside it.
    #[inline]
    pub const fn open_level(&self) -> Level<'_> {
        Level::top(&self.core)
    }

    /// Counts the operators of a body that has been gone through.
    #[inline]
    pub fn finished(&self, operators: u32) {
        self.core.count(operators as usize, 0);
    }

    /// Where a node's failure goes.
    #[inline(always)]
    pub const fn failing<'s, R, G>(
        &'s self,
        ending: &'s Ending<R, G>,
        level: &'s Level<'s>,
        node: u32,
        path: &'s [usize],
    ) -> FailingNode<'s, R, G> {
        FailingNode { run: self, ending, level, node, path, around: true }
    }

    /// Notes that a loop went on for too long.
    #[cold]
    #[inline(never)]
    pub fn at_most<R, G>(
        &self,
        ending: &Ending<R, G>,
        level: &Level<'_>,
        node: u32,
        path: &[usize],
        turns: usize,
    ) {
        let failing = self.failing(ending, level, node, path);
        let error = Error::__at_most(failing.site(), turns);
        failing.take(Failure::Plain(error));
    }

    /// Runs the graph's body; a panic outside of any task is noted as one of the node that `at` names.
    ///
    /// # Errors
    ///
    /// That the run failed; [`Shared::conclude`] then tells how.
    #[inline]
    pub fn run<R>(
        &self,
        level: &Level<'_>,
        at: &std::cell::Cell<u32>,
        body: impl FnOnce() -> Result<R, Halted>,
    ) -> Result<R, Halted> {
        let _frame = self.core.frame();
        match catch_unwind(AssertUnwindSafe(body)) {
            Ok(outcome) => {
                if outcome.is_ok() {
                    if let Some(teller) = self.core.teller() {
                        teller.close();
                        teller.finished();
                    }
                    self.core.timed();
                }
                outcome
            }
            Err(payload) => {
                let node = at.get();
                if node == NOWHERE {
                    self.core.panicked_at_end(payload);
                } else {
                    self.core.count_around(node, true);
                    self.core.panicked(level, node, &[], payload);
                }
                Err(Halted)
            }
        }
    }

    /// The outcome of a run that failed: its first failure in source order, with the others beside it.
    ///
    /// # Panics
    ///
    /// When nothing failed.
    #[cold]
    pub fn conclude<R, G>(&self, ending: &Ending<R, G>) -> R {
        let counts = self.core.counts();
        let Core { info, context, .. } = self.core;
        let Wrong { failures, panics, stopped } = self.core.take_wrong();
        let unpacked =
            failures.kept.into_iter().filter_map(|(key, packed)| Some((key, ending.unpack(packed)?)));
        let mut all: Vec<(Key, Failure<G>)> = unpacked.collect();
        all.extend(panics.kept.into_iter().map(|(key, error)| (key, Failure::Plain(error))));
        if let Some((key, site, why, started)) = stopped {
            let error = if started {
                Error::__left(site, why)
            } else {
                Error::__stopped(Some(site), &info.description, why)
            };
            all.push((key, Failure::Plain(error)));
        }
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        let surplus = all.split_off(all.len().min(KEPT));
        let omitted = failures.omitted + panics.omitted + surplus.len();
        let mut all = all.into_iter().map(|(_, failure)| failure);
        let first = all.next().expect("a run that failed has a failure");
        self.core.tell_end(ending.error(&first), counts);
        ending.conclude(first, all.collect(), omitted, counts, context.correlation_id())
    }

    /// The panic of a run that cannot fail otherwise.
    ///
    /// # Panics
    ///
    /// When no node panicked.
    #[cold]
    #[must_use]
    pub fn conclude_panic(&self) -> Error {
        let counts = self.core.counts();
        let Bounded { kept, omitted } = self.core.take_wrong().panics;
        let mut panics = kept.into_iter().map(|(_, error)| error);
        let first = panics.next().expect("a run that failed has a failure");
        self.core.tell_end(Some(&first), counts);
        first.__with_run(panics.collect(), omitted, counts, self.core.context.correlation_id())
    }
}

/// A node that failed in a parallel run.
pub struct FailingNode<'s, R, G> {
    run: &'s Shared<'s>,
    ending: &'s Ending<R, G>,
    level: &'s Level<'s>,
    node: u32,
    path: &'s [usize],
    /// Whether what stands around the node is counted with it.
    around: bool,
}

impl<R, G> FailingNode<'_, R, G> {
    /// The same of a branch of a race. What stands around the race is counted with its first branch.
    #[must_use]
    pub const fn of_branch(self, branch: u32) -> Self {
        Self { around: branch == 0, ..self }
    }
}

impl<R, G> Sink<G> for FailingNode<'_, R, G> {
    type Outcome = ();

    fn site(&self) -> Site {
        Site::__new(&self.run.core.info.description, self.node, self.path)
    }

    fn take(self, failure: Failure<G>) {
        let cancelled = self.ending.is_stop(&failure);
        self.run.core.tell_failure(self.node, self.ending.error(&failure));
        let failure = self.ending.pack(failure);
        self.run.core.add(self.level, self.node, self.path, self.around, cancelled, failure);
    }
}
