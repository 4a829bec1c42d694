//! Who is in which batch, when a batch goes, and who makes its call.
//!
//! ```text
//! open ── max items, or its time has come ──▶ ready ── room in flight ──▶ flying ── lands ──▶ answers for all who wait
//!  ▲                                                                        │ ▲
//!  └─ joined by calls of its key                    whoever flies it is gone ┘ └ another of those who wait goes on
//! ```
//!
//! Of those who wait for an open batch one *watches* the time, the others sleep. Who watches and leaves, or does something
//! else meanwhile, is followed by another. Any of them that looks while its batch may go seals it, and leads: it makes the
//! call. A thread makes it where it stands. A future parks it here, and is its *pilot*: it polls the call when it is
//! polled itself, and if it is dropped another takes over. A call that nobody waits for any more is dropped.
//!
//! What waits is woken when no lock is held, and so is all dropped that was the user's. `Hash` and `Eq` of keys are what
//! of the user runs under the lock; a panic there leaves at worst a key that leads to no batch, which counts as none.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::task::Waker;
use std::time::Instant;

use crate::sync::{Mutex, lock};

mod flight;
mod ticket;

pub(super) use self::flight::{Fly, Lead};
pub(super) use self::ticket::Ticket;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

/// Batches of items `P`, each of which gets an answer `A`. `C` is a call that is under way and not at work.
pub(super) struct Machine<P, A, K, C> {
    max: usize,
    most_flying: usize,
    most_waiting: usize,
    state: Mutex<State<P, A, K, C>>,
}

struct State<P, A, K, C> {
    /// The last number of a batch, or of one who waits.
    last: u64,
    /// Items in the line.
    waiting: usize,
    /// Batches whose call is under way.
    flying: usize,
    /// The batch of each key that takes more items.
    open: HashMap<(Kind, K), u64>,
    /// Batches that have not gone, by number.
    line: BTreeMap<u64, Gathering<P, K>>,
    /// Those of them that go when there is room.
    ready: BTreeSet<u64>,
    flights: BTreeMap<u64, Flight<A, C>>,
}

struct Gathering<P, K> {
    /// None, if it takes no more items.
    key: Option<(Kind, K)>,
    due: Option<Instant>,
    /// How many items it has.
    items: usize,
    /// By number.
    members: Vec<Member<P>>,
    /// Who looks at the time.
    watch: Option<u64>,
}

struct Member<P> {
    no: u64,
    /// None, if who waits has its items by itself.
    item: Option<P>,
    waker: Option<Waker>,
    /// Does something else meanwhile.
    aside: bool,
}

struct Flight<A, C> {
    /// Those who have not been answered, by number.
    seats: Vec<Seat<A>>,
    pilot: u64,
    /// The call, while nobody polls it.
    call: Option<C>,
    landed: bool,
}

struct Seat<A> {
    no: u64,
    waker: Option<Waker>,
    answer: Option<A>,
}

/// Who calls. Threads and futures are in batches apart: a thread that waits for a future may be the one that would have
/// to poll it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Thread,
    Future,
}

