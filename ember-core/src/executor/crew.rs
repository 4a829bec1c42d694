//! Threads of the pool that help runs of callers outside of it.
//!
//! A caller from outside never enters the pool: that costs a wake-up of a thread, a hand-over and a wake-up of the caller,
//! some ten to fifty microseconds. It does the work itself, and opens an entry of the [`Board`]; threads of the pool
//! come and take part. Such a *helper* is one job of the pool, which goes from entry to entry. When there is nothing to
//! do it lingers for [`LINGER`], so that the next run needs no wake-up, and then gives its thread back. While there is
//! work it gives it back after each [`TENURE`]: rayon may have started it on the stack of a thread that waits in a join,
//! and other jobs may wait for a thread.
//!
//! There are at most as many helpers as the pool has threads, less one for the caller.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::time::{Duration, Instant};

use super::{hold, idle, pool};
use crate::context;
use crate::raw::board::Board;
use crate::sync::Bed;

/// How long a helper without work keeps its thread.
pub(crate) const LINGER: Duration = Duration::from_micros(50);
/// How long a helper keeps its thread while there is work: then others may need it more.
pub(crate) const TENURE: Duration = Duration::from_millis(1);
/// How long a helper stays with one run that has nothing for it.
const PATIENCE: Duration = Duration::from_micros(5);
/// How often a helper looks for work before it looks at the clock.
const LOOKS: u32 = 32;

#[cfg(not(all(loom, test)))]
static BOARD: Board = Board::new();
#[cfg(all(loom, test))]
static BOARD: std::sync::LazyLock<Board> = std::sync::LazyLock::new(Board::new);
/// Helpers, those included that were asked for and have not come yet. All runs read it.
static ALIVE: Apart<AtomicU32> = Apart(AtomicU32::new(0));
/// Helpers that look for a run to help with. They write it before and behind each.
static IDLE: Apart<AtomicU32> = Apart(AtomicU32::new(0));
/// Helpers that were asked for and have not come yet.
static COMING: AtomicU32 = AtomicU32::new(0);

/// On cache lines of its own.
#[repr(align(128))]
struct Apart<T>(T);

impl<T> Deref for Apart<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Whether the last helper gave its thread back in the midst of work. Then it was awake a moment ago.
static PAUSES: AtomicBool = AtomicBool::new(false);

/// Whether a helper is awake, or about to be. It may be at work for others; to see that takes longer than it is worth.
#[inline]
pub(super) fn is_awake() -> bool {
    ALIVE.load(Relaxed) > 0 || PAUSES.load(Relaxed)
}

/// Sees to it that a helper looks at the entries after this call, if one is to be had.
#[inline]
pub(super) fn call() {
    if ALIVE.load(SeqCst) >= most() {
        return;
    }
    let free = IDLE.load(SeqCst) + COMING.load(SeqCst);
    // Those that are free may go to other runs first.
    if free == 0 || (free as usize) < BOARD.entries().filter(|&entry| BOARD.is_open(entry)).count() {
        hire();
    }
}

#[cold]
fn hire() {
    if enlist() {
        COMING.fetch_add(1, SeqCst);
        PAUSES.store(false, Relaxed);
        pool::spawn(serve);
    }
}

/// How many there may be. To ask the pool takes longer.
fn most() -> u32 {
    static MOST: AtomicU32 = AtomicU32::new(u32::MAX);
    match MOST.load(Relaxed) {
        u32::MAX => {
            let most = u32::try_from(pool::width()).unwrap_or(u32::MAX) - 1;
            MOST.store(most, Relaxed);
            most
        }
        most => most,
    }
}

/// Counts one more helper, if there may be one.
fn enlist() -> bool {
    let most = most();
    ALIVE.fetch_update(SeqCst, SeqCst, |alive| (alive < most).then_some(alive + 1)).is_ok()
}

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
    id: usize,
    help: &(dyn Fn(usize, &Bed, Duration) -> bool + Sync),
    own: impl FnOnce(usize, Option<&Bed>),
) {
    let around = RUN.get();
    let run = if around == 0 { id } else { around };
    let _back = Back(RUN.replace(run));
    let held = hold::Around::here();
    let help = |bed: &Bed, patience| {
        let _back = Back(RUN.replace(run));
        held.lend(|| help(run, bed, patience))
    };
    let _nested = (around != 0).then(Nested::new);
    BOARD.offer(run, &help, |bed| {
        news(run);
        own(run, bed);
    });
}

/// How many parts are open that stand in others; and how often there was something new for owners that sleep.
static NESTED: AtomicU32 = AtomicU32::new(0);
static NEWS: AtomicU32 = AtomicU32::new(0);

struct Nested;

impl Nested {
    fn new() -> Self {
        NESTED.fetch_add(1, SeqCst);
        Self
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        NESTED.fetch_sub(1, SeqCst);
    }
}

/// What changes when there is something new.
pub(super) fn epoch() -> u32 {
    NEWS.load(SeqCst)
}

