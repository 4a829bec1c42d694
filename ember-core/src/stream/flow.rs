//! The results of a graph that works, as an iterator.
//!
//! Who takes the results pulls the items, so no other thread sees the iterator. They go to a queue in lots, from which threads
//! of the pool take them; and who waits for a result takes one too. So it comes even if the pool has no thread for it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;
use std::vec;

use super::Stream;
use super::helpers::Helpers;
use crate::batch::call::{Call, Failure, Graph, Reading, Value, Working};
use crate::batch::feed::{Inputs, Pulled};
use crate::batch::lot::{self, Gate};
use crate::batch::memory::{Charge, Unweighed, Weighing};
use crate::batch::working::{LOT, most_in_a_lot};
use crate::batch::{BatchError, Cause, NotBegun};
use crate::executor::{InALot, LINGER, Pace, TENURE, is_its_thread, spawn_job, width};
use crate::future::drop_quietly;
use crate::policy::Refused;
use crate::strategy::Strategy;
use crate::sync::{Condvar, Mutex, lock, wait};

/// How long a thread without work rests between two looks at the queue.
const SPINS: u32 = 32;

/// How many lots wait for each thread.
const AHEAD: usize = 4;

type Outcome<V, E> = Result<V, BatchError<E>>;

/// Runs a lot of items, whose first has this number.
type Run<T, V, E> = fn(&Gate, usize, Vec<T>, Option<Refused>) -> Vec<Outcome<V, E>>;

/// The results of a [`Stream`] whose graph works: an iterator.
///
/// When it is dropped, what waits is dropped, no further item begins, and those that run find their context cancelled.
#[must_use = "results come when they are asked for"]
pub struct Results<I: Iterator, V, E, W: Weighing<I::Item> = Unweighed> {
    /// Nothing when no more are wanted.
    items: Option<Inputs<I, W>>,
    shared: Arc<Shared<I::Item, V, E, W::Charge>>,
    /// Those that can be given, and what their items keep until then.
    ready: vec::IntoIter<Outcome<V, E>>,
    charges: vec::IntoIter<W::Charge>,
    /// The first item whose result has not been made ready.
    next: usize,
    pulled: usize,
    given: usize,
    in_flight: usize,
    /// How many items are handed over together at most.
    lots: usize,
    unordered: bool,
}

/// The results of a lot, and what its items keep until they are taken.
type Done<V, E, C> = (Vec<Outcome<V, E>>, Vec<C>);

/// What the thread that takes results has in common with those of the pool.
struct Shared<T, V, E, C> {
    gate: Gate,
    run: Run<T, V, E>,
    state: Mutex<State<T, V, E, C>>,
    /// Notified when results are there and somebody waits.
    changed: Condvar,
}

/// What a thread that takes part finds.
enum Next<T, C> {
    /// A lot, and whether there is one for each other thread.
    Lot {
        first: usize,
        lot: Pulled<T, C>,
        others: bool,
    },
    Nothing,
    /// Nothing, and there will be nothing.
    Over,
}

struct State<T, V, E, C> {
    /// Lots of items, each with the number of the first.
    queue: VecDeque<(usize, Pulled<T, C>)>,
    /// Results by the number of the first.
    done: BTreeMap<usize, Done<V, E, C>>,
    pace: Pace,
    helpers: Helpers,
    waits: bool,
    /// Nobody takes results any more.
    closed: bool,
}

