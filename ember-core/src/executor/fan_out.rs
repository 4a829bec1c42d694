//! A fan-out: one body for many items.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::crowd::{Crowd, Work};
use super::gauge;
use crate::bounds::CrossesByValue;
use crate::raw::crossing::{Crossing, Items};
use crate::run::{Construct, Halted, Level, Lined};
use crate::sync::Nanos;

mod lots;

pub(crate) use lots::{InLots, fan_out_in_lots};

/// Runs `body` for every item, results in order.
///
/// # Errors
///
/// If some items did not finish. The failures are with the run by then.
///
/// # Panics
///
/// When there are more results than memory.
pub fn fan_out<S, T>(
    place: &Construct<'_>,
    items: S,
    body: impl Fn(&Level<'_>, &Cell<u32>, usize, S::Item) -> Result<T, Halted> + Sync,
) -> Result<Vec<T>, Halted>
where
    S: Items,
    S::Item: CrossesByValue,
    T: CrossesByValue,
{
    let crossing = Crossing::<S, T>::new(items);
    let tally = Tally::new();
    let work = |size: &dyn Fn(usize) -> usize| {
        let Some(mut lot) = crossing.claim(size) else { return 0 };
        let items = lot.len();
        let (start, at) = (lot.first(), Cell::new(place.node));
        let _frame = place.level.core.frame();
        let level = Lined::new(place.item(start));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            lot.run(|i, item| {
                level.go_on(i);
                body(&level, &at, i, item)
            })
        }));
        match outcome {
            Ok(Ok(())) => tally.ended(lot.len(), 0),
            Ok(Err(Halted)) => tally.ended(lot.at() - start, 1),
            Err(payload) => {
                tally.ended(lot.at() - start, 1);
                place.panicked(&level, lot.at(), at.get(), payload);
            }
        }
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(lot))) {
            place.panicked(&level, start, place.node, payload);
        }
        items
    };
    place.run(&work, &|| !crossing.is_claimed());
    let finished = tally.finished.into_inner();
    place.finish(finished, finished + tally.halted.into_inner(), crossing.count())?;
    Ok(crossing.into_results().expect("each item has ended well"))
}

/// What became of the items.
struct Tally {
    finished: AtomicUsize,
    /// Those that started and did not finish.
    halted: AtomicUsize,
}

impl Tally {
    fn new() -> Self {
        Self { finished: AtomicUsize::new(0), halted: AtomicUsize::new(0) }
    }

    fn ended(&self, finished: usize, halted: usize) {
        self.finished.fetch_add(finished, Relaxed);
        self.halted.fetch_add(halted, Relaxed);
    }
}

impl Construct<'_> {
    /// Runs items by lots until none are left, on this thread and others.
    fn run(&self, work: &Work<'_>, left: &(dyn Fn() -> bool + Sync)) {
        let core = self.level.core;
        let crowd = Crowd { context: core.context, run: ptr::from_ref(core).addr(), work, left };
        let patience = gauge::patience(core.way, core.context.parallel_from());
        let Some(pace) = crowd.alone(patience) else { return };
        let start = core.measured().then(Instant::now);
        let busy = Nanos::new();
        crowd.together(pace, start.is_some().then_some(&busy));
        if let Some(start) = start {
            core.saved(Duration::from_nanos(busy.get()), start.elapsed());
        }
    }

    /// Notes the panic of an item that the level of another frame belongs to.
    #[cold]
    pub(crate) fn item_panicked(&self, index: usize, node: u32, payload: Box<dyn Any + Send>) {
        self.panicked(&self.item(index), index, node, payload);
    }

    #[cold]
    fn panicked(&self, level: &Level<'_>, index: usize, node: u32, payload: Box<dyn Any + Send>) {
        level.core.count_around(node, true);
        level.core.panicked(level, node, &self.path_of(index), payload);
    }

    /// Notes that the iterator has panicked that was to give an item. The items before that one may go on.
    #[cold]
    pub(crate) fn iterator_panicked(&self, index: usize, payload: Box<dyn Any + Send>) {
        self.level.core.panicked(&self.item(index), self.node, &self.path_of(index), payload);
    }

    /// The items around, and this one.
    fn path_of(&self, index: usize) -> Vec<usize> {
        let mut path = self.path.to_vec();
        path.push(index);
        path
    }

    /// Counts the operators of the items, when all of those that started have ended.
    pub(crate) fn finish(&self, finished: usize, started: usize, count: usize) -> Result<(), Halted> {
        self.count(finished, started, count);
        if finished == count { Ok(()) } else { Err(Halted) }
    }

    /// The same when some may linger.
    pub(crate) fn count(&self, finished: usize, started: usize, count: usize) {
        let core = self.level.core;
        let operators = self.operators as usize;
        core.count(finished * operators, (count - started) * operators);
        if finished != count {
            core.count_around(self.node, true);
        }
    }
}
