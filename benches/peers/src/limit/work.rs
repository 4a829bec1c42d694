//! The loop of a thread that works on a run together with another.

use std::hint;
use std::thread;

use crate::state::{State, halves, take_lowest};
use crate::steps::Steps;

/// Works until the run has ended. Steps stay with this thread; half of them are shared when the other one starves.
#[inline(always)]
pub(super) fn work<const N: usize, S: Steps<N>>(state: &State<N>, upper: bool) {
    let mut idle = 0;
    let mut mine = 0;
    loop {
        if mine == 0 {
            mine = state.take(upper);
            if mine == 0 {
                if state.has_finished(S::ALL) {
                    return;
                }
                relax(&mut idle);
                continue;
            }
            idle = 0;
        }
        if !mine.is_power_of_two() && state.is_starved() {
            let (low, high) = halves(mine);
            state.share(high);
            mine = low;
        }
        let id = take_lowest(&mut mine);
        mine |= S::step::<true>(state, id);
    }
}

/// Waits for another thread: spins, and lets others have the core when that takes long.
#[inline(always)]
pub(super) fn relax(idle: &mut u32) {
    *idle += 1;
    if *idle < 2_000 {
        hint::spin_loop();
    } else {
        thread::yield_now();
    }
}
