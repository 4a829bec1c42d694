//! One call for all who ask for a key at the same time.
//!
//! A *flight* is a call that is under way for a key. Who begins it leads it, the others wait:
//!
//! ```text
//! Led ── lands ──▶ Over(value), for all who wait
//!  │  ◀── takes it up ──┐
//!  └── leader is gone ──┴─ Heir, one of those who wait; or Vacant, as they all do something else meanwhile
//! ```
//!
//! A flight that nobody leads and nobody waits for is gone. Who comes to a vacant one leads it: so no thread waits for
//! itself that took up other work while it waited, in which the key is asked for again.
//!
//! An invalidation *detaches* the flight from its key: its value goes to those who wait already, and nowhere else. Without
//! a leader it is over at once, and those who wait begin anew.
//!
//! What waits is woken when no lock is held, and so is all dropped that was the user's. `Eq` of keys is the one thing of
//! the user that runs under a lock.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::task::{Poll, Waker};

use super::Lookup;
use super::store::AsIs;
use crate::policy::wait::turn::Wait;
use crate::sync::{Mutex, MutexGuard, lock};

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

/// How many locks there are.
const PARTS: usize = if cfg!(all(loom, test)) { 1 } else { 16 };

pub(super) struct Flights<K, O>(Box<[Mutex<Part<K, O>>]>);

struct Part<K, O> {
    /// By the hash of the key.
    flights: HashMap<u64, Vec<Flight<K, O>>, AsIs>,
    /// The next number of a flight, or of one who waits.
    next: u64,
}

struct Flight<K, O> {
    id: u64,
    /// None, if it is detached.
    key: Option<K>,
    stage: Stage<O>,
    /// Who leads it, or led it last.
    leader: Kind,
    /// In the order of their numbers. Empty when the flight is over.
    waiters: VecDeque<Waiter>,
}

enum Stage<O> {
    Led,
    /// The one of this number is to lead. It is among those who wait no more.
    Heir(u64),
    /// The first that looks is to lead.
    Vacant,
    /// To be taken by so many.
    Over(End<O>, usize),
}

enum End<O> {
    Value(O),
    Again,
}

struct Waiter {
    no: u64,
    kind: Kind,
    waker: Option<Waker>,
    /// Does something else meanwhile, and so cannot lead.
    aside: bool,
}

/// Who calls.
///
/// A thread does not wait for a future: it may be the one that would have to go on with it. So threads lead before futures
/// do, and leave a flight that a future leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Thread,
    Future,
}

/// What to do about a miss.
pub(super) enum Joined<'f, K, O> {
    Lead(Lead<'f, K, O>),
    Wait(Ticket<'f, K, O>),
    /// There is an entry by now.
    Found(O),
    /// Waiting might never end.
    Beside,
}

/// How waiting ended.
pub(super) enum Turn<'f, K, O> {
    Value(O),
    Lead(Lead<'f, K, O>),
    /// The key was invalidated, and nobody has begun since.
    Again,
}

/// The flight is this one's to lead. Dropped, it goes to another.
pub(super) struct Lead<'f, K, O> {
    flights: &'f Flights<K, O>,
    hash: u64,
    id: u64,
    over: bool,
}

/// A place among those who wait.
pub(super) struct Ticket<'f, K, O> {
    flights: &'f Flights<K, O>,
    hash: u64,
    id: u64,
    no: u64,
    kind: Kind,
    over: bool,
}

/// Who is to be woken, and what of the user's is to be dropped, when the lock is free.
struct Aftermath<K, O> {
    wakers: Vec<Waker>,
    keys: Vec<K>,
    gone: Option<Flight<K, O>>,
}

impl<K, O> Default for Aftermath<K, O> {
    fn default() -> Self {
        Self { wakers: Vec::new(), keys: Vec::new(), gone: None }
    }
}

