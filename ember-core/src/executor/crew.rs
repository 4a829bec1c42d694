//! Threads of the pool that help runs of callers outside of it.
//!
//! A caller from outside never enters the pool: that costs a wake-up of a thread, a hand-over and a wake-up of the caller,
//! some ten to fifty microseconds. It does the work itself, and opens an entry of the [`Board`]; threads of the pool
//! come and take part. Such a *helper* is one job of the pool, which goes from entry to entry. When there is nothing to
//! do it lingers for [`LINGER`], so that the next run needs no wake-up, and then gives its thread back; where a run has said
//! that there will be work soon, for [`AHEAD`] behind that. While there is
//! work it gives it back after each [`TENURE`]: rayon may have started it on the stack of a thread that waits in a join,
//! and other jobs may wait for a thread.
//!
//! There are at most as many helpers as the pool has threads, less one for the caller. A run that is bulk has helpers for one
//! piece at a time: then they look again where they are wanted most.
//!
//! Each pool has a crew. Which of them helps what runs on a thread, the thread's context says (`place`).

mod place;

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::lot::InALot;
#[cfg(target_has_atomic = "64")]
use super::quick;
use super::{gauge, hold, idle, pool};
use crate::context::{self, Context};
use crate::raw::board::Board;
use crate::sync::{Bed, Nanos};

use super::share::Share;
pub(super) use place::here;
#[cfg(feature = "parallel")]
pub(super) use place::is_restrained;
pub(crate) use place::{Placement, Station};

/// How long a helper without work keeps its thread.
pub(crate) const LINGER: Duration = Duration::from_micros(50);
/// How long a helper keeps its thread while there is work: then others may need it more.
pub(crate) const TENURE: Duration = Duration::from_millis(1);
/// How long a helper stays with one run that has nothing for it.
const PATIENCE: Duration = Duration::from_micros(5);
/// A helper that was asked for and has not come for so long stands behind its caller, on the same processor.
pub(crate) const LATE: Duration = Duration::from_micros(150);
/// How long a helper keeps its thread behind a call for work that is to come.
const AHEAD: Duration = Duration::from_micros(150);
/// How often a helper looks for work before it looks at the clock.
const LOOKS: u32 = 32;

/// The helpers of one pool, and the runs that they can help.
pub(crate) struct Crew {
    board: Board,
    /// Helpers, those included that were asked for and have not come yet. All runs read it.
    alive: Apart<AtomicU32>,
    /// Helpers that look for a run to help with. They write it before and behind each.
    idle: Apart<AtomicU32>,
    /// Helpers that were asked for and have not come yet.
    coming: AtomicU32,
    /// When the last of them was asked for, in nanoseconds behind the start of the first.
    asked: Nanos,
    /// Until when work is to come, on the same clock.
    awaited: Nanos,
    /// Whether the last helper gave its thread back in the midst of work. Then it was awake a moment ago.
    pauses: AtomicBool,
    /// How many there may be, once it is known: to ask the pool takes longer.
    most: AtomicU32,
    bulk: Mutex<Option<Arc<Share>>>,
    /// How many threads the pool has; 0 for the common crew.
    width: AtomicUsize,
    is_common: bool,
    /// How many parts are open that stand in others; and how often there was something new for owners that sleep.
    nested: AtomicU32,
    news: AtomicU32,
    pool: pool::Home,
}

/// Crews that were of runtimes which are gone: as many as there were runtimes at the same time.
static SPARE: Mutex<Vec<&'static Crew>> = Mutex::new(Vec::new());

/// On cache lines of its own.
#[repr(align(128))]
struct Apart<T>(T);

impl<T> Deref for Apart<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The helpers of the pool that serves where no runtime was made: the global one, or one that the caller is in.
#[cfg(not(all(loom, test)))]
static COMMON: Crew = Crew::new(true);
#[cfg(all(loom, test))]
static COMMON: std::sync::LazyLock<Crew> = std::sync::LazyLock::new(|| Crew::new(true));

thread_local! {
    /// The run that this thread works on from outside of the pool, as its owner or a helper; 0 if there is none.
    static RUN: Cell<usize> = const { Cell::new(0) };
}