/// Tells the owners of a run's parts that one of the parts has something to do.
#[inline]
pub(super) fn news(run: usize) {
    if NESTED.load(SeqCst) > 0 {
        NEWS.fetch_add(1, SeqCst);
        BOARD.wake(run);
    }
}

/// The entries that parts of a run have.
fn parts(run: usize) -> impl Iterator<Item = usize> {
    BOARD.entries().filter(move |&entry| BOARD.is_part(entry, run))
}

/// Helps with parts of a run, and tells whether there was work. Inside of a call that holds a permit there is none.
pub(super) fn assist(run: usize) -> bool {
    !hold::is_inside()
        && parts(run).any(|entry| BOARD.enter(entry).is_some_and(|visit| visit.help(Duration::ZERO)))
}

/// Helps with one piece of the run that this thread works on from outside of the pool, if there is one.
pub(super) fn assist_here() -> bool {
    let run = RUN.get();
    let help = |entry| BOARD.enter(entry).is_some_and(|visit| idle::briefly(|| visit.help(Duration::ZERO)));
    run != 0 && parts(run).any(help)
}

/// A helper that was asked for.
fn serve() {
    if hold::is_inside() {
        return decline();
    }
    IDLE.fetch_add(1, SeqCst);
    COMING.fetch_sub(1, SeqCst);
    stay();
}

/// Does not come: the thread waits inside of a call that holds a permit.
#[cold]
fn decline() {
    COMING.fetch_sub(1, SeqCst);
    ALIVE.fetch_sub(1, SeqCst);
    hold::on_leaving();
}

/// Calls for a helper in place of one that did not come, if there is still work.
#[cold]
pub(super) fn call_again() {
    if BOARD.entries().any(|entry| BOARD.is_open(entry)) {
        call();
    }
}

/// A helper that gave its thread back and has been given it again. One other job goes first: it is not counted meanwhile,
/// as that may be a long one.
fn serve_again() {
    if hold::is_inside() {
        return decline();
    }
    COMING.fetch_sub(1, SeqCst);
    ALIVE.fetch_sub(1, SeqCst);
    pool::yield_now();
    // As for a helper that leaves: who offers work from here on hires another.
    if BOARD.entries().any(|entry| BOARD.is_open(entry)) && enlist() {
        IDLE.fetch_add(1, SeqCst);
        stay();
    }
}

/// Goes from entry to entry.
fn stay() {
    // Where the thread is known to wait for something, that shall not wait for this.
    let waits = is_at_work() || context::is_away();
    let (linger, tenure) = if waits { (Duration::ZERO, Duration::ZERO) } else { (LINGER, TENURE) };
    let (mut at, mut looks) = (0, 0_u32);
    let came = Instant::now();
    let mut since = came;
    loop {
        // Mostly the next run is offered where the last was.
        if help(at, PATIENCE) {
            since = Instant::now();
            if since.duration_since(came) >= tenure {
                return give_way();
            }
            continue;
        }
        std::hint::spin_loop();
        looks = looks.wrapping_add(1);
        if looks % 8 == 0 {
            let entries = BOARD.entries().len();
            at = (0..entries)
                .map(|i| (at + 1 + i) % entries)
                .find(|&i| BOARD.is_open(i))
                .unwrap_or(at % entries);
        }
        if looks % LOOKS == 0 && since.elapsed() >= linger {
            if !lingers_on() {
                return;
            }
            since = Instant::now();
        }
    }
}

/// Gives the thread back though there may be work: to what waits below on its stack, and to other jobs. If there is work,
/// it comes again behind them.
fn give_way() {
    PAUSES.store(true, Relaxed);
    IDLE.fetch_sub(1, SeqCst);
    ALIVE.fetch_sub(1, SeqCst);
    if BOARD.entries().any(|entry| BOARD.is_open(entry)) && enlist() {
        COMING.fetch_add(1, SeqCst);
        pool::spawn(serve_again);
    }
}

/// Ends a helper's time, unless it finds work at the last look.
///
/// Who offers work looks at the numbers after that. So either it finds this helper gone and hires another, or it offered
/// before this helper went, which then finds it here.
fn lingers_on() -> bool {
    IDLE.fetch_sub(1, SeqCst);
    ALIVE.fetch_sub(1, SeqCst);
    let found = |entry| BOARD.enter(entry).is_some_and(|visit| visit.help(Duration::ZERO));
    let stays = BOARD.entries().any(found) && enlist();
    if stays {
        IDLE.fetch_add(1, SeqCst);
    }
    stays
}

/// Helps at an entry, and tells whether there was work.
fn help(entry: usize, patience: Duration) -> bool {
    let Some(visit) = BOARD.enter(entry) else { return false };
    IDLE.fetch_sub(1, SeqCst);
    let worked = visit.help(patience);
    drop(visit);
    IDLE.fetch_add(1, SeqCst);
    worked
}
