//! When tiny graphs are timed again.
//!
//! A run of some nanoseconds cannot look at the clock to see whether it is time to measure again. A count of runs, which each
//! would write, tells nothing of how long they have become since. So a thread of the process counts *ticks* while tiny graphs
//! run, and at a new tick each thread times a few of its runs, then none until the next. All that a run asks is whether two
//! numbers are equal that hardly ever change.
//!
//! How many runs are timed at a tick is left to chance, mostly two or three, and now and then thousands: in a program that goes
//! round many graphs, which are first behind a tick is not up to chance, and the others get their turn so. There are two at
//! least, since the first comes behind the demand for another tick, which may be a call of the system and make it look longer;
//! the lesser counts.
//!
//! The thread sleeps while nobody wants to know of a tick that it has counted, so that an idle process stays idle, and ends when
//! that has lasted for a second.

use std::cell::Cell;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Condvar, Mutex, PoisonError, TryLockError};
use std::time::Duration;
use std::{process, thread};

use super::chance::draw;
use crate::context;

/// How long a tick is. A graph that has grown is timed so much later at most, or in its next run if that takes longer.
const TICK: Duration = Duration::from_millis(10);

/// How long a thread stays for which there is no demand.
const LINGER: Duration = Duration::from_secs(1);

/// How many runs more are timed to see whether one that took long was an exception.
const AGAIN: u32 = 16;

/// How many runs are timed before a thread is asked for again that could not be had.
const WITHOUT: u32 = 10_000;

/// An odd number, the next one for each tick, and for each time that somebody begins to observe the default context. So 0 is
/// never. A thread that has slept through all odd numbers of a `usize` would miss one.
static NOW: AtomicUsize = AtomicUsize::new(1);

/// Who waits for the next tick.
struct Demand {
    /// Whether somebody does.
    is_there: bool,
    /// The process of which a thread counts: one that was forked off has none.
    met_in: Option<u32>,
}

static DEMAND: Mutex<Demand> = Mutex::new(Demand { is_there: false, met_in: None });
static ROSE: Condvar = Condvar::new();

thread_local! {
    /// At which tick this thread times no more.
    static SETTLED: Cell<usize> = const { Cell::new(0) };
    /// At which tick it has asked for the next one, before it began to time; 0 if that will not come.
    static ASKED: Cell<usize> = const { Cell::new(0) };
    /// How many runs it times before it has timed enough; 0 if that has not been drawn.
    static LEFT: Cell<u32> = const { Cell::new(0) };
    /// At which tick it has looked again.
    static AGAIN_AT: Cell<usize> = const { Cell::new(0) };
}

/// The number of the tick.
#[inline(always)]
pub(crate) fn now() -> usize {
    NOW.load(Relaxed)
}

/// Begins another tick. What the caller has written before is seen by threads that have timed enough of it.
pub(crate) fn begin() {
    NOW.fetch_add(2, Release);
}

/// At which tick this thread has timed enough.
pub(crate) fn settled() -> usize {
    SETTLED.get()
}

/// Whether this thread has timed enough runs of tiny graphs at this tick.
#[inline(always)]
pub(super) fn is_settled() -> bool {
    SETTLED.get() == now()
}

/// A run of a tiny graph begins that is timed. Until it has, none inside of it is, and if it fails none behind it either.
pub(super) fn time() {
    if LEFT.get() == 0 {
        let now = NOW.load(Acquire);
        // Only then, so that another tick comes behind this one.
        let (asked, left) = match demand() {
            Answer::Comes => (now, how_many()),
            Answer::Unheard => return,
            Answer::Never => (0, WITHOUT),
        };
        ASKED.set(asked);
        LEFT.set(left);
    }
    LEFT.set(LEFT.get() - 1);
    settle(ASKED.get());
}

/// It has ended, and took much longer than its graph is known to, or not: if it did, it was interrupted, or the graph has grown. So
/// the thread times more runs; once at a tick, as of some graphs one run in ten takes longer.
pub(super) fn timed(took_long: bool) {
    if took_long && AGAIN_AT.replace(now()) != now() {
        LEFT.set(LEFT.get().max(AGAIN));
    }
    if LEFT.get() > 0 {
        settle(0);
    }
}

fn settle(at: usize) {
    SETTLED.set(at);
    context::reconsider();
}

/// A number by chance from 2 to a million: one in so many is larger. On the average they are 16.
fn how_many() -> u32 {
    1 + u32::MAX / draw().max(1 << 12)
}

/// What becomes of a demand.
enum Answer {
    Comes,
    /// Another thread is asking, or was when this process was forked off.
    Unheard,
    /// There is no thread to be had for it.
    Never,
}

/// Asks for another tick.
fn demand() -> Answer {
    let mut demand = match DEMAND.try_lock() {
        Ok(demand) => demand,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return Answer::Unheard,
    };
    let here = Some(process::id());
    if demand.met_in != here {
        if thread::Builder::new().name("ember-tick".to_owned()).spawn(tick).is_err() {
            return Answer::Never;
        }
        demand.met_in = here;
    }
    if !demand.is_there {
        demand.is_there = true;
        ROSE.notify_one();
    }
    Answer::Comes
}

/// Counts, one tick for each demand.
fn tick() {
    loop {
        let demand = DEMAND.lock().unwrap_or_else(PoisonError::into_inner);
        let risen = ROSE.wait_timeout_while(demand, LINGER, |demand| !demand.is_there);
        let (mut demand, _) = risen.unwrap_or_else(PoisonError::into_inner);
        if !demand.is_there {
            demand.met_in = None;
            return;
        }
        demand.is_there = false;
        drop(demand);
        thread::sleep(TICK);
        begin();
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
