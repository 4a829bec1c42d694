//! The hand-written limit: what a program could do that holds one graph and knows that its values are numbers.
//!
//! The measured cost of a graph decides. A tiny one runs as the plain function. A large one, or one that comes often,
//! runs on the caller's thread and on a helper that lingers after each run for the next one. One in between runs
//! straight, and breaks off into parallel code if that takes too long.

mod clock;
mod estimate;
mod helper;
mod spinning;
mod work;

use std::cell::Cell;

pub(crate) use self::estimate::Estimate;
pub(crate) use self::spinning::sample as spinning;

use self::clock::{MICROSECOND, ticks};
use self::work::work;
use crate::state::State;
use crate::steps::Steps;

/// Above this cost a sleeping helper is worth waking for one run.
const WORTH_WAKING: u64 = 38 * MICROSECOND;
/// A run that nobody has measured goes on in parallel after this time.
const LATE: u64 = 25 * MICROSECOND;
/// The same where a helper waits.
const LATE_WITH_HELPER: u64 = 3 * MICROSECOND / 4;

/// Below this cost a shape of so many nodes runs as the plain function.
const fn tiny(nodes: usize) -> u64 {
    MICROSECOND + nodes as u64 * MICROSECOND * 3 / 52
}

/// Runs a shape, from whichever thread.
#[inline(never)]
pub(crate) fn run<const N: usize, S: Steps<N>>(x: u64, w: u32) -> u64 {
    if S::IS_CHAIN {
        return S::plain(x, w);
    }
    let estimate = S::estimate();
    let cost = estimate.cost();
    if cost == 0 || cost >= tiny(N) {
        return measured::<N, S>(x, w, cost);
    }
    if !estimate.is_turn(16) {
        return S::plain(x, w);
    }
    let start = ticks();
    let value = S::plain(x, w);
    let end = ticks();
    estimate.set(end - start, end);
    value
}

#[inline(never)]
fn measured<const N: usize, S: Steps<N>>(x: u64, w: u32, cost: u64) -> u64 {
    let start = ticks();
    let estimate = S::estimate();
    let has_helper = helper::is_waiting();
    let again = estimate.is_turn(64);
    let state = State::<N>::new(x, w);
    let pays = cost >= WORTH_WAKING || has_helper || start.wrapping_sub(estimate.last()) < helper::LINGER;
    if cost != 0 && !again && pays {
        in_parallel::<N, S>(&state, 0, S::ROOTS);
        let end = ticks();
        estimate.confirm(end - start, end);
        return S::sum(&state);
    }
    let late = match (again && cost < 20 * WORTH_WAKING, has_helper) {
        (true, _) => u64::MAX,
        (false, true) => LATE_WITH_HELPER,
        (false, false) => LATE,
    };
    match S::straight(&state, || ticks() - start > late) {
        Ok(value) => {
            let end = ticks();
            estimate.set(end - start, end);
            value
        }
        Err(cut) => {
            in_parallel::<N, S>(&state, cut.done, cut.ready);
            let end = ticks();
            estimate.set(2 * (end - start), end);
            S::sum(&state)
        }
    }
}

/// The same, where the straight line breaks off when it is asked for the `at`th time, counted from zero: to check it.
pub(crate) fn broken_off<const N: usize, S: Steps<N>>(x: u64, w: u32, at: usize) -> u64 {
    let (state, asked) = (State::<N>::new(x, w), Cell::new(0));
    S::straight(&state, || asked.replace(asked.get() + 1) == at).unwrap_or_else(|cut| {
        in_parallel::<N, S>(&state, cut.done, cut.ready);
        S::sum(&state)
    })
}

#[inline(never)]
fn in_parallel<const N: usize, S: Steps<N>>(state: &State<N>, done: u64, ready: u64) {
    state.resume(done, ready);
    helper::both(|| work::<N, S>(state, false), || work::<N, S>(state, true));
}