impl<K, O> Drop for Aftermath<K, O> {
    fn drop(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

impl<K, O> Flight<K, O> {
    /// The leader is gone.
    fn hand_over(&mut self, after: &mut Aftermath<K, O>) {
        if self.key.is_none() {
            return self.end(End::Again, 0, after);
        }
        let can = |kind| move |waiter: &Waiter| !waiter.aside && waiter.kind == kind;
        let thread = self.waiters.iter().position(can(Kind::Thread));
        let heir = thread.or_else(|| self.waiters.iter().position(can(Kind::Future)));
        self.stage = match heir.and_then(|heir| self.waiters.remove(heir)) {
            Some(heir) => {
                after.wakers.extend(heir.waker);
                Stage::Heir(heir.no)
            }
            None => Stage::Vacant,
        };
    }

    /// One of this kind leads from here on.
    fn take_up(&mut self, kind: Kind, after: &mut Aftermath<K, O>) {
        self.stage = Stage::Led;
        self.leader = kind;
        if kind == Kind::Future {
            let threads = self.waiters.iter_mut().filter(|waiter| waiter.kind == Kind::Thread);
            after.wakers.extend(threads.filter_map(|waiter| waiter.waker.take()));
        }
    }

    /// Those who wait, and so many more, are to take this.
    fn end(&mut self, end: End<O>, more: usize, after: &mut Aftermath<K, O>) {
        self.stage = Stage::Over(end, self.waiters.len() + more);
        after.wakers.extend(self.waiters.drain(..).filter_map(|waiter| waiter.waker));
    }

    fn detach(&mut self, after: &mut Aftermath<K, O>) -> bool {
        let Some(key) = self.key.take() else { return false };
        after.keys.push(key);
        match self.stage {
            Stage::Heir(_) => self.end(End::Again, 1, after),
            Stage::Vacant => self.end(End::Again, 0, after),
            Stage::Led | Stage::Over(..) => {}
        }
        true
    }
}

impl<K, O> Part<K, O> {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A flight that somebody leads or waits for.
    fn find(&mut self, hash: u64, id: u64) -> &mut Flight<K, O> {
        let flights = self.flights.get_mut(&hash);
        let flight = flights.and_then(|flights| flights.iter_mut().find(|flight| flight.id == id));
        flight.expect("a flight is there as long as anybody has to do with it")
    }

    fn attached(&mut self, hash: u64, lookup: &impl Lookup<K>) -> Option<&mut Flight<K, O>> {
        let is_it = |flight: &&mut Flight<K, O>| flight.key.as_ref().is_some_and(|key| lookup.is(key));
        self.flights.get_mut(&hash)?.iter_mut().find(is_it)
    }

    fn remove(&mut self, hash: u64, id: u64, after: &mut Aftermath<K, O>) {
        let Some(flights) = self.flights.get_mut(&hash) else { return };
        if let Some(at) = flights.iter().position(|flight| flight.id == id) {
            after.gone = Some(flights.swap_remove(at));
        }
        if flights.is_empty() {
            self.flights.remove(&hash);
        }
    }

    /// The leader, or who was to be it, is gone.
    fn left(&mut self, hash: u64, id: u64, after: &mut Aftermath<K, O>) {
        let flight = self.find(hash, id);
        if flight.waiters.is_empty() {
            self.remove(hash, id, after);
        } else {
            flight.hand_over(after);
        }
    }

    /// One of those for whom a flight is over has taken what there is.
    fn taken(&mut self, hash: u64, id: u64, after: &mut Aftermath<K, O>) {
        if let Stage::Over(_, to_take) = &mut self.find(hash, id).stage {
            *to_take -= 1;
            if *to_take == 0 {
                self.remove(hash, id, after);
            }
        }
    }
}

impl<K, O> Flights<K, O> {
    fn part(&self, hash: u64) -> MutexGuard<'_, Part<K, O>> {
        let at = usize::try_from(hash >> 8 & 0xff).unwrap_or(0) % PARTS;
        lock(&self.0[at])
    }
}

impl<K, O: Clone> Flights<K, O> {
    pub(super) fn new() -> Self {
        let part = |_| Mutex::new(Part { flights: HashMap::default(), next: 0 });
        Self((0..PARTS).map(part).collect())
    }

    /// Begins a flight for a key, or waits for the one there is. `look` looks whether there is an entry by now.
    pub(super) fn join(
        &self,
        hash: u64,
        lookup: &impl Lookup<K>,
        kind: Kind,
        mut look: impl FnMut() -> Option<O>,
    ) -> Joined<'_, K, O> {
        let mut key = None;
        let mut after = Aftermath::default();
        loop {
            let mut part = self.part(hash);
            let no = part.number();
            if let Some(flight) = part.attached(hash, lookup) {
                let id = flight.id;
                if matches!(flight.stage, Stage::Vacant) {
                    flight.take_up(kind, &mut after);
                    return Joined::Lead(Lead { flights: self, hash, id, over: false });
                }
                if kind == Kind::Thread && flight.leader == Kind::Future {
                    return Joined::Beside;
                }
                flight.waiters.push_back(Waiter { no, kind, waker: None, aside: false });
                return Joined::Wait(Ticket { flights: self, hash, id, no, kind, over: false });
            }
            if let Some(found) = look() {
                return Joined::Found(found);
            }
            if key.is_some() {
                let flight = Flight {
                    id: no,
                    key: key.take(),
                    stage: Stage::Led,
                    leader: kind,
                    waiters: VecDeque::new(),
                };
                part.flights.entry(hash).or_default().push(flight);
                return Joined::Lead(Lead { flights: self, hash, id: no, over: false });
            }
            drop(part);
            key = Some(lookup.to_key());
        }
    }

    /// Detaches the flight for a key, if there is one, and removes the entry in the same breath. Tells whether there was
    /// a flight.
    pub(super) fn invalidate(&self, hash: u64, lookup: &impl Lookup<K>, remove: impl FnOnce()) -> bool {
        let mut after = Aftermath::default();
        let mut part = self.part(hash);
        let detached = part.attached(hash, lookup).is_some_and(|flight| flight.detach(&mut after));
        remove();
        drop(part);
        drop(after);
        detached
    }