/// Whether this thread works on a run from outside of the pool. A helper does, though it is a thread of the pool: what
/// its part of the run offers, the owner of the run and other helpers shall find.
#[inline]
pub(super) fn is_at_work() -> bool {
    RUN.get() != 0
}

/// Does what is no part of the run that this thread works on.
pub(super) fn off_work<R>(f: impl FnOnce() -> R) -> R {
    let _back = Back(RUN.replace(0));
    f()
}

/// Leaves a run however what runs in it ends.
struct Back(usize);

impl Drop for Back {
    fn drop(&mut self) {
        RUN.set(self.0);
    }
}

/// Lets helpers take part in `help` while `own` runs; returns when none is in `help` any more. `id` is of the caller's
/// making, and means this run if it is not a part of another. Both are given the run, and the owner's bed; `own` has
/// none if nobody can help.
pub(super) fn offer(
    context: &Context,
    id: usize,
    help: &(dyn Fn(usize, &Bed, Duration) -> bool + Sync),
    own: impl FnOnce(usize, Option<&Bed>),
) {
    let place = Placement::here();
    let crew = place.crew();
    let around = RUN.get();
    let run = if around == 0 { id } else { around };
    let _back = Back(RUN.replace(run));
    let held = hold::Around::here();
    let share = context.share();
    let help = |bed: &Bed, patience| {
        let Some(_at_work) = share.map_or(Some(None), |share| share.enter().map(Some)) else { return false };
        let _back = Back(RUN.replace(run));
        held.lend(|| help(run, bed, patience))
    };
    let _owner = (around == 0).then(|| share.map(Share::enter_anyway));
    let _nested = (around != 0).then(|| Nested::new(crew));
    crew.board.offer(run, place.bulk, &help, |bed| {
        crew.tell(run);
        own(run, bed);
    });
}

/// Whether helpers that are awake may take tasks of what runs here in a context without being told anything, and keep the context for
/// a while: it is no part of another run, and bounded by nothing.
#[inline]
pub(super) fn is_free(context: &Context) -> bool {
    let is_bounded = Placement::here().bulk || context.share().is_some();
    context.is_plain() && !is_at_work() && !is_bounded && !hold::is_inside()
}

/// Does what is a part of a run.
pub(super) fn at_work<R>(run: usize, f: impl FnOnce() -> R) -> R {
    let _back = Back(RUN.replace(run));
    f()
}

/// The same for a helper, where the run is inside of nothing.
pub(super) fn lend<R>(run: usize, f: impl FnOnce() -> R) -> R {
    at_work(run, || hold::Around::default().lend(f))
}

/// Counts a part that stands in another.
struct Nested(&'static Crew);

impl Nested {
    fn new(crew: &'static Crew) -> Self {
        crew.nested.fetch_add(1, SeqCst);
        Self(crew)
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        self.0.nested.fetch_sub(1, SeqCst);
    }
}

/// Whether a helper is awake here, or about to be.
#[inline]
pub(super) fn is_awake() -> bool {
    here().is_awake()
}

/// Sees to it that a helper comes here, if one is to be had.
#[inline]
pub(super) fn call(context: &Context) {
    if context.share().is_none_or(|share| share.has_room()) {
        here().call();
    }
}

/// Sees to it that a helper is about to come when there is work for it, which is soon. Does nothing where one is awake.
#[inline]
pub(super) fn call_ahead(context: &Context) {
    let crew = here();
    let alone = || context.share().is_some_and(|share| share.most() == 1);
    if crew.alive.load(Relaxed) == 0 && !alone() {
        crew.await_work(AHEAD);
        call(context);
    }
}

/// What changes when there is something new here.
pub(super) fn epoch() -> u32 {
    here().epoch()
}

/// Tells the owners of a run's parts that one of the parts has something to do.
#[inline]
pub(super) fn news(run: usize) {
    here().tell(run);
}

/// Helps with parts of a run, and tells whether there was work.
pub(super) fn assist(run: usize) -> bool {
    here().assist(run)
}

/// Helps with one piece of the run that this thread works on from outside of the pool, if there is one.
pub(super) fn assist_here() -> bool {
    let (run, crew) = (RUN.get(), here());
    run != 0
        && crew.parts(run).any(|entry| idle::briefly(|| crew.visit(entry, Some(run), Duration::ZERO, None)))
}

/// Nanoseconds behind the first time that it is asked.
fn now() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    gauge::nanos(FIRST.get_or_init(Instant::now).elapsed())
}

