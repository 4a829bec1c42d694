//! The part of a parallel run that does not depend on the graph's error type: what its tasks ask, count and note.

use std::any::Any;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ending::Packed;
use super::wrong::Wrong;
use super::{Info, Level};
use crate::context::{Context, Stopped};
use crate::error::{Counts, Error, Key, Site};
use crate::executor::{Watch, Way, nanos};
use crate::future::Waiting;
use crate::observe::{Carried, End, Form, Frame, Teller};
use crate::seldom::Rare;
use crate::sync::Nanos;

/// The part of a parallel run that does not depend on the graph's error type.
///
/// What every node asks for stands at the start, where nobody writes while all goes well.
#[repr(C)]
pub(crate) struct Core<'r> {
    /// Where the context shows its signs.
    signs: &'r AtomicU8,
    /// By which of its signs it may keep nodes from starting. As soon as a node has failed, the sign that every context has is one of
    /// them.
    heeds: AtomicU8,
    /// Whether the context may keep nodes from starting: not in graphs that could not say so.
    stoppable: bool,
    /// Whether it is a run of an `async` graph.
    waits: bool,
    /// Of such a graph, whether other threads work on calls of it.
    pub(crate) is_held: bool,
    /// How its parts decide how to run.
    pub(crate) way: Way,
    pub(crate) context: &'r Context,
    pub(crate) info: &'static Info,
    /// What is timed.
    watch: Watch,
    /// Who tells of it, if somebody listens.
    teller: Rare<Teller>,
    /// How long its parts were busy that ran at the same time, and how long they took.
    busy: Nanos,
    took: Nanos,
    /// What the futures of an `async` graph have in common.
    pub(crate) waiting: Waiting,
    /// What went wrong, if something did. Most runs have no room for it.
    wrong: Mutex<Rare<Box<Wrong>>>,
    finished: AtomicUsize,
    failed: AtomicUsize,
    cancelled: AtomicUsize,
    not_started: AtomicUsize,
}

/// The signs that keep nodes from starting, as long as none of the run has failed: at hand for whoever asks for many nodes.
#[derive(Clone, Copy)]
pub struct Signs<'r> {
    shown: &'r AtomicU8,
    heeded: u8,
}

impl Signs<'_> {
    /// Whether none of them is shown.
    #[inline(always)]
    pub(crate) fn are_clear(self) -> bool {
        self.shown.load(Relaxed) & self.heeded == 0
    }
}

impl PartialEq for Signs<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.shown, other.shown) && self.heeded == other.heeded
    }
}

/// A lock that a panic in user code cannot poison, because no user code runs under it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'r> Core<'r> {
    #[inline]
    pub(super) fn begun(
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
            Rare::new(None)
        } else {
            Rare::new(Teller::begin(info, context, form))
        };
        Self {
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
            heeds: AtomicU8::new(if stoppable {
                Context::ANY_SIGN
            } else {
                Context::IS_OBSERVED | abandoned
            }),
            signs: context.all_signs(),
            wrong: Mutex::new(Rare::new(None)),
            finished: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            cancelled: AtomicUsize::new(0),
            not_started: AtomicUsize::new(0),
            teller,
        }
    }
}

impl Drop for Core<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn end(core: &mut Core<'_>) {
            let Core { waiting, wrong, teller, .. } = core;
            let wrong = wrong.get_mut().unwrap_or_else(PoisonError::into_inner).place().take();
            drop((waiting.take_panicked(), wrong, teller.place().take()));
        }
        // Most runs have none of these: one branch for all.
        let Self { waiting, wrong, teller, .. } = self;
        let wrong = wrong.get_mut().unwrap_or_else(PoisonError::into_inner).is_some();
        if waiting.has_panicked() | wrong | teller.is_some() {
            end(self);
        }
    }
}

impl Core<'_> {
    /// Who tells of it, if somebody listens.
    #[inline]
    pub(crate) fn teller(&self) -> Option<&Teller> {
        self.teller.get()
    }

    /// Enters a piece of code in which nodes follow each other, if somebody listens.
    #[inline]
    pub(crate) fn frame(&self) -> Option<Frame<'_>> {
        self.teller().map(Teller::frame)
    }

    /// Takes up the node at hand, to go on with it later, if somebody listens.
    pub(crate) fn take_up(&self, node: u32) -> Option<Carried> {
        self.teller().map(|teller| Carried::new(teller.run(), node))
    }

    /// Notes that what is called next is no node of the code at hand, and so that the node before has ended.
    #[inline]
    pub(crate) fn close(&self) {
        if let Some(teller) = self.teller() {
            teller.close();
        }
    }

    pub(super) fn counts(&self) -> Counts {
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
        self.signs.load(Relaxed) & self.heeds.load(Relaxed) == 0
    }

    /// The signs that it heeds.
    #[inline(always)]
    pub(crate) fn signs(&self) -> Signs<'_> {
        Signs { shown: self.signs, heeded: self.heeds.load(Relaxed) }
    }

    pub(crate) fn disturb(&self) {
        self.heeds.fetch_or(Context::IS_LIVE, Relaxed);
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
        note(lock(&self.wrong).place().get_or_insert_with(|| Box::new(Wrong::new())))
    }

    pub(super) fn has_failed(&self) -> bool {
        lock(&self.wrong).is_some()
    }

    pub(super) fn take_wrong(&self) -> Wrong {
        lock(&self.wrong).place().take().map_or_else(Wrong::new, |wrong| *wrong)
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

    /// Notes that all went well, for whoever times such runs.
    #[inline]
    pub(super) fn timed(&self) {
        if !matches!(self.watch, Watch::Nothing) {
            self.info.gauge.ended_parallel(self.watch, self.busy.get(), self.took.get());
        }
    }

    #[inline]
    pub(crate) fn count(&self, finished: usize, not_started: usize) {
        if self.waits {
            // One thread at a time polls such a run.
            self.count_alone(finished);
        } else {
            self.finished.fetch_add(finished, Relaxed);
        }
        if not_started > 0 {
            self.not_started.fetch_add(not_started, Relaxed);
        }
    }

    /// Counts operators that have finished, where nobody else counts.
    #[inline]
    pub(crate) fn count_alone(&self, finished: usize) {
        self.finished.store(self.finished.load(Relaxed) + finished, Relaxed);
    }

    /// Counts the operators around a node that did not finish, in the task or frame that ran it.
    #[cold]
    pub(crate) fn count_around(&self, node: u32, started: bool) {
        let (before, after) = self.info.spots.get(node as usize).map_or((0, 0), |spot| spot.parallel);
        self.count(before as usize, after as usize + usize::from(!started));
    }

    pub(super) fn tell_failure(&self, node: u32, error: Option<&Error>) {
        if let Some(teller) = self.teller() {
            teller.failed(node, error);
        }
    }

    pub(super) fn tell_end(&self, error: Option<&Error>, counts: Counts) {
        if let Some(teller) = self.teller() {
            teller.ended(End::failed(error), counts);
        }
    }

    pub(super) fn add(
        &self,
        level: &Level<'_>,
        node: u32,
        path: &[usize],
        around: bool,
        cancelled: bool,
        failure: Packed,
    ) {
        level.stop_after(node);
        let counter = if cancelled { &self.cancelled } else { &self.failed };
        counter.fetch_add(1, Relaxed);
        if around {
            self.count_around(node, true);
        }
        let key = Site::__new(&self.info.description, node, path).__key();
        let rest = self.note(|wrong| wrong.failures.add(key, failure));
        drop(rest);
    }

    #[cold]
    pub(super) fn panicked_at_end(&self, payload: Box<dyn Any + Send>) {
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