impl<I, G, P, R, W> IntoIterator for Stream<I, Working<G, P, R>, W>
where
    I: Iterator<Item: Send + 'static>,
    W: Weighing<I::Item>,
    G: Graph<Reading: Reading<R>> + Call<I::Item, P, R>,
    Value<G, R>: Send + 'static,
    Failure<G, R>: Send + 'static,
{
    type Item = Outcome<Value<G, R>, Failure<G, R>>;
    type IntoIter = Results<I, Value<G, R>, Failure<G, R>, W>;

    fn into_iter(self) -> Self::IntoIter {
        let Self { items, weighing, mut options, .. } = self;
        let context = options.own_context();
        let threads = match context.strategy() {
            Some(Strategy::Sequential) => 0,
            _ if !cfg!(feature = "parallel") => 0,
            _ if is_its_thread() => width() - 1,
            _ => (width() - 1).max(1),
        };
        let in_flight = options.in_flight.unwrap_or(LOT * width());
        let shared = Shared {
            gate: Gate::new(context, false),
            state: Mutex::new(State {
                queue: VecDeque::new(),
                done: BTreeMap::new(),
                pace: Pace::START,
                helpers: Helpers::new(threads),
                waits: false,
                closed: false,
            }),
            run: |gate, first, items, refused| {
                let call = lot::calls::<_, G, P, R>(&gate.context);
                let panicked = |index, payload| BatchError::panicked(index, G::description(), payload);
                lot::collect(gate, first, items, refused, call, panicked)
            },
            changed: Condvar::new(),
        };
        Results {
            items: Some(Inputs::new(items, weighing)),
            shared: Arc::new(shared),
            ready: Vec::new().into_iter(),
            charges: Vec::new().into_iter(),
            next: 0,
            pulled: 0,
            given: 0,
            in_flight,
            lots: (in_flight / (2 * (threads + 1))).min(most_in_a_lot::<I::Item>()).max(1),
            unordered: options.unordered,
        }
    }
}

impl<I, V, E, W> Iterator for Results<I, V, E, W>
where
    I: Iterator<Item: Send + 'static>,
    W: Weighing<I::Item>,
    V: Send + 'static,
    E: Send + 'static,
{
    type Item = Outcome<V, E>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.take().or_else(|| self.refill())
    }
}

impl<I, V, E, W> Results<I, V, E, W>
where
    I: Iterator<Item: Send + 'static>,
    W: Weighing<I::Item>,
    V: Send + 'static,
    E: Send + 'static,
{
    /// Gives a result that is ready.
    #[inline]
    fn take(&mut self) -> Option<Outcome<V, E>> {
        let result = self.ready.next()?;
        self.given += 1;
        drop(self.charges.next());
        Some(result)
    }

    #[inline(never)]
    fn refill(&mut self) -> Option<Outcome<V, E>> {
        loop {
            let done = self.shared.done(self.next, self.unordered);
            let found = done.is_some();
            if let Some((results, charges)) = done {
                self.next += results.len();
                (self.ready, self.charges) = (results.into_iter(), charges.into_iter());
            }
            if let Some(why) = self.pull() {
                self.items = None;
                self.last_word(why);
            }
            if found {
                return self.take();
            }
            if self.given == self.pulled {
                return None;
            }
            self.shared.take_part_or_wait(self.next, self.unordered);
        }
    }

    /// Pulls items while there is room, and hands them over. Tells why no more are to begin, if so it is.
    fn pull(&mut self) -> Option<NotBegun> {
        while let Some(items) = &mut self.items
            && self.pulled - self.given < self.in_flight
        {
            let why = self.shared.gate.keeps_out(self.pulled);
            if why.is_some() {
                return why;
            }
            let room = self.in_flight - (self.pulled - self.given);
            let (size, enough) = self.shared.pace();
            let size = size.min(self.lots);
            // Small lots are not to fill the room before it is known what items take, and lots that take what room there
            // is would become as small as the room that each leaves.
            if room < size || enough {
                return None;
            }
            // With none in flight it is others that there is no room for an item; else results are to be taken first.
            let alone = self.pulled == self.given;
            let mut lot = Pulled::with_capacity(size);
            let more = self.shared.gate.context.scope(|| items.pull(size, alone, true, &mut lot));
            if !more {
                self.items = None;
            }
            if lot.count() == 0 {
                return None;
            }
            let first = self.pulled;
            self.pulled += lot.count();
            Shared::hand_over(&self.shared, first, lot);
        }
        None
    }

    /// Adds a result that says why there are no more.
    fn last_word(&mut self, why: NotBegun) {
        let error = Err(BatchError::new(self.pulled, Cause::NotBegun(why)));
        lock(&self.shared.state).done.insert(self.pulled, (vec![error], Vec::new()));
        self.pulled += 1;
    }
}

impl<I: Iterator, V, E, W: Weighing<I::Item>> Drop for Results<I, V, E, W> {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl<T, V, E, C: Charge> Shared<T, V, E, C> {
    /// Nobody takes results any more.
    fn close(&self) {
        self.gate.context.cancel();
        let mut state = lock(&self.state);
        state.closed = true;
        let left = (std::mem::take(&mut state.queue), std::mem::take(&mut state.done));
        drop(state);
        drop(left);
    }

