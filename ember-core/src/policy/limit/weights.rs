//! An amount that many share, and the line of those who wait for a part of it.
//!
//! Who comes is served in turn: while somebody waits, nobody else is let through, however little he wants. So one who wants
//! much gets it as soon as enough has come back, and is not overtaken for ever by those who want little.

use std::collections::BTreeMap;
use std::task::{Poll, Waker};

use crate::sync::{Mutex, MutexGuard, lock};

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

pub(super) struct Weights {
    whole: usize,
    most_waiting: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    used: usize,
    peak: usize,
    next: u64,
    /// By number, which is the order in which they came.
    line: BTreeMap<u64, (usize, Waker)>,
    /// Those who stand in the line and those who stepped aside.
    waiting: usize,
}

impl State {
    fn take(&mut self, weight: usize) {
        self.used += weight;
        self.peak = self.peak.max(self.used);
    }
}

impl Weights {
    pub(super) fn new(whole: usize, most_waiting: usize) -> Self {
        Self { whole, most_waiting, state: Mutex::new(State::default()) }
    }

    pub(super) const fn whole(&self) -> usize {
        self.whole
    }

    pub(super) const fn most_waiting(&self) -> usize {
        self.most_waiting
    }

    pub(super) fn used(&self) -> usize {
        lock(&self.state).used
    }

    pub(super) fn peak(&self) -> usize {
        lock(&self.state).peak
    }

    pub(super) fn waiting(&self) -> usize {
        lock(&self.state).waiting
    }

    /// Whether so much is free. More than the whole is out where somebody has grown.
    fn fits(&self, state: &State, weight: usize) -> bool {
        weight == 0 || self.whole.checked_sub(state.used).is_some_and(|free| weight <= free)
    }

    /// Takes a part, if it is free and nobody waits.
    pub(super) fn take(&self, weight: usize) -> bool {
        let mut state = lock(&self.state);
        let may = (weight == 0 || state.line.is_empty()) && self.fits(&state, weight);
        if may {
            state.take(weight);
        }
        may
    }

    /// Takes a part, if it is free, whoever waits.
    pub(super) fn take_past(&self, weight: usize) -> bool {
        let mut state = lock(&self.state);
        let may = self.fits(&state, weight);
        if may {
            state.take(weight);
        }
        may
    }

    /// Takes a part whether it is free or not.
    pub(super) fn take_anyway(&self, weight: usize) {
        lock(&self.state).take(weight);
    }

    /// Gives a part back.
    pub(super) fn give_back(&self, weight: usize) {
        let mut state = lock(&self.state);
        state.used -= weight;
        self.hand_on(state);
    }

    /// Serves those at the head of the line, as far as it goes.
    fn hand_on<'w>(&'w self, mut state: MutexGuard<'w, State>) {
        loop {
            let Some(first) = state.line.first_entry() else { return };
            let weight = first.get().0;
            if !self.fits(&state, weight) {
                return;
            }
            let (_, (_, waker)) = state.line.pop_first().expect("it was there");
            state.waiting -= 1;
            state.take(weight);
            // Whose code that is, is not known.
            drop(state);
            waker.wake();
            state = lock(&self.state);
        }
    }
}

/// The line is full.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Somebody who wants a part.
pub(super) struct Claim<'w> {
    weights: &'w Weights,
    weight: usize,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    /// Has not come to the line.
    Outside,
    /// Stands in the line, or has been served.
    InLine(u64),
    /// Has the number, and does not stand there.
    Aside(u64),
}

impl<'w> Claim<'w> {
    /// The weight is at most the whole.
    pub(super) const fn new(weights: &'w Weights, weight: usize) -> Self {
        Self { weights, weight, place: Place::Outside }
    }

    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    /// Takes the part, or stands in the line. Once it has been served, the part is the caller's to give back.
    pub(super) fn poll(&mut self, waker: &Waker) -> Poll<Result<(), Full>> {
        let Self { weights, weight, .. } = *self;
        // Whose code runs when a waker is cloned or dropped is not known, so that is done outside of the lock.
        let waker = waker.clone();
        let mut state = lock(&weights.state);
        let number = match self.place {
            Place::InLine(number) => {
                let old = state.line.get_mut(&number).map(|(_, old)| std::mem::replace(old, waker));
                drop(state);
                if old.is_some() {
                    return Poll::Pending;
                }
                self.place = Place::Outside;
                return Poll::Ready(Ok(()));
            }
            Place::Aside(number) => number,
            Place::Outside => {
                if state.line.is_empty() && weights.fits(&state, weight) {
                    state.take(weight);
                    return Poll::Ready(Ok(()));
                }
                if state.waiting >= weights.most_waiting {
                    return Poll::Ready(Err(Full));
                }
                state.waiting += 1;
                state.next += 1;
                state.next
            }
        };
        let is_first = state.line.keys().next().is_none_or(|&first| number < first);
        if is_first && weights.fits(&state, weight) {
            state.waiting -= 1;
            state.take(weight);
            self.place = Place::Outside;
            return Poll::Ready(Ok(()));
        }
        self.place = Place::InLine(number);
        state.line.insert(number, (weight, waker));
        Poll::Pending
    }

    /// Whether it stands in the line, or has been served unseen.
    pub(super) const fn is_waiting(&self) -> bool {
        !matches!(self.place, Place::Outside)
    }

    /// Lets others pass until it is polled again. Tells whether it has not been served before.
    pub(super) fn step_aside(&mut self) -> bool {
        let Place::InLine(number) = self.place else { return true };
        let mut state = lock(&self.weights.state);
        let stood = state.line.remove(&number);
        if stood.is_some() {
            self.place = Place::Aside(number);
            // Those behind may want less than is free.
            self.weights.hand_on(state);
        } else {
            drop(state);
        }
        stood.is_some()
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.is_waiting() {
            return;
        }
        let stands = self.step_aside();
        if stands {
            lock(&self.weights.state).waiting -= 1;
        } else {
            self.weights.give_back(self.weight);
        }
    }
}
