//! What the tasks of a parallel run have in common.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ending::{Ending, Packed};
use super::failure::{Failure, Sink};
use super::{Halted, Info, Level, Lined, NOWHERE};
use crate::context::{Context, Stopped};
use crate::error::{Counts, Error, Key, Site};
use crate::executor::{Watch, Way, nanos};
use crate::future::{Turn, Waiting};
use crate::observe::{Begun, Carried, End, Form, Frame, Teller};
use crate::sync::Nanos;

/// How many failures of one run are kept whole; the rest is counted.
const KEPT: usize = 64;

/// No signs of a context, as there are fewer bits of them.
const NEVER: u8 = u8::MAX;

/// The part of a parallel run that does not depend on the graph's error type.
pub(crate) struct Core<'r> {
    pub(crate) info: &'static Info,
    pub(crate) context: &'r Context,
    /// How its parts decide how to run.
    pub(crate) way: Way,
    /// What is timed. And how long its parts were busy that ran at the same time, and how long they took.
    watch: Watch,
    busy: Nanos,
    took: Nanos,
    /// What the futures of an `async` graph have in common. And whether it is one.
    pub(crate) waiting: Waiting,
    waits: bool,
    /// Of such a graph, whether other threads work on calls of it.
    pub(crate) is_held: bool,
    /// Whether the context may keep nodes from starting: not in graphs that could not say so. And by which signs it may.
    stoppable: bool,
    heeds: u8,
    /// What these signs are while nothing keeps any node from starting: none, and [`NEVER`] as soon as one has failed.
    undisturbed: AtomicU8,
    /// Where the context shows its signs.
    signs: &'r AtomicU8,
    /// What went wrong, if something did. Most runs have no room for it.
    wrong: Mutex<Option<Box<Wrong>>>,
    finished: AtomicUsize,
    failed: AtomicUsize,
    cancelled: AtomicUsize,
    not_started: AtomicUsize,
    /// Who tells of it, if somebody listens.
    pub(crate) teller: Begun,
}

/// What went wrong in a run.
struct Wrong {
    /// Of the graph's error type, which only generated code knows.
    failures: Bounded<Packed>,
    panics: Bounded<Error>,
    /// The first node in source order that the context kept from going on, and whether it had started.
    stopped: Option<(Key, Site, Stopped, bool)>,
}

impl Wrong {
    const fn new() -> Self {
        Self { failures: Bounded::new(), panics: Bounded::new(), stopped: None }
    }
}

/// The first failures in source order; the rest is counted.
struct Bounded<T> {
    kept: Vec<(Key, T)>,
    omitted: usize,
}

impl<T> Bounded<T> {
    const fn new() -> Self {
        Self { kept: Vec::new(), omitted: 0 }
    }

    /// Gives back what did not fit, so that the caller drops it outside of the lock.
    fn add(&mut self, key: Key, value: T) -> Option<T> {
        let place = self.kept.partition_point(|(other, _)| *other <= key);
        self.kept.insert(place, (key, value));
        if self.kept.len() <= KEPT {
            return None;
        }
        self.omitted += 1;
        self.kept.pop().map(|(_, value)| value)
    }
}

