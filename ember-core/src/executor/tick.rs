//! When tiny graphs are timed again.
//!
//! A run of some nanoseconds cannot look at the clock to see whether it is time to measure again. A count of runs, which each
//! would write, tells nothing of how long they have become since. So a thread of the process counts *ticks* while tiny graphs
//! run, and at a new tick each thread times a few of its runs, then none until the next. All that a run asks is whether two
//! numbers are equal that hardly ever change.
//!
//! How many runs are timed at a tick is left to chance, mostly one or two, and now and then thousands: in a program that goes
//! round many graphs, which are first behind a tick is not up to chance, and the others get their turn so.
//!
//! The thread sleeps for good while nobody wants to know of a tick that it has counted, so that an idle process stays idle.

use std::cell::Cell;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Condvar, Mutex, PoisonError, TryLockError};
use std::time::Duration;
use std::{process, thread};

use super::gauge::draw;
use crate::context;

/// How long a tick is. A graph that has grown is timed so much later at most, or in its next run if that takes longer.
const TICK: Duration = Duration::from_millis(10);

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
    /// At which tick this thread has timed enough.
    static SETTLED: Cell<usize> = const { Cell::new(0) };
    /// How many runs it times before it has; 0 if that has not been drawn.
    static LEFT: Cell<u32> = const { Cell::new(0) };
    /// At which tick it has looked again.
    static AGAIN_AT: Cell<usize> = const { Cell::new(0) };
}

/// The number of the tick.
#[inline(always)]
pub(crate) fn now() -> usize {
    NOW.load(Relaxed)
}

/// Begins another tick before its time. What the caller has written before is seen by threads that have timed enough of it.
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

/// Counts a run of a tiny graph that is timed.
pub(super) fn count() {
    let left = LEFT.get();
    let left = if left == 0 { how_many() } else { left } - 1;
    LEFT.set(left);
    if left == 0 {
        settle();
    }
}

/// Times more runs at this tick, since one took much longer than its graph is known to: that one was interrupted, or the graph
/// has grown. Once at a tick, as of some graphs one run in ten takes longer.
pub(super) fn look_again() {
    let now = now();
    if AGAIN_AT.replace(now) != now {
        LEFT.set(LEFT.get().max(AGAIN));
        SETTLED.set(0);
        context::reconsider();
    }
}

/// A number by chance from 1 to a million: one in so many is so large or larger. On the average they are 15.
fn how_many() -> u32 {
    u32::MAX / draw().max(1 << 12)
}

/// Times no more at this tick, if there is to be another.
fn settle() {
    let now = NOW.load(Acquire);
    // Only then, so that another tick comes behind this one.
    if demand() {
        SETTLED.set(now);
        context::reconsider();
    }
}

/// Asks for another tick. Tells whether it will come: not if no thread can be had for it, nor if another thread is asking, or was
/// when this process was forked off.
fn demand() -> bool {
    let mut demand = match DEMAND.try_lock() {
        Ok(demand) => demand,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return false,
    };
    let here = Some(process::id());
    if demand.met_in != here {
        if thread::Builder::new().name("ember-tick".to_owned()).spawn(tick).is_err() {
            LEFT.set(WITHOUT);
            return false;
        }
        demand.met_in = here;
    }
    if !demand.is_there {
        demand.is_there = true;
        ROSE.notify_one();
    }
    true
}

/// Counts, one tick for each demand.
fn tick() {
    loop {
        let demand = DEMAND.lock().unwrap_or_else(PoisonError::into_inner);
        let demand = ROSE.wait_while(demand, |demand| !demand.is_there);
        demand.unwrap_or_else(PoisonError::into_inner).is_there = false;
        thread::sleep(TICK);
        NOW.fetch_add(2, Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