/// No code of others runs under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same one twice: loom's atomics are made at run time.
macro_rules! constructor {
    ($($constant:ident)?) => {
        pub(super) $($constant)? fn new(is_common: bool) -> Self {
            Self {
                board: Board::new(),
                alive: Apart(AtomicU32::new(0)),
                idle: Apart(AtomicU32::new(0)),
                coming: AtomicU32::new(0),
                asked: Nanos::new(),
                awaited: Nanos::new(),
                pauses: AtomicBool::new(false),
                most: AtomicU32::new(u32::MAX),
                bulk: Mutex::new(None),
                width: AtomicUsize::new(0),
                is_common,
                nested: AtomicU32::new(0),
                news: AtomicU32::new(0),
                pool: pool::Home::new(is_common),
            }
        }
    };
}

impl Crew {
    #[cfg(not(all(loom, test)))]
    constructor!(const);
    #[cfg(all(loom, test))]
    constructor!();

    /// Where runs ask them for help.
    #[inline]
    pub(super) const fn board(&self) -> &Board {
        &self.board
    }

    /// The pool that the helpers are threads of.
    pub(crate) const fn pool(&self) -> &pool::Home {
        &self.pool
    }

    /// Whether a helper is awake, or about to be. It may be at work for others; to see that takes longer than it is worth.
    #[inline]
    pub(super) fn is_awake(&self) -> bool {
        self.alive.load(Relaxed) > 0 || self.pauses.load(Relaxed)
    }

    /// Sees to it that a helper looks at the entries after this call, if one is to be had.
    #[inline]
    pub(super) fn call(&'static self) {
        if self.alive.load(SeqCst) >= self.most() {
            if self.coming.load(Relaxed) > 0 {
                self.call_another(LATE);
            }
            return;
        }
        let free = self.idle.load(SeqCst) + self.coming.load(SeqCst);
        // Those that are free may go to other runs first.
        if free == 0 || (free as usize) < self.open().count() {
            self.hire();
        }
    }

    /// Keeps helpers that come for so long at least.
    #[cold]
    fn await_work(&self, ahead: Duration) {
        self.awaited.set(now().saturating_add(gauge::nanos(ahead)));
    }

    #[cold]
    fn hire(&'static self) {
        self.hire_of(self.most());
    }

    fn hire_of(&'static self, most: u32) {
        if self.enlist_of(most) {
            self.pauses.store(false, Relaxed);
            self.ask(|| self.serve());
        }
    }

    /// Asks for a helper, who is counted among those alive.
    fn ask(&self, helper: impl FnOnce() + Send + 'static) {
        self.asked.set(now());
        self.coming.fetch_add(1, SeqCst);
        self.pool.spawn(helper);
    }

    /// Asks for one more than there may be, if who was asked for has not come for so long. Of those who come the last one
    /// goes.
    #[cold]
    fn call_another(&'static self, late: Duration) {
        let waited = Duration::from_nanos(now().saturating_sub(self.asked.get()));
        if waited >= late && self.most() > 0 {
            self.hire_of(self.most() + 1);
        }
    }

    fn most(&self) -> u32 {
        match self.most.load(Relaxed) {
            u32::MAX => {
                let most = u32::try_from(self.width()).unwrap_or(u32::MAX) - 1;
                self.most.store(most, Relaxed);
                most
            }
            most => most,
        }
    }

    /// How many threads its pool has.
    pub(crate) fn width(&self) -> usize {
        match self.width.load(Relaxed) {
            // The common one may be any pool, as the caller has installed it.
            0 => self.pool.width(),
            width => width,
        }
    }