/// A lock that a panic in user code cannot poison, because no user code runs under it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core<'_> {
    /// Enters a piece of code in which nodes follow each other, if somebody listens.
    #[inline]
    pub(crate) fn frame(&self) -> Option<Frame<'_>> {
        self.teller.as_ref().map(Teller::frame)
    }

    /// Takes up the node at hand, to go on with it later, if somebody listens.
    pub(crate) fn take_up(&self, node: u32) -> Option<Carried> {
        self.teller.as_ref().map(|teller| Carried::new(teller.run(), node))
    }

    /// Notes that what is called next is no node of the code at hand, and so that the node before has ended.
    #[inline]
    pub(crate) fn close(&self) {
        if let Some(teller) = &self.teller {
            teller.close();
        }
    }

    fn counts(&self) -> Counts {
        let read = |counter: &AtomicUsize| counter.load(Relaxed);
        Counts::__new(
            read(&self.finished),
            read(&self.failed),
            read(&self.cancelled),
            read(&self.not_started),
        )
    }

    /// Whether nothing keeps any node from starting: asked before each, and mostly true.
    #[inline(always)]
    pub(crate) fn is_undisturbed(&self) -> bool {
        // One branch for both.
        self.signs.load(Relaxed) & self.heeds == self.undisturbed.load(Relaxed)
    }

    pub(crate) fn disturb(&self) {
        self.undisturbed.store(NEVER, Relaxed);
        self.waiting.disturb();
    }

    /// Counts a node that was waiting and must not go on.
    #[cold]
    pub(crate) fn left(&self, node: u32) {
        self.cancelled.fetch_add(1, Relaxed);
        self.count_around(node, true);
    }

    /// Changes when a reason comes up to keep nodes from going on.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        if self.is_undisturbed() { 0 } else { self.version_disturbed() }
    }

    #[cold]
    fn version_disturbed(&self) -> u64 {
        let failures = self.waiting.version();
        let stopped = self.context.is_abandoned() || self.stoppable && self.context.__stopped().is_some();
        u64::from(failures) << 1 | u64::from(stopped)
    }

    /// Whether the context lets a node of a level go on, which may have started.
    pub(crate) fn live(&self, level: &Level<'_>, node: u32, started: bool) -> bool {
        if !self.stoppable {
            return !self.context.is_abandoned();
        }
        match self.context.__stopped() {
            None => true,
            Some(why) => self.stop(level.site(node), why, started),
        }
    }

    #[cold]
    fn stop(&self, site: Site, why: Stopped, started: bool) -> bool {
        let key = site.__key();
        self.note(|Wrong { stopped, .. }| {
            if stopped.as_ref().is_none_or(|(first, ..)| key < *first) {
                *stopped = Some((key, site, why, started));
            }
        });
        false
    }

    /// Notes what went wrong. `note` runs under a lock.
    #[cold]
    fn note<R>(&self, note: impl FnOnce(&mut Wrong) -> R) -> R {
        note(lock(&self.wrong).get_or_insert_with(|| Box::new(Wrong::new())))
    }

    fn take_wrong(&self) -> Wrong {
        lock(&self.wrong).take().map_or_else(Wrong::new, |wrong| *wrong)
    }

    #[inline]
    pub(crate) fn measured(&self) -> bool {
        matches!(self.watch, Watch::Tasks(_))
    }

    /// Notes that a part that took some time was busy for longer, on several threads.
    pub(crate) fn saved(&self, busy: Duration, took: Duration) {
        self.busy.add(nanos(busy));
        self.took.add(nanos(took));
    }

    #[inline]
    pub(crate) fn count(&self, finished: usize, not_started: usize) {
        if self.waits {
            // One thread at a time polls such a run, and nobody else counts.
            self.finished.store(self.finished.load(Relaxed) + finished, Relaxed);
        } else {
            self.finished.fetch_add(finished, Relaxed);
        }
        if not_started > 0 {
            self.not_started.fetch_add(not_started, Relaxed);
        }
    }

    /// Counts the operators around a node that did not finish, in the task or frame that ran it.
    #[cold]
    pub(crate) fn count_around(&self, node: u32, started: bool) {
        let (before, after) = self.info.spots.get(node as usize).map_or((0, 0), |spot| spot.parallel);
        self.count(before as usize, after as usize + usize::from(!started));
    }

    fn tell_failure(&self, node: u32, error: Option<&Error>) {
        if let Some(teller) = &self.teller {
            teller.failed(node, error);
        }
    }

    fn tell_end(&self, error: Option<&Error>, counts: Counts) {
        if let Some(teller) = &self.teller {
            teller.ended(End::failed(error), counts);
        }
    }

    #[cold]
    fn panicked_at_end(&self, payload: Box<dyn Any + Send>) {
        self.failed.fetch_add(1, Relaxed);
        // What ran in the frame of the graph itself is not counted one by one.
        self.finished.fetch_max(self.info.operators(), Relaxed);
        let error = Error::__panicked_at_end(&self.info.description, payload);
        self.close();
        let rest = self.note(|wrong| wrong.panics.add(Key::end(), error));
        drop(rest);
    }

    #[cold]
    pub(crate) fn panicked(
        &self,
        level: &Level<'_>,
        node: u32,
        path: &[usize],
        payload: Box<dyn Any + Send>,
    ) {
        level.stop_after(node);
        self.failed.fetch_add(1, Relaxed);
        let mut path = path.to_vec();
        self.waiting.add_turns(&mut path);
        let site = Site::__new(&self.info.description, node, &path);
        let key = site.__key();
        let error = Error::__panicked(site, payload);
        self.tell_failure(node, Some(&error));
        let rest = self.note(|wrong| wrong.panics.add(key, error));
        drop(rest);
    }
}

