//! A batch whose call is under way.

use std::hash::Hash;
use std::mem;
use std::task::Poll;

use super::{Aftermath, Machine};
use crate::sync::lock;

/// A batch that goes. Dropped, nobody in it gets an answer.
pub(in super::super) struct Lead<'m, P, A, K: Hash + Eq, C> {
    pub(super) flight: Landing<'m, P, A, K, C>,
    /// The items, and the numbers of those who wait for what becomes of them.
    pub(super) items: Vec<(u64, P)>,
}

/// A call to be polled.
pub(in super::super) struct Fly<'m, P, A, K: Hash + Eq, C> {
    pub(super) flight: Landing<'m, P, A, K, C>,
    pub(super) call: C,
}

/// Lands a flight when it is dropped, with the answers that there are.
pub(super) struct Landing<'m, P, A, K: Hash + Eq, C> {
    machine: &'m Machine<P, A, K, C>,
    batch: u64,
    /// The call is in somebody else's hands.
    left: bool,
    answers: Vec<(u64, A)>,
}

impl<'m, P, A, K: Hash + Eq, C> Landing<'m, P, A, K, C> {
    pub(super) const fn new(machine: &'m Machine<P, A, K, C>, batch: u64) -> Self {
        Self { machine, batch, left: false, answers: Vec::new() }
    }

    /// Leaves the call to whoever is its pilot.
    fn leave(&mut self, call: C) {
        self.left = true;
        let mut state = lock(&self.machine.state);
        let flight = state.flights.get_mut(&self.batch).expect("its pilot waits for it");
        flight.call = Some(call);
    }
}

impl<P, A, K: Hash + Eq, C> Drop for Landing<'_, P, A, K, C> {
    fn drop(&mut self) {
        if !self.left {
            let mut after = Aftermath::default();
            let mut state = lock(&self.machine.state);
            state.land(self.batch, &mut self.answers, self.machine.most_flying, &mut after);
            drop(state);
        }
    }
}

impl<P, A, K: Hash + Eq, C> Lead<'_, P, A, K, C> {
    /// The items, with the numbers of those whose they are.
    pub(in super::super) fn take_items(&mut self) -> Vec<(u64, P)> {
        mem::take(&mut self.items)
    }

    /// Gives those who wait their answers.
    pub(in super::super) fn land(mut self, answers: Vec<(u64, A)>) {
        self.flight.answers = answers;
    }

    /// Leaves the call to be polled by whoever waits for it, this one first.
    pub(in super::super) fn park(mut self, call: C) {
        self.flight.leave(call);
    }
}

impl<P, A, K: Hash + Eq, C> Fly<'_, P, A, K, C> {
    /// Polls the call, and either lands or leaves it where it was.
    pub(in super::super) fn poll(mut self, poll: impl FnOnce(&mut C) -> Poll<Vec<(u64, A)>>) -> Poll<()> {
        match poll(&mut self.call) {
            Poll::Pending => {
                let Self { mut flight, call } = self;
                flight.leave(call);
                Poll::Pending
            }
            Poll::Ready(answers) => {
                let Self { mut flight, call } = self;
                flight.answers = answers;
                // Those who wait have their answers before a destructor of the user runs.
                drop(flight);
                drop(call);
                Poll::Ready(())
            }
        }
    }
}
