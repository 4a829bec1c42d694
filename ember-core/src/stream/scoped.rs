//! The results of a graph that works, handed to a function: so items may borrow.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;

use super::Stream;
use crate::batch::call::{Call, Failure, Graph, Reading, Value, Working};
use crate::batch::feed::{Feed, Pulled, Rest};
use crate::batch::lot::{self, Gate};
use crate::batch::memory::{Charge, Weighing};
use crate::batch::working::{LOT, alone_for, most_in_a_lot};
use crate::batch::{BatchError, Cause};
use crate::executor::{Crowd, width};
use crate::sync::{Mutex, lock};

impl<I, G, P, R, W> Stream<I, Working<G, P, R>, W> {
    /// Runs the graph for each item, on this thread and those of the pool, and hands each result to a function, until there are no
    /// more. Items and results may borrow.
    ///
    /// The function is called by one thread at a time, but not always by the same.
    ///
    /// # Panics
    ///
    /// If the iterator, what weighs items, or the function panics, when the items under way have ended. Panics of the graph are results.
    pub fn for_each(self, take: impl FnMut(Result<Value<G, R>, BatchError<Failure<G, R>>>) + Send)
    where
        I: Iterator<Item: Send> + Send,
        W: Weighing<I::Item> + Send,
        G: Graph<Reading: Reading<R>> + Call<I::Item, P, R>,
        Value<G, R>: Send,
        Failure<G, R>: Send,
    {
        let Self { items, weighing, mut options, .. } = self;
        let context = options.own_context();
        let gate = Gate::new(context.clone(), false);
        let width = width();
        let most = options.in_flight.unwrap_or(LOT * width);
        let lots = (most / (2 * width)).min(most_in_a_lot::<I::Item>()).max(1);
        let feed = Feed::new(items, most, weighing);
        let hatch = Hatch::new(take, options.unordered);
        let work = |size: &dyn Fn(usize) -> usize| {
            if gate.keeps_out(usize::MAX).is_some() {
                feed.close();
                return 0;
            }
            let size = size(usize::MAX).min(lots);
            let Some((first, lot)) = feed.pull(size, |first, _| first) else { return 0 };
            let count = lot.count();
            let Pulled { items, charges, refused } = lot;
            let panicked = |index, payload| BatchError::panicked(index, G::description(), payload);
            let call = lot::calls::<_, G, P, R>(&gate.context);
            let results = Charge::during(charges.first(), || {
                lot::collect(&gate, first, items, refused, call, panicked)
            });
            hatch.put(first, (results, charges), |taken| feed.through(taken), |payload| feed.fail(payload));
            count
        };
        let run = ptr::from_ref(&feed).addr();
        let crowd = Crowd { context: &context, run, work: &work, left: &|| feed.is_open() };
        context.scope(|| {
            if let Some(pace) = crowd.alone(alone_for(&context)) {
                crowd.together(pace, None);
            }
        });
        let (mut take, given) = hatch.into_inner();
        let Rest { inputs, ended, panic } = feed.into_rest();
        if let Some(payload) = panic {
            drop((inputs, take));
            resume_unwind(payload);
        }
        if !ended
            && let Some(why) = gate.keeps_out(usize::MAX)
            && let Some(take) = &mut take
        {
            take(Err(BatchError::new(given, Cause::NotBegun(why))));
        }
    }
}

/// Where results are handed out, by one thread at a time.
struct Hatch<R, C, F> {
    state: Mutex<Waiting<R, C, F>>,
    unordered: bool,
}

/// Results, and what their items keep until they are taken.
type Lot<R, C> = (Vec<R>, Vec<C>);

struct Waiting<R, C, F> {
    /// Nothing while a thread hands results out, or when it has panicked.
    take: Option<F>,
    /// Results by the number of the first.
    results: BTreeMap<usize, Lot<R, C>>,
    /// The first item whose result has not been taken.
    next: usize,
    panicked: bool,
}

impl<R, C, F: FnMut(R)> Hatch<R, C, F> {
    fn new(take: F, unordered: bool) -> Self {
        let waiting = Waiting { take: Some(take), results: BTreeMap::new(), next: 0, panicked: false };
        Self { state: Mutex::new(waiting), unordered }
    }

    /// Adds results, and hands out those whose turn it is, unless another thread does.
    fn put(
        &self,
        first: usize,
        lot: Lot<R, C>,
        taken: impl Fn(usize),
        panicked: impl FnOnce(Box<dyn Any + Send>),
    ) {
        let mut state = lock(&self.state);
        if state.panicked {
            drop(state);
            taken(lot.0.len());
            drop(lot);
            return;
        }
        state.results.insert(first, lot);
        let Some(mut take) = state.take.take() else { return };
        loop {
            let next = state.next;
            let turn =
                if self.unordered { state.results.pop_first() } else { state.results.remove_entry(&next) };
            let Some((_, (results, charges))) = turn else {
                state.take = Some(take);
                return;
            };
            let count = results.len();
            state.next += count;
            drop(state);
            let handed = catch_unwind(AssertUnwindSafe(|| results.into_iter().for_each(&mut take)));
            drop(charges);
            taken(count);
            state = lock(&self.state);
            if let Err(payload) = handed {
                state.panicked = true;
                let left = std::mem::take(&mut state.results);
                drop(state);
                panicked(payload);
                taken(left.values().map(|(results, _)| results.len()).sum());
                drop((left, take));
                return;
            }
        }
    }

    /// The function, unless it has panicked, and how many results it has taken.
    fn into_inner(self) -> (Option<F>, usize) {
        let state = self.state.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        (state.take, state.next)
    }
}

#[cfg(all(loom, test))]
mod loom;
