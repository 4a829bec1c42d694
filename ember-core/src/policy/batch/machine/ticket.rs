//! The place of one who waits: in the line, then in a flight.

use std::hash::Hash;
use std::mem;
use std::task::{Poll, Waker};

use super::flight::{Fly, Landing, Lead};
use super::{Aftermath, Flight, Machine, Member, Seat, State, Turn};
use crate::policy::wait::turn::Wait;
use crate::sync::lock;

/// A place in a batch.
pub(in super::super) struct Ticket<'m, P, A, K: Hash + Eq, C> {
    machine: &'m Machine<P, A, K, C>,
    batch: u64,
    no: u64,
    /// Knows that it watches.
    watches: bool,
    over: bool,
}

impl<'m, P, A, K: Hash + Eq, C> Ticket<'m, P, A, K, C> {
    pub(super) const fn new(machine: &'m Machine<P, A, K, C>, batch: u64, no: u64) -> Self {
        Self { machine, batch, no, watches: false, over: false }
    }

    /// What to do; if nothing yet, who is to be woken when there is something.
    pub(in super::super) fn poll(&mut self, waker: &Waker) -> Poll<Turn<'m, P, A, K, C>> {
        let mut waker = Some(waker.clone());
        let mut after = Aftermath::default();
        let machine = self.machine;
        let mut state = lock(&machine.state);
        let room = machine.most_flying.saturating_sub(state.flying);
        if state.line.contains_key(&self.batch) {
            if state.ready.iter().take(room).any(|&batch| batch == self.batch) {
                return Poll::Ready(Turn::Lead(self.seal(&mut state, &mut after)));
            }
            let is_ready = state.ready.contains(&self.batch);
            let gathering = state.line.get_mut(&self.batch).expect("the batch has not gone");
            let member = gathering.member(self.no);
            member.aside = false;
            mem::swap(&mut member.waker, &mut waker);
            let watches = *gathering.watch.get_or_insert(self.no) == self.no;
            let knew = mem::replace(&mut self.watches, watches);
            if watches && !knew && !is_ready {
                let due = gathering.due;
                drop(state);
                return Poll::Ready(Turn::Watch(due));
            }
            drop(state);
            return Poll::Pending;
        }
        let flight = state.flights.get_mut(&self.batch).expect("a batch stands in the line or flies");
        let at = flight.seat(self.no);
        if flight.landed {
            let seat = flight.seats.remove(at);
            if flight.seats.is_empty() {
                state.flights.remove(&self.batch);
            }
            self.over = true;
            drop(state);
            return Poll::Ready(seat.answer.map_or(Turn::Lost, Turn::Answer));
        }
        let turn = match flight.call.take_if(|_| flight.pilot == self.no) {
            Some(call) => Poll::Ready(Turn::Fly(Fly { flight: Landing::new(machine, self.batch), call })),
            None => {
                mem::swap(&mut flight.seats[at].waker, &mut waker);
                Poll::Pending
            }
        };
        drop(state);
        turn
    }

    /// The batch goes, and this one makes the call.
    fn seal(
        &mut self,
        state: &mut State<P, A, K, C>,
        after: &mut Aftermath<P, A, K, C>,
    ) -> Lead<'m, P, A, K, C> {
        let mut gathering = state.line.remove(&self.batch).expect("the batch has not gone");
        state.ready.remove(&self.batch);
        state.waiting -= gathering.items;
        state.flying += 1;
        let (mut seats, mut items) = (Vec::with_capacity(gathering.members.len()), Vec::new());
        for Member { no, item, waker, .. } in gathering.members {
            seats.push(Seat { no, waker, answer: None });
            items.extend(item.map(|item| (no, item)));
        }
        state.flights.insert(self.batch, Flight { seats, pilot: self.no, call: None, landed: false });
        state.wake_ready(self.machine.most_flying, after);
        let key = gathering.key.take();
        state.close(self.batch, key, after);
        Lead { flight: Landing::new(self.machine, self.batch), items }
    }

    /// The time of the batch has come.
    pub(in super::super) fn ring(&mut self) {
        let mut state = lock(&self.machine.state);
        if state.line.contains_key(&self.batch) {
            state.ready.insert(self.batch);
        }
    }
}

impl<'m, P, A, K: Hash + Eq, C> Wait for Ticket<'m, P, A, K, C> {
    type Output = Turn<'m, P, A, K, C>;

    fn poll(&mut self, waker: &Waker) -> Poll<Turn<'m, P, A, K, C>> {
        self.poll(waker)
    }

    fn step_aside(&mut self) -> bool {
        let mut after = Aftermath::<P, A, K, C>::default();
        let mut state = lock(&self.machine.state);
        let room = self.machine.most_flying.saturating_sub(state.flying);
        if state.ready.iter().take(room).any(|&batch| batch == self.batch) {
            return false;
        }
        if let Some(gathering) = state.line.get_mut(&self.batch) {
            gathering.member(self.no).aside = true;
            if gathering.watch == Some(self.no) {
                self.watches = false;
                gathering.hand_watch(&mut after.wakers);
            }
            drop(state);
            return true;
        }
        state.flights.get(&self.batch).is_some_and(|flight| !flight.landed)
    }
}

impl<P, A, K: Hash + Eq, C> Drop for Ticket<'_, P, A, K, C> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut after = Aftermath::default();
        let most_flying = self.machine.most_flying;
        let mut state = lock(&self.machine.state);
        if let Some(gathering) = state.line.get_mut(&self.batch) {
            let at = gathering.members.binary_search_by_key(&self.no, |member| member.no);
            let member = gathering.members.remove(at.expect("who waits is in its batch"));
            // A whole batch has one member.
            let items = if member.item.is_some() { 1 } else { gathering.items };
            gathering.items -= items;
            after.item = member.item;
            if gathering.members.is_empty() {
                let key = gathering.key.take();
                state.waiting -= items;
                state.line.remove(&self.batch);
                if state.ready.remove(&self.batch) {
                    state.wake_ready(most_flying, &mut after);
                }
                state.close(self.batch, key, &mut after);
            } else {
                if gathering.watch == Some(self.no) {
                    gathering.hand_watch(&mut after.wakers);
                }
                state.waiting -= items;
            }
            after.wakers.extend(member.waker);
            drop(state);
            return;
        }
        let Some(flight) = state.flights.get_mut(&self.batch) else { return };
        let seat = flight.seats.remove(flight.seat(self.no));
        after.answers.extend(seat.answer);
        if let Some(next) = flight.seats.first_mut() {
            if flight.pilot == self.no {
                flight.pilot = next.no;
                after.wakers.extend(next.waker.take());
            }
        } else if flight.landed {
            state.flights.remove(&self.batch);
        } else if let Some(call) = flight.call.take() {
            after.call = Some(call);
            state.flights.remove(&self.batch);
            state.flying -= 1;
            state.wake_ready(most_flying, &mut after);
        }
        drop(state);
    }
}
