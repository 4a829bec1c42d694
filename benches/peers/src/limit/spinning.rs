//! Two threads that spin and never sleep: the physical limit of two cores. The other thread lives as long as the sample.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::work::work;
use crate::sampling::{Plan, drive};
use crate::state::State;
use crate::steps::Steps;

/// Samples a shape.
pub(crate) fn sample<const N: usize, S: Steps<N>>(w: u32, plan: &Plan) -> Vec<f64> {
    let state = State::<N>::new(0, w);
    let round = Round::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            while round.is_next() {
                work::<N, S>(&state, true);
                round.end();
            }
        });
        let _stop = Stop(&round);
        drive(plan, |x| {
            state.restart(x, S::ROOTS);
            round.begin();
            work::<N, S>(&state, false);
            round.wait();
            S::sum(&state)
        })
    })
}

/// Who is in which run: the caller begins runs, the other thread ends them.
#[derive(Default)]
struct Round {
    begun: AtomicU64,
    ended: AtomicU64,
    stops: AtomicBool,
}

/// Sends the other thread home, also when a sample panics.
struct Stop<'a>(&'a Round);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.stops.store(true, Ordering::Relaxed);
    }
}

impl Round {
    #[inline(always)]
    fn begin(&self) {
        self.begun.store(self.begun.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// Waits until the other thread has left the run.
    #[inline(always)]
    fn wait(&self) {
        while self.ended.load(Ordering::Acquire) != self.begun.load(Ordering::Relaxed) {
            hint::spin_loop();
        }
    }

    /// Waits for the next run on the other thread; false when there is none.
    #[inline(always)]
    fn is_next(&self) -> bool {
        while self.begun.load(Ordering::Acquire) == self.ended.load(Ordering::Relaxed) {
            if self.stops.load(Ordering::Relaxed) {
                return false;
            }
            hint::spin_loop();
        }
        true
    }

    #[inline(always)]
    fn end(&self) {
        self.ended.store(self.ended.load(Ordering::Relaxed) + 1, Ordering::Release);
    }
}
