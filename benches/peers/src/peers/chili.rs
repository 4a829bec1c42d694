//! chili: fork and join by heartbeat. The joins are those of `by_hand`, on the caller's thread and one of the pool.

use std::num::NonZero;

use ::chili::{Config, Scope, ThreadPool};

use super::System;
use crate::THREADS;
use crate::sampling::{Plan, drive};
use crate::shape::Shape;
use crate::state::{State, halves, take_lowest};
use crate::steps::Steps;

/// A form of a shape that joins in a scope.
pub(crate) type Run = fn(&mut Scope<'_>, u64, u32) -> u64;

struct Chili {
    run: Run,
    w: u32,
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Chili { run: shape.chili, w })
}

impl System for Chili {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        // The caller counts as one of the threads. The pool lives as long as the sample, since its heartbeat never sleeps.
        let pool =
            ThreadPool::with_config(Config { thread_count: NonZero::new(THREADS), ..Config::default() });
        let mut scope = pool.scope();
        drive(plan, |x| (self.run)(&mut scope, x, self.w))
    }
}

#[inline(never)]
pub(crate) fn run<const N: usize, S: Steps<N>>(scope: &mut Scope<'_>, x: u64, w: u32) -> u64 {
    let state = State::<N>::new(x, w);
    join_all::<N, S>(scope, &state, S::ROOTS);
    S::sum(&state)
}

fn join_all<const N: usize, S: Steps<N>>(scope: &mut Scope<'_>, state: &State<N>, ready: u64) {
    if ready.is_power_of_two() {
        return join_behind::<N, S>(scope, state, ready.trailing_zeros());
    }
    let (low, high) = halves(ready);
    scope.join(|scope| join_all::<N, S>(scope, state, low), |scope| join_all::<N, S>(scope, state, high));
}

fn join_behind<const N: usize, S: Steps<N>>(scope: &mut Scope<'_>, state: &State<N>, mut id: u32) {
    loop {
        let mut ready = S::step::<false>(state, id);
        if ready == 0 {
            return;
        }
        id = take_lowest(&mut ready);
        if ready != 0 {
            scope.join(
                |scope| join_behind::<N, S>(scope, state, id),
                |scope| join_all::<N, S>(scope, state, ready),
            );
            return;
        }
    }
}
