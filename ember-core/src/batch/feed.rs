//! The inputs of a batch, from which whoever has nothing to do pulls a lot.
//!
//! The iterator is the user's code, and no lock is held while it runs: who pulls takes it out, and puts it back. Who finds it
//! taken waits for a while and then gives up: on its own stack, below, may stand what the one who pulls is waiting for.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::error::__discard;
use crate::sync::{Condvar, Mutex, MutexGuard, lock};

/// How long who finds the iterator taken waits for it.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a lot is pulled that comes slowly.
const MOMENT: Duration = Duration::from_micros(50);
/// How many items are pulled between two looks at the clock.
const LOOK: usize = 32;

/// The inputs of a batch.
pub(crate) struct Feed<I> {
    state: Mutex<State<I>>,
    /// Notified when the iterator is back, or there is room, and somebody waits.
    changed: Condvar,
    /// How many items may be in flight.
    most: usize,
}

struct State<I> {
    /// Nothing while somebody pulls.
    inputs: Option<I>,
    /// There are no more, or no more are wanted.
    over: bool,
    /// The iterator came to its end.
    ended: bool,
    /// How many were pulled.
    pulled: usize,
    /// How many of them are not through.
    in_flight: usize,
    waiting: usize,
    /// What the iterator panicked with.
    panic: Option<Box<dyn Any + Send>>,
}

impl<I: Iterator> Feed<I> {
    pub(crate) fn new(inputs: I, most: usize) -> Self {
        let state = State {
            inputs: Some(inputs),
            over: false,
            ended: false,
            pulled: 0,
            in_flight: 0,
            waiting: 0,
            panic: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), most }
    }

    /// Pulls up to so many items into an empty lot, and gives what `claim` makes of them; nothing if none are left,
    /// or none are to be had now.
    ///
    /// `claim` is told of the first and of their number before others pull those behind.
    pub(crate) fn pull<C>(
        &self,
        size: usize,
        lot: &mut Vec<I::Item>,
        claim: impl FnOnce(usize, usize) -> C,
    ) -> Option<C> {
        let (mut inputs, start, size) = self.take(size)?;
        let pulled = catch_unwind(AssertUnwindSafe(|| fill(&mut inputs, size, lot)));
        let claimed = (!lot.is_empty()).then(|| claim(start, lot.len()));
        let mut state = lock(&self.state);
        state.inputs = Some(inputs);
        state.pulled += lot.len();
        state.in_flight -= size - lot.len();
        match pulled {
            Ok(true) => {}
            Ok(false) => (state.over, state.ended) = (true, true),
            Err(payload) => {
                state.over = true;
                state.panic = state.panic.take().or(Some(payload));
            }
        }
        self.tell(&state);
        drop(state);
        claimed
    }

    /// Takes the iterator out, with room for so many items at most.
    fn take(&self, size: usize) -> Option<(I, usize, usize)> {
        let mut state = lock(&self.state);
        let mut since: Option<Instant> = None;
        loop {
            if state.over {
                return None;
            }
            let room = self.most - state.in_flight;
            if room > 0
                && let Some(inputs) = state.inputs.take()
            {
                let size = size.clamp(1, room);
                state.in_flight += size;
                return Some((inputs, state.pulled, size));
            }
            let left = PATIENCE.saturating_sub(since.get_or_insert_with(Instant::now).elapsed());
            if left.is_zero() {
                return None;
            }
            state.waiting += 1;
            state = wait(&self.changed, state, left);
            state.waiting -= 1;
        }
    }

    /// So many items are through.
    pub(crate) fn through(&self, items: usize) {
        let mut state = lock(&self.state);
        state.in_flight -= items;
        self.tell(&state);
    }

    fn tell(&self, state: &State<I>) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// Pulls no more.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.over = true;
        self.tell(&state);
    }

    /// Whether there may be more to pull.
    pub(crate) fn is_open(&self) -> bool {
        !lock(&self.state).over
    }

    /// Pulls no more, and goes on panicking when all are through.
    pub(crate) fn fail(&self, payload: Box<dyn Any + Send>) {
        let mut state = lock(&self.state);
        state.over = true;
        let old = state.panic.replace(payload);
        self.tell(&state);
        drop(state);
        if let Some(old) = old {
            __discard(old);
        }
    }

    /// What is left when all are through.
    pub(crate) fn into_rest(self) -> Rest<I> {
        let State { inputs, ended, panic, .. } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        Rest { inputs, ended, panic }
    }
}

/// What is left of the inputs.
pub(crate) struct Rest<I> {
    pub(crate) inputs: Option<I>,
    /// The iterator came to its end.
    pub(crate) ended: bool,
    /// What it panicked with.
    pub(crate) panic: Option<Box<dyn Any + Send>>,
}

/// Pulls items, and tells whether there may be more.
pub(crate) fn fill<I: Iterator>(inputs: &mut I, size: usize, lot: &mut Vec<I::Item>) -> bool {
    let begun = (size > LOOK).then(Instant::now);
    while lot.len() < size {
        let Some(item) = inputs.next() else { return false };
        lot.push(item);
        if lot.len() % LOOK == 0 && begun.is_some_and(|begun| begun.elapsed() > MOMENT) {
            break;
        }
    }
    true
}

#[cfg(not(all(loom, test)))]
fn wait<'m, T>(changed: &Condvar, state: MutexGuard<'m, T>, left: Duration) -> MutexGuard<'m, T> {
    changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
}

/// Loom has no time.
#[cfg(all(loom, test))]
fn wait<'m, T>(changed: &Condvar, state: MutexGuard<'m, T>, _: Duration) -> MutexGuard<'m, T> {
    changed.wait(state).unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(loom, test))]
mod loom;