/// A run of the parallel form.
pub struct Shared<'r> {
    core: Core<'r>,
}

impl<'r> Shared<'r> {
    /// A run that is about to start. `stoppable` says whether the graph returns a `Result`.
    #[inline]
    pub fn new(info: &'static Info, context: &'r Context, stoppable: bool, way: Way, watch: Watch) -> Self {
        Self::begun(info, context, stoppable, way, watch, false)
    }

    #[inline]
    fn begun(
        info: &'static Info,
        context: &'r Context,
        stoppable: bool,
        way: Way,
        watch: Watch,
        waits: bool,
    ) -> Self {
        let (form, abandoned) =
            if waits { (Form::Async, Context::IS_ABANDONED) } else { (Form::Parallel, 0) };
        let teller = if context.is_undisturbed(Context::IS_OBSERVED) {
            None
        } else {
            Teller::begin(info, context, form)
        };
        let core = Core {
            info,
            context,
            way,
            watch,
            busy: Nanos::new(),
            took: Nanos::new(),
            waiting: Waiting::new(),
            waits,
            is_held: false,
            stoppable,
            heeds: if stoppable { Context::ANY_SIGN } else { Context::IS_OBSERVED | abandoned },
            undisturbed: AtomicU8::new(0),
            signs: context.all_signs(),
            wrong: Mutex::new(None),
            finished: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            cancelled: AtomicUsize::new(0),
            not_started: AtomicUsize::new(0),
            teller,
        };
        Self { core }
    }

    /// A run of an `async` graph that is about to start, whose nodes do nothing but wait.
    #[inline]
    pub fn open(info: &'static Info, context: &'r Context, stoppable: bool) -> Self {
        Self::begun(info, context, stoppable, Way::Eager, Watch::Nothing, true)
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
            && let Some(teller) = &self.core.teller
        {
            teller.finished();
        }
        outcome
    }

    /// The outcome of a run that waits for calls that linger only, if it has failed.
    pub fn early<R, G>(&self, ending: &Ending<R, G>) -> Option<Result<R, Error>> {
        self.has_failed().then(|| Ok(self.conclude(ending)))
    }

    /// The same of a graph that cannot fail but by a panic.
    pub fn early_panic<R>(&self) -> Option<Result<R, Error>> {
        self.has_failed().then(|| Err(self.conclude_panic()))
    }

    fn has_failed(&self) -> bool {
        lock(&self.core.wrong).is_some()
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

    fn add(
        &self,
        level: &Level<'_>,
        node: u32,
        path: &[usize],
        around: bool,
        cancelled: bool,
        failure: Packed,
    ) {
        level.stop_after(node);
        let counter = if cancelled { &self.core.cancelled } else { &self.core.failed };
        counter.fetch_add(1, Relaxed);
        if around {
            self.core.count_around(node, true);
        }
        let key = Site::__new(&self.core.info.description, node, path).__key();
        let rest = self.core.note(|wrong| wrong.failures.add(key, failure));
        drop(rest);
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
                if outcome.is_ok()
                    && let Some(teller) = &self.core.teller
                {
                    teller.close();
                    teller.finished();
                }
                if outcome.is_ok() && !matches!(self.core.watch, Watch::Nothing) {
                    let Core { busy, took, watch, info, .. } = &self.core;
                    info.gauge.ended_parallel(*watch, busy.get(), took.get());
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
        self.run.add(self.level, self.node, self.path, self.around, cancelled, failure);
    }
}