    /// Detaches all flights.
    pub(super) fn invalidate_all(&self) {
        for part in &self.0 {
            let mut after = Aftermath::default();
            let mut part = lock(part);
            for flight in part.flights.values_mut().flatten() {
                flight.detach(&mut after);
            }
            drop(part);
            drop(after);
        }
    }

    /// How many flights there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|part| lock(part).flights.values().map(Vec::len).sum::<usize>()).sum()
    }
}

impl<K, O: Clone> Lead<'_, K, O> {
    /// Gives those who wait what came of the call. `keep` gets the key to keep it under, under the lock, unless the flight
    /// was detached; whether it did is told.
    pub(super) fn land(mut self, outcome: O, keep: impl FnOnce(K)) -> bool {
        let mut after = Aftermath::default();
        let mut part = self.flights.part(self.hash);
        let flight = part.find(self.hash, self.id);
        let key = flight.key.take();
        let attached = key.is_some();
        // It may panic in `Eq` of the key. Then the flight is led by nobody, which is seen to by the destructor.
        key.map(keep);
        if flight.waiters.is_empty() {
            part.remove(self.hash, self.id, &mut after);
        } else {
            flight.end(End::Value(outcome), 0, &mut after);
        }
        self.over = true;
        drop(part);
        drop(after);
        attached
    }
}

impl<K, O> Drop for Lead<'_, K, O> {
    fn drop(&mut self) {
        if !self.over {
            let mut after = Aftermath::default();
            let at = self.hash;
            let mut part = self.flights.part(at);
            part.left(at, self.id, &mut after);
            drop(part);
        }
    }
}

impl<'f, K, O: Clone> Ticket<'f, K, O> {
    /// Whether it is this one's turn; if not, who is to be woken when it is.
    pub(super) fn poll(&mut self, waker: &Waker) -> Poll<Turn<'f, K, O>> {
        let mut waker = Some(waker.clone());
        let mut after = Aftermath::default();
        let mut part = self.flights.part(self.hash);
        let flight = part.find(self.hash, self.id);
        let at = flight.waiters.binary_search_by_key(&self.no, |waiter| waiter.no).ok();
        let may_lead = match flight.stage {
            Stage::Heir(heir) => heir == self.no,
            Stage::Vacant => true,
            Stage::Led | Stage::Over(..) => false,
        };
        let turn = if let Stage::Over(end, _) = &flight.stage {
            let turn = match end {
                End::Value(value) => Turn::Value(value.clone()),
                End::Again => Turn::Again,
            };
            part.taken(self.hash, self.id, &mut after);
            turn
        } else if may_lead {
            at.map(|at| flight.waiters.remove(at));
            flight.take_up(self.kind, &mut after);
            let flights = self.flights;
            Turn::Lead(Lead { flights, hash: self.hash, id: self.id, over: false })
        } else if self.kind == Kind::Thread && flight.leader == Kind::Future {
            at.map(|at| flight.waiters.remove(at));
            Turn::Again
        } else {
            if let Some(at) = at {
                let waiter = &mut flight.waiters[at];
                waiter.aside = false;
                mem::swap(&mut waiter.waker, &mut waker);
            }
            drop(part);
            return Poll::Pending;
        };
        self.over = true;
        drop(part);
        Poll::Ready(turn)
    }
}

impl<'f, K, O: Clone> Wait for Ticket<'f, K, O> {
    type Output = Turn<'f, K, O>;

    fn poll(&mut self, waker: &Waker) -> Poll<Turn<'f, K, O>> {
        self.poll(waker)
    }

    fn step_aside(&mut self) -> bool {
        let mut part = self.flights.part(self.hash);
        let flight = part.find(self.hash, self.id);
        let at = flight.waiters.binary_search_by_key(&self.no, |waiter| waiter.no);
        if let Ok(at) = at
            && !matches!(flight.stage, Stage::Vacant)
        {
            flight.waiters[at].aside = true;
            return true;
        }
        false
    }
}

impl<K, O> Drop for Ticket<'_, K, O> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut after = Aftermath::default();
        let mut part = self.flights.part(self.hash);
        let flight = part.find(self.hash, self.id);
        let mut left = None;
        match flight.stage {
            Stage::Heir(heir) if heir == self.no => part.left(self.hash, self.id, &mut after),
            Stage::Over(..) => part.taken(self.hash, self.id, &mut after),
            Stage::Led | Stage::Heir(_) | Stage::Vacant => {
                let at = flight.waiters.binary_search_by_key(&self.no, |waiter| waiter.no);
                left = at.ok().and_then(|at| flight.waiters.remove(at));
                if matches!(flight.stage, Stage::Vacant) && flight.waiters.is_empty() {
                    part.remove(self.hash, self.id, &mut after);
                }
            }
        }
        drop(part);
        drop(left);
    }
}