    /// How many items a lot is to have, and whether enough lots wait.
    fn pace(&self) -> (usize, bool) {
        let state = lock(&self.state);
        (state.pace.items(), state.queue.len() >= AHEAD * (state.helpers.most() + 1))
    }

    fn next_lot(&self) -> Next<T, C> {
        let mut state = lock(&self.state);
        match state.queue.pop_front() {
            Some((first, lot)) => {
                let others = state.queue.len() >= state.helpers.most().max(1);
                Next::Lot { first, lot, others }
            }
            None if state.closed => Next::Over,
            None => Next::Nothing,
        }
    }

    fn run(&self, first: usize, lot: Pulled<T, C>, others: bool) {
        let _among_others = others.then(InALot::among_others);
        let (begun, count) = (Instant::now(), lot.count());
        let Pulled { items, charges, refused } = lot;
        let results = C::during(charges.first(), || (self.run)(&self.gate, first, items, refused));
        let mut state = lock(&self.state);
        state.pace.took(count, begun.elapsed());
        if state.closed {
            drop(state);
            drop_quietly(results);
            drop(charges);
            return;
        }
        state.done.insert(first, (results, charges));
        let waits = std::mem::take(&mut state.waits);
        drop(state);
        if waits {
            self.changed.notify_one();
        }
    }

    /// Results that can be given.
    fn done(&self, next: usize, unordered: bool) -> Option<Done<V, E, C>> {
        let mut state = lock(&self.state);
        if unordered { state.done.pop_first().map(|(_, done)| done) } else { state.done.remove(&next) }
    }

    /// Runs a lot, if there is one, or waits until some has been run. That may leave room for others, so who waits for a
    /// certain one comes again.
    fn take_part_or_wait(&self, next: usize, unordered: bool) {
        if let Next::Lot { first, lot, others } = self.next_lot() {
            return self.gate.context.scope(|| self.run(first, lot, others));
        }
        let mut state = lock(&self.state);
        let ready = state.done.contains_key(&next) || unordered && !state.done.is_empty();
        if state.queue.is_empty() && !ready {
            state.waits = true;
            drop(wait(&self.changed, state));
        }
    }
}

impl<T: Send + 'static, V: Send + 'static, E: Send + 'static, C: Charge> Shared<T, V, E, C> {
    /// Puts a lot into the queue, and calls for a thread if there may be one more.
    fn hand_over(this: &Arc<Self>, first: usize, lot: Pulled<T, C>) {
        let mut state = lock(&this.state);
        state.queue.push_back((first, lot));
        let lots = state.queue.len();
        let wants = state.helpers.wants_another(lots, Instant::now);
        drop(state);
        if wants {
            this.clone().spawn();
        }
    }

    fn spawn(self: Arc<Self>) {
        let context = self.gate.context.clone();
        spawn_job(&context, Box::new(move || self.serve()));
    }

    /// What a thread of the pool does: runs lots until there are none, and gives its thread back now and then.
    fn serve(self: Arc<Self>) {
        if !lock(&self.state).helpers.came() {
            return;
        }
        let came = Instant::now();
        let context = self.gate.context.clone();
        let again = context.scope(|| {
            let mut idle_since: Option<Instant> = None;
            loop {
                match self.next_lot() {
                    Next::Lot { first, lot, others } => {
                        self.run(first, lot, others);
                        idle_since = None;
                        if came.elapsed() >= TENURE {
                            return true;
                        }
                    }
                    Next::Nothing if idle_since.get_or_insert_with(Instant::now).elapsed() < LINGER => {
                        (0..SPINS).for_each(|_| std::hint::spin_loop());
                    }
                    Next::Nothing | Next::Over => {
                        let mut state = lock(&self.state);
                        if state.queue.is_empty() {
                            state.helpers.went();
                            return false;
                        }
                    }
                }
            }
        });
        if again {
            lock(&self.state).helpers.asked(Instant::now());
            self.spawn();
        }
    }
}

impl<I: Iterator, V, E, W: Weighing<I::Item>> fmt::Debug for Results<I, V, E, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results")
            .field("pulled", &self.pulled)
            .field("given", &self.given)
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}

#[cfg(all(loom, test))]
mod loom;