    /// For the jobs of all bulk runs: those that wait stay out of the pool, where others would have to wait behind them.
    #[cfg(feature = "parallel")]
    pub(super) fn bulk(&self) -> Arc<Share> {
        let mut bulk = lock(&self.bulk);
        bulk.get_or_insert_with(|| Arc::new(Share::new(self.width()))).clone()
    }

    /// A crew for a pool of so many threads, which is nobody else's. Those that nobody has any more serve again: a thread may
    /// look at one at any time, so they stay.
    #[cfg(feature = "parallel")]
    pub(crate) fn of(pool: pool::Own, width: usize) -> &'static Self {
        let spare = lock(&SPARE).pop();
        let crew = spare.unwrap_or_else(|| Box::leak(Box::new(Self::new(false))));
        crew.pool.set(Some(pool));
        crew.width.store(width, Relaxed);
        crew.most.store(u32::MAX, Relaxed);
        crew
    }

    /// Takes the pool from it. What it is asked to do from now on it does where it is asked.
    pub(crate) fn close(&self) -> Option<pool::Own> {
        *lock(&self.bulk) = None;
        self.most.store(0, Relaxed);
        self.width.store(1, Relaxed);
        self.pool.set(None)
    }

    /// Leaves a crew, closed as it is, to others.
    pub(crate) fn give_back(&'static self) {
        lock(&SPARE).push(self);
    }

    /// Counts one more helper, if there may be one.
    fn enlist(&self) -> bool {
        self.enlist_of(self.most())
    }

    fn enlist_of(&self, most: u32) -> bool {
        self.alive.fetch_update(SeqCst, SeqCst, |alive| (alive < most).then_some(alive + 1)).is_ok()
    }

    /// The entries that are open.
    fn open(&self) -> impl Iterator<Item = usize> + '_ {
        self.board.entries().filter(|&entry| self.board.is_open(entry))
    }

    /// What changes when there is something new.
    pub(super) fn epoch(&self) -> u32 {
        self.news.load(SeqCst)
    }

    /// Tells the owners of a run's parts that one of the parts has something to do.
    #[inline]
    pub(super) fn tell(&self, run: usize) {
        if self.nested.load(SeqCst) > 0 {
            self.news.fetch_add(1, SeqCst);
            self.board.wake(run);
        }
    }

    /// The entries that parts of a run have.
    fn parts(&self, run: usize) -> impl Iterator<Item = usize> + '_ {
        self.board.entries().filter(move |&entry| self.board.is_part(entry, run))
    }

    /// Helps with parts of a run, and tells whether there was work. Inside of a call that holds a permit there is none.
    pub(super) fn assist(&self, run: usize) -> bool {
        !hold::is_inside() && self.parts(run).any(|entry| self.visit(entry, Some(run), Duration::ZERO, None))
    }

    /// Does what there is to do at an entry, of one run alone if it is told which. Tells whether there was any.
    fn visit(&self, entry: usize, only: Option<usize>, patience: Duration, until: Option<Instant>) -> bool {
        if let Some(visit) = self.board.enter(entry) {
            return visit.help(patience);
        }
        #[cfg(target_has_atomic = "64")]
        return self.board.guest(entry).is_some_and(|guest| quick::help(&guest, only, patience, until));
        #[cfg(not(target_has_atomic = "64"))]
        {
            let _ = (only, until);
            false
        }
    }

    /// Calls for a helper in place of one that did not come, if there is still work.
    #[cold]
    pub(super) fn call_again(&'static self) {
        if self.open().next().is_some() {
            self.call();
        }
    }

    /// A helper that was asked for.
    fn serve(&'static self) {
        if hold::is_inside() {
            return self.decline();
        }
        let coming = self.coming.fetch_sub(1, SeqCst) - 1;
        if self.alive.load(SeqCst).saturating_sub(coming) > self.most() {
            // Another came first.
            self.alive.fetch_sub(1, SeqCst);
            return self.call_again();
        }
        self.idle.fetch_add(1, SeqCst);
        self.stay();
    }

    /// Does not come: the thread waits inside of a call that holds a permit.
    #[cold]
    fn decline(&'static self) {
        self.coming.fetch_sub(1, SeqCst);
        self.alive.fetch_sub(1, SeqCst);
        hold::on_leaving(self);
    }

    /// A helper that gave its thread back and has been given it again. One other job goes first: it is not counted meanwhile,
    /// as that may be a long one.
    fn serve_again(&'static self) {
        if hold::is_inside() {
            return self.decline();
        }
        self.coming.fetch_sub(1, SeqCst);
        self.alive.fetch_sub(1, SeqCst);
        pool::yield_now();
        // As for a helper that leaves: who offers work from here on hires another.
        if self.open().next().is_some() && self.enlist() {
            self.idle.fetch_add(1, SeqCst);
            self.stay();
        }
    }

    /// Goes from entry to entry.
    fn stay(&'static self) {
        // Where the thread is known to wait for something, that shall not wait for this.
        let waits = is_at_work() || context::is_away();
        let (linger, tenure) = if waits { (Duration::ZERO, Duration::ZERO) } else { (LINGER, TENURE) };
        let _station = Station::enter(Placement::new((!self.is_common).then_some(self), false, false));
        let _no_lot = InALot::leave();
        let (mut at, mut looks) = (0, 0_u32);
        let came = Instant::now();
        let mut since = came;
        loop {
            // Mostly the next run is offered where the last was.
            if self.help(at, came + tenure) {
                since = Instant::now();
                if since.duration_since(came) >= tenure {
                    return self.give_way();
                }
                if !self.board.may_enter(at) || self.board.is_bulk(at) {
                    at = self.next(at);
                }
                continue;
            }
            std::hint::spin_loop();
            looks = looks.wrapping_add(1);
            if looks % 8 == 0 {
                at = self.next(at);
            }
            if looks % LOOKS == 0 && since.elapsed() >= linger {
                let awaits = !waits && now() < self.awaited.get();
                if !awaits && !self.lingers_on() {
                    return;
                }
                since = Instant::now();
            }
        }
    }

    /// Where to look next: at the next open entry whose run is not bulk, else at the next open one.
    fn next(&self, at: usize) -> usize {
        let entries = self.board.entries().len();
        let open = || (0..entries).map(|i| (at + 1 + i) % entries).filter(|&i| self.board.is_open(i));
        let first = open().find(|&i| !self.board.is_bulk(i)).or_else(|| open().next());
        first.unwrap_or(at % entries)
    }

    /// Gives the thread back though there may be work: to what waits below on its stack, and to other jobs. If there is
    /// work, it comes again behind them.
    fn give_way(&'static self) {
        self.pauses.store(true, Relaxed);
        self.idle.fetch_sub(1, SeqCst);
        self.alive.fetch_sub(1, SeqCst);
        if self.open().next().is_some() && self.enlist() {
            self.ask(|| self.serve_again());
        }
    }

    /// Ends a helper's time, unless it finds work at the last look.
    ///
    /// Who offers work looks at the numbers after that. So either it finds this helper gone and hires another, or it
    /// offered before this helper went, which then finds it here.
    fn lingers_on(&self) -> bool {
        self.idle.fetch_sub(1, SeqCst);
        self.alive.fetch_sub(1, SeqCst);
        let found = |entry| self.work(entry, Duration::ZERO, None);
        let stays = self.open().any(found) && self.enlist();
        if stays {
            self.idle.fetch_add(1, SeqCst);
        }
        stays
    }

    /// Helps at an entry, up to a moment if there is ever more, and tells whether there was work.
    fn help(&self, entry: usize, until: Instant) -> bool {
        if !self.board.is_open(entry) {
            return false;
        }
        self.idle.fetch_sub(1, SeqCst);
        let worked = self.work(entry, PATIENCE, Some(until));
        self.idle.fetch_add(1, SeqCst);
        worked
    }

    /// Works for a run: for one piece of it, if it is bulk.
    fn work(&self, entry: usize, patience: Duration, until: Option<Instant>) -> bool {
        if self.board.is_bulk(entry) {
            idle::briefly(|| self.visit(entry, None, Duration::ZERO, None))
        } else {
            self.visit(entry, None, patience, until)
        }
    }
}

#[cfg(all(test, not(loom), feature = "parallel"))]
mod tests;
