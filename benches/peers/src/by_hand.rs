//! Ways to run a shape on rayon that one would write by hand: joins over ready bits, counters with spawns, and level by
//! level. They start where they are called, on a thread of the pool or outside.

use rayon::Scope;

use crate::state::{Counters, State, halves, take_lowest};
use crate::steps::Steps;

/// Goes on with the first step that becomes ready, and joins the others.
#[inline(never)]
pub(crate) fn joins<const N: usize, S: Steps<N>>(x: u64, w: u32) -> u64 {
    let state = State::<N>::new(x, w);
    join_all::<N, S>(&state, S::ROOTS);
    S::sum(&state)
}

fn join_all<const N: usize, S: Steps<N>>(state: &State<N>, ready: u64) {
    if ready.is_power_of_two() {
        return join_behind::<N, S>(state, ready.trailing_zeros());
    }
    let (low, high) = halves(ready);
    rayon::join(|| join_all::<N, S>(state, low), || join_all::<N, S>(state, high));
}

fn join_behind<const N: usize, S: Steps<N>>(state: &State<N>, mut id: u32) {
    loop {
        let mut ready = S::step::<false>(state, id);
        if ready == 0 {
            return;
        }
        id = take_lowest(&mut ready);
        if ready != 0 {
            rayon::join(|| join_behind::<N, S>(state, id), || join_all::<N, S>(state, ready));
            return;
        }
    }
}

/// Counts down at each node, goes on with the first step that becomes ready, and spawns the others.
#[inline(never)]
pub(crate) fn counters<const N: usize, S: Steps<N>>(x: u64, w: u32) -> u64 {
    let state = State::<N>::new(x, w);
    let waiting = Counters::new(S::WAITING);
    let run = Counted { state: &state, waiting: &waiting };
    rayon::scope(|scope| {
        let mut ready = S::ROOTS;
        let first = take_lowest(&mut ready);
        run.spawn_all::<S>(scope, ready);
        run.go::<S>(scope, first);
    });
    S::sum(&state)
}

#[derive(Clone, Copy)]
struct Counted<'a, const N: usize> {
    state: &'a State<N>,
    waiting: &'a Counters<N>,
}

impl<'a, const N: usize> Counted<'a, N> {
    fn go<S: Steps<N>>(self, scope: &Scope<'a>, mut id: u32) {
        loop {
            let mut ready = S::counted(self.state, self.waiting, id);
            if ready == 0 {
                return;
            }
            id = take_lowest(&mut ready);
            self.spawn_all::<S>(scope, ready);
        }
    }

    fn spawn_all<S: Steps<N>>(self, scope: &Scope<'a>, mut ready: u64) {
        while ready != 0 {
            let id = take_lowest(&mut ready);
            scope.spawn(move |scope| self.go::<S>(scope, id));
        }
    }
}

/// Finishes each level before the next.
#[inline(never)]
pub(crate) fn levels<const N: usize, S: Steps<N>>(x: u64, w: u32) -> u64 {
    let state = State::<N>::new(x, w);
    S::levels(&state);
    S::sum(&state)
}
