//! A fan-out: one body for many items.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::pool;
use crate::bounds::CrossesByValue;
use crate::run::{Halted, Level};
use crate::slot::Baton;

/// The construct whose items run: where it stands and what surrounds it.
pub struct Construct<'r> {
    /// The level around the construct.
    pub level: &'r Level<'r>,
    /// The items around it.
    pub path: &'r [usize],
    /// Its number.
    pub node: u32,
    /// How many operators one item runs, besides those in constructs of its own.
    pub operators: u32,
}

/// Chunks per thread: enough to even out items of unequal cost.
const CHUNKS: usize = 16;

/// Runs `body` for every item, results in order. The iterator is driven here, on the caller.
///
/// # Errors
///
/// If some items did not finish. The failures are with the run by then.
pub fn fan_out<I, T>(
    place: &Construct<'_>,
    items: I,
    body: impl Fn(&Level<'_>, &Cell<u32>, usize, I::Item) -> Result<T, Halted> + Sync,
) -> Result<Vec<T>, Halted>
where
    I: IntoIterator,
    I::Item: CrossesByValue,
    T: CrossesByValue,
{
    let items: Vec<Baton<I::Item>> = items.into_iter().map(Baton::full).collect();
    let results: Vec<Baton<T>> = items.iter().map(|_| Baton::new()).collect();
    let run = |level: &Level<'_>, at: &Cell<u32>, index: usize| {
        let result = body(level, at, index, items[index].take())?;
        results[index].set(result);
        Ok(())
    };
    each(place, items.len(), &run)?;
    Ok(results.into_iter().map(|result| result.take()).collect())
}

/// The body of one item, by its number; the cell tells which node runs.
type Body<'b> = dyn Fn(&Level<'_>, &Cell<u32>, usize) -> Result<(), Halted> + Sync + 'b;

struct Items<'r> {
    place: &'r Construct<'r>,
    first_failed: AtomicUsize,
    started: AtomicUsize,
    finished: AtomicUsize,
    body: &'r Body<'r>,
    chunk: usize,
}

fn each(place: &Construct<'_>, count: usize, body: &Body<'_>) -> Result<(), Halted> {
    let context = &place.level.core.context;
    let mut started = 0;
    let mut finished = 0;
    pool::enter(context, &mut || {
        let chunk = (count / (pool::width() * CHUNKS)).max(1);
        let items = Items {
            place,
            first_failed: AtomicUsize::new(usize::MAX),
            started: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            body,
            chunk,
        };
        items.split(0, count);
        started = items.started.into_inner();
        finished = items.finished.into_inner();
    });
    let operators = place.operators as usize;
    let core = place.level.core;
    core.count(finished * operators, (count - started) * operators);
    if finished < count {
        core.count_around(place.node, true);
        return Err(Halted);
    }
    Ok(())
}

impl Items<'_> {
    fn split(&self, start: usize, end: usize) {
        if end - start <= self.chunk {
            return self.run(start, end);
        }
        let middle = start + (end - start) / 2;
        let context = &self.place.level.core.context;
        pool::both(context, &mut || self.split(start, middle), &mut || self.split(middle, end));
    }

    fn run(&self, start: usize, end: usize) {
        let (mut started, mut finished) = (0, 0);
        for index in start..end {
            if index > self.first_failed.load(Relaxed) {
                break;
            }
            let level = Level::item(self.place.level, self.place.node, index, &self.first_failed);
            let at = Cell::new(self.place.node);
            started += 1;
            match catch_unwind(AssertUnwindSafe(|| (self.body)(&level, &at, index))) {
                Ok(Ok(())) => finished += 1,
                Ok(Err(Halted)) => {}
                Err(payload) => {
                    let mut path = self.place.path.to_vec();
                    path.push(index);
                    level.core.count_around(at.get(), true);
                    level.core.panicked(&level, at.get(), &path, payload);
                }
            }
        }
        self.started.fetch_add(started, Relaxed);
        self.finished.fetch_add(finished, Relaxed);
    }
}
