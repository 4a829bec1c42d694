//! The inputs of a batch, from which whoever has nothing to do pulls a lot.
//!
//! The iterator is the user's code, and no lock is held while it runs: who pulls takes it out, and puts it back. Who finds it
//! taken waits for a while and then gives up: on its own stack, below, may stand what the one who pulls is waiting for.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::exact;
use super::memory::Weighing;
use crate::error::__discard;
use crate::policy::Refused;
use crate::sync::{Condvar, Mutex, MutexGuard, lock, relax};

/// How long who finds the iterator taken waits for it.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a lot is pulled that comes slowly.
const MOMENT: Duration = Duration::from_micros(50);
/// How many items are pulled before the first look at the clock.
const LOOK: usize = 32;
/// How many moments who waits lets pass between two looks at the iterator.
const RESTS: usize = 16;

/// The inputs of a batch.
pub(crate) struct Feed<I: Iterator, W> {
    state: Mutex<State<I, W>>,
    /// Notified when the iterator is back, or there is room, and somebody waits.
    changed: Condvar,
    /// How many items may be in flight.
    most: usize,
}

struct State<I: Iterator, W> {
    /// Nothing while somebody pulls.
    inputs: Option<Inputs<I, W>>,
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

/// Items that were pulled together. Either it has some, or one that was refused, or none are to be had.
pub(crate) struct Pulled<T, C> {
    pub(crate) items: Vec<T>,
    /// Of each item, if they are weighed.
    pub(crate) charges: Vec<C>,
    /// Why an item was not let in.
    pub(crate) refused: Option<Refused>,
}

impl<T, C> Pulled<T, C> {
    pub(crate) fn with_capacity(items: usize) -> Self {
        Self { items: Vec::with_capacity(items), charges: Vec::new(), refused: None }
    }

    /// How many results it gives.
    pub(crate) fn count(&self) -> usize {
        self.items.len() + usize::from(self.refused.is_some())
    }
}

type LotOf<I, W> = Pulled<<I as Iterator>::Item, <W as Weighing<<I as Iterator>::Item>>::Charge>;

/// The items of an iterator, each of which is weighed and let in when it is pulled.
pub(crate) struct Inputs<I: Iterator, W> {
    rest: I,
    weighing: W,
    /// An item for which there was no room yet, and its weight. It is in flight when it has been let in.
    first: Option<Box<(I::Item, usize)>>,
}

impl<I: Iterator, W: Weighing<I::Item>> Inputs<I, W> {
    pub(crate) const fn new(inputs: I, weighing: W) -> Self {
        Self { rest: inputs, weighing, first: None }
    }

    /// Pulls up to so many items, and tells whether there may be more. Where there is no room for the first it waits, if it
    /// may; for others it never waits, as who pulls them has others to run. `alone` says that none are in flight: else room comes
    /// back from them, also for who must not wait for others of the budget.
    pub(crate) fn pull(
        &mut self,
        size: usize,
        waits: bool,
        alone: bool,
        lot: &mut Pulled<I::Item, W::Charge>,
    ) -> bool {
        let begun = (size > LOOK).then(Instant::now);
        let waits = waits && (alone || !self.weighing.is_inside());
        if let Some(first) = self.first.take()
            && !self.admit(*first, waits, lot)
        {
            return true;
        }
        let mut until = LOOK.min(size);
        loop {
            if W::ADMITS_ALL {
                lot.items.extend(self.rest.by_ref().take(until - lot.items.len()));
                if lot.items.len() < until {
                    return false;
                }
            }
            while lot.items.len() < until {
                let Some(item) = self.rest.next() else { return false };
                let weight = self.weighing.weigh(&item);
                if !self.admit((item, weight), waits, lot) {
                    return true;
                }
            }
            if until == size || begun.is_some_and(|begun| begun.elapsed() > MOMENT) {
                return true;
            }
            // Where they come fast the clock is not looked at often.
            until = size.min(4 * until);
        }
    }

    /// Lets an item in, if there is room for it, or it is the first and may wait. Tells whether more may follow.
    fn admit(
        &mut self,
        (item, weight): (I::Item, usize),
        waits: bool,
        lot: &mut Pulled<I::Item, W::Charge>,
    ) -> bool {
        let admitted = match self.weighing.admit_if_free(weight) {
            Some(charge) => Ok(charge),
            None if waits && lot.items.is_empty() => self.weighing.admit(weight),
            None => {
                self.first = Some(Box::new((item, weight)));
                return false;
            }
        };
        match admitted {
            Ok(charge) => {
                lot.items.push(item);
                lot.charges.push(charge);
                true
            }
            Err(refused) => {
                lot.refused = Some(refused);
                false
            }
        }
    }
}

impl<I: Iterator, W> Inputs<I, W> {
    /// How many items are left, if that is known.
    pub(crate) fn left(&self) -> Option<usize> {
        exact(self.rest.size_hint())?.checked_add(usize::from(self.first.is_some()))
    }
}

impl<I: Iterator, W: Weighing<I::Item>> Feed<I, W> {
    pub(crate) fn new(inputs: I, most: usize, weighing: W) -> Self {
        let state = State {
            inputs: Some(Inputs::new(inputs, weighing)),
            over: false,
            ended: false,
            pulled: 0,
            in_flight: 0,
            waiting: 0,
            panic: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), most }
    }

    /// Pulls up to so many items, with what `claim` makes of them; nothing if none are left, or none are to be had now.
    ///
    /// `claim` is told of the first and of their number before others pull those behind.
    ///
    /// Who waits for room keeps the others from pulling, and has nothing in flight: so what was pulled before comes to its end,
    /// and items are let in in their order.
    pub(crate) fn pull<C>(
        &self,
        size: usize,
        claim: impl FnOnce(usize, usize) -> C,
    ) -> Option<(C, LotOf<I, W>)> {
        let (mut inputs, start, size, alone) = self.take(size)?;
        let mut lot = Pulled::with_capacity(size);
        let pulled = catch_unwind(AssertUnwindSafe(|| inputs.pull(size, true, alone, &mut lot)));
        let count = lot.count();
        let claimed = (count > 0).then(|| claim(start, count));
        let mut state = lock(&self.state);
        state.inputs = Some(inputs);
        state.pulled += count;
        state.in_flight -= size - count;
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
        Some((claimed?, lot))
    }

    /// Takes the iterator out, with room for so many items at most. Tells the number of the first, that of all, and whether
    /// no others are in flight.
    fn take(&self, size: usize) -> Option<(Inputs<I, W>, usize, usize, bool)> {
        let mut state = lock(&self.state);
        let mut since: Option<Instant> = None;
        let (mut looks, mut soon) = (0, true);
        loop {
            if state.over {
                return None;
            }
            let room = self.most - state.in_flight;
            if room > 0
                && let Some(inputs) = state.inputs.take()
            {
                let size = size.clamp(1, room);
                let alone = state.in_flight == 0;
                state.in_flight += size;
                return Some((inputs, state.pulled, size, alone));
            }
            if soon {
                // Most lots are pulled in less time than it takes to sleep.
                drop(state);
                soon = (0..RESTS).all(|_| relax(&mut looks));
                state = lock(&self.state);
                continue;
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

    fn tell(&self, state: &State<I, W>) {
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
    pub(crate) fn into_rest(self) -> Rest<Inputs<I, W>> {
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