/// What one who waits does next.
pub(super) enum Turn<'m, P, A, K: Hash + Eq, C> {
    /// Look at the time, and [`ring`](Ticket::ring) when it has come.
    Watch(Option<Instant>),
    Lead(Lead<'m, P, A, K, C>),
    Fly(Fly<'m, P, A, K, C>),
    Answer(A),
    /// Who made the call left it without answers.
    Lost,
}

/// Who is to be woken, and what of the user's is to be dropped, when the lock is free.
struct Aftermath<P, A, K, C> {
    wakers: Vec<Waker>,
    keys: Vec<(Kind, K)>,
    item: Option<P>,
    answers: Vec<A>,
    call: Option<C>,
}

impl<P, A, K, C> Default for Aftermath<P, A, K, C> {
    fn default() -> Self {
        Self { wakers: Vec::new(), keys: Vec::new(), item: None, answers: Vec::new(), call: None }
    }
}

impl<P, A, K, C> Drop for Aftermath<P, A, K, C> {
    fn drop(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

impl<P, K> Gathering<P, K> {
    fn member(&mut self, no: u64) -> &mut Member<P> {
        let at = self.members.binary_search_by_key(&no, |member| member.no);
        &mut self.members[at.expect("who waits is in its batch")]
    }

    /// Who watched does so no more.
    fn hand_watch(&mut self, wakers: &mut Vec<Waker>) {
        let next = self.members.iter_mut().find(|member| !member.aside);
        self.watch = next.as_ref().map(|member| member.no);
        wakers.extend(next.and_then(|member| member.waker.take()));
    }
}

impl<A, C> Flight<A, C> {
    fn seat(&self, no: u64) -> usize {
        self.seats.binary_search_by_key(&no, |seat| seat.no).expect("who waits has a seat")
    }
}

impl<P, A, K: Hash + Eq, C> State<P, A, K, C> {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Wakes those whose batches may go.
    fn wake_ready(&mut self, most_flying: usize, after: &mut Aftermath<P, A, K, C>) {
        for id in self.ready.iter().take(most_flying.saturating_sub(self.flying)) {
            let Some(gathering) = self.line.get_mut(id) else { continue };
            let watch = gathering.watch;
            let woken = gathering.members.iter_mut().filter(|member| watch.is_none_or(|no| no == member.no));
            after.wakers.extend(woken.filter_map(|member| member.waker.take()));
        }
    }

    /// Takes no more items into a batch.
    fn close(&mut self, batch: u64, key: Option<(Kind, K)>, after: &mut Aftermath<P, A, K, C>) {
        if let Some(key) = &key
            && self.open.get(key) == Some(&batch)
        {
            after.keys.extend(self.open.remove_entry(key).map(|(key, _)| key));
        }
        after.keys.extend(key);
    }

    fn land(
        &mut self,
        batch: u64,
        answers: &mut Vec<(u64, A)>,
        most_flying: usize,
        after: &mut Aftermath<P, A, K, C>,
    ) {
        self.flying -= 1;
        let flight = self.flights.get_mut(&batch).expect("a flight is there until it has landed");
        flight.landed = true;
        for (no, answer) in answers.drain(..) {
            match flight.seats.binary_search_by_key(&no, |seat| seat.no) {
                Ok(at) => flight.seats[at].answer = Some(answer),
                Err(_) => after.answers.push(answer),
            }
        }
        after.wakers.extend(flight.seats.iter_mut().filter_map(|seat| seat.waker.take()));
        if flight.seats.is_empty() {
            self.flights.remove(&batch);
        }
        self.wake_ready(most_flying, after);
    }
}

/// There are too many items in the line.
pub(super) struct Full;

impl<P, A, K: Hash + Eq + Clone, C> Machine<P, A, K, C> {
    pub(super) fn new(max: usize, most_flying: usize, most_waiting: usize) -> Self {
        let state = State {
            last: 0,
            waiting: 0,
            flying: 0,
            open: HashMap::new(),
            line: BTreeMap::new(),
            ready: BTreeSet::new(),
            flights: BTreeMap::new(),
        };
        Self { max, most_flying, most_waiting, state: Mutex::new(state) }
    }

    /// Puts an item into the open batch of its key, or into a new one that is due then.
    ///
    /// # Errors
    ///
    /// If there is no room in the line.
    pub(super) fn join(
        &self,
        kind: Kind,
        key: K,
        item: P,
        due: Option<Instant>,
    ) -> Result<Ticket<'_, P, A, K, C>, Full> {
        let key = (kind, key);
        let kept = key.clone();
        let mut after = Aftermath::default();
        let mut state = lock(&self.state);
        if state.waiting >= self.most_waiting {
            drop(state);
            return Err(Full);
        }
        let no = state.number();
        let open = state.open.get(&key).copied().filter(|batch| state.line.contains_key(batch));
        let batch = open.unwrap_or(no);
        if open.is_none() {
            after.keys.extend(state.open.remove_entry(&key).map(|(key, _)| key));
            state.open.insert(key, no);
            let gathering = Gathering { key: Some(kept), due, items: 0, members: Vec::new(), watch: None };
            state.line.insert(no, gathering);
        } else {
            after.keys.extend([key, kept]);
        }
        state.waiting += 1;
        let gathering = state.line.get_mut(&batch).expect("it was found, or made just then");
        gathering.items += 1;
        gathering.members.push(Member { no, item: Some(item), waker: None, aside: false });
        if gathering.members.len() >= self.max {
            let key = gathering.key.take();
            state.ready.insert(batch);
            state.close(batch, key, &mut after);
        }
        drop(state);
        Ok(Ticket::new(self, batch, no))
    }

    /// Stands in the line with a batch of so many items that the caller has by itself.
    ///
    /// # Errors
    ///
    /// If it cannot go at once and there is no room in the line.
    pub(super) fn join_whole(&self, items: usize) -> Result<Ticket<'_, P, A, K, C>, Full> {
        let mut state = lock(&self.state);
        let goes = state.flying + state.ready.len() < self.most_flying;
        if !goes && state.waiting.saturating_add(items) > self.most_waiting {
            return Err(Full);
        }
        let no = state.number();
        state.waiting += items;
        let member = Member { no, item: None, waker: None, aside: false };
        let gathering = Gathering { key: None, due: None, items, members: vec![member], watch: Some(no) };
        state.line.insert(no, gathering);
        state.ready.insert(no);
        drop(state);
        Ok(Ticket::new(self, no, no))
    }
}

impl<P, A, K, C> Machine<P, A, K, C> {
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// How many items may be in the line.
    pub(super) fn most_waiting(&self) -> usize {
        self.most_waiting
    }

    /// Items in the line.
    pub(super) fn waiting(&self) -> usize {
        lock(&self.state).waiting
    }

    /// Batches under way.
    pub(super) fn flying(&self) -> usize {
        lock(&self.state).flying
    }

    /// Whether nothing is left of anybody.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        let state = lock(&self.state);
        let lists = state.open.is_empty() && state.line.is_empty() && state.ready.is_empty();
        lists && state.flights.is_empty() && (state.waiting, state.flying) == (0, 0)
    }
}
