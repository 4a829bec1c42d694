//! A fan-out: one body for many items.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::{Duration, Instant};

use super::{crew, gauge, idle, pool};
use crate::bounds::CrossesByValue;
use crate::raw::crossing::{Crossing, Items};
use crate::run::{Halted, Level, Lined};
use crate::sync::{Bed, Nanos, relax};

mod lots;

pub(crate) use lots::{InLots, fan_out_in_lots};

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

/// Of what is left, the part that a worker claims is one of so many for each thread: large parts first, so that claiming
/// costs nothing, and small ones last, so that all end together.
const PARTS: usize = 4;

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
        let level = Lined::new(Level::item(place.level, place.node, start, &tally.first_failed));
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
    Crowd { place, work: &work, left: &|| !crossing.is_claimed() }.run();
    let finished = tally.finished.into_inner();
    place.finish(finished, finished + tally.halted.into_inner(), crossing.count())?;
    Ok(crossing.into_results().expect("each item has ended well"))
}

/// What became of the items.
struct Tally {
    first_failed: AtomicUsize,
    finished: AtomicUsize,
    /// Those that started and did not finish.
    halted: AtomicUsize,
}

impl Tally {
    fn new() -> Self {
        Self {
            first_failed: AtomicUsize::new(usize::MAX),
            finished: AtomicUsize::new(0),
            halted: AtomicUsize::new(0),
        }
    }

    fn ended(&self, finished: usize, halted: usize) {
        self.finished.fetch_add(finished, Relaxed);
        self.halted.fetch_add(halted, Relaxed);
    }
}

impl Construct<'_> {
    /// Notes the panic of an item that the level of another frame belongs to.
    #[cold]
    pub(crate) fn item_panicked(
        &self,
        first_failed: &AtomicUsize,
        index: usize,
        node: u32,
        payload: Box<dyn Any + Send>,
    ) {
        let level = Level::item(self.level, self.node, index, first_failed);
        self.panicked(&level, index, node, payload);
    }

    #[cold]
    fn panicked(&self, level: &Level<'_>, index: usize, node: u32, payload: Box<dyn Any + Send>) {
        let mut path = self.path.to_vec();
        path.push(index);
        level.core.count_around(node, true);
        level.core.panicked(level, node, &path, payload);
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

/// How many items one worker claims at a time: about as many as take it a [`MOMENT`], as it learns from lot to lot. So a
/// lot of costly items keeps little from others that have none, wherever the costly ones stand.
#[derive(Clone, Copy)]
struct Pace(usize);

/// Claiming and looking at the clock cost a thousandth of it.
const MOMENT: u64 = 50_000;

impl Pace {
    const START: Self = Self(1);

    /// Notes how long so many items took.
    fn took(&mut self, items: usize, time: Duration) {
        let time = gauge::nanos(time);
        self.0 = if time < MOMENT / 2 {
            self.0.max(items.saturating_mul(2))
        } else {
            let items = u128::from(MOMENT) * items as u128 / u128::from(time);
            usize::try_from(items).unwrap_or(usize::MAX).max(1)
        };
    }
}

type Work<'w> = dyn Fn(&dyn Fn(usize) -> usize) -> usize + Sync + 'w;

/// Those who run a fan-out together. What they do is to claim lots until there are none.
struct Crowd<'r> {
    place: &'r Construct<'r>,
    /// Claims some of the items left, as the function tells of their number, runs them, and tells how many.
    work: &'r Work<'r>,
    left: &'r (dyn Fn() -> bool + Sync),
}

impl Crowd<'_> {
    fn run(&self) {
        let core = self.place.level.core;
        let Some(pace) = self.alone(gauge::patience(core.way, core.context.parallel_from())) else { return };
        let busy = Nanos::new();
        let start = core.measured().then(Instant::now);
        let width = pool::width();
        let work = |brief: bool| {
            let begun = Instant::now();
            let (mut pace, mut since, mut worked) = (pace, begun, false);
            loop {
                let items = (self.work)(&|left| pace.0.min(left / (PARTS * width)));
                if items == 0 {
                    break;
                }
                let now = Instant::now();
                pace.took(items, now.duration_since(since));
                (since, worked) = (now, true);
                if brief {
                    break;
                }
            }
            if start.is_some() {
                busy.add(gauge::nanos(since.duration_since(begun)));
            }
            worked
        };
        if pool::is_inside() {
            self.in_pool(width, &|| work(false));
        } else {
            let helpers = AtomicUsize::new(0);
            let help = |_, owner: &Bed, _| {
                let brief = idle::is_brief();
                if !(self.left)() {
                    return false;
                }
                helpers.fetch_add(1, SeqCst);
                let worked = core.context.help(|| {
                    crew::call(core.context);
                    work(brief)
                });
                helpers.fetch_sub(1, SeqCst);
                owner.wake();
                worked
            };
            crew::offer(core.context, ptr::from_ref(core).addr(), &help, |run, owner| {
                crew::call(core.context);
                work(false);
                // An item may have come to a part of its own.
                let mut looks = 0;
                while helpers.load(SeqCst) > 0 {
                    let news = crew::epoch();
                    if !crew::assist(run)
                        && !relax(&mut looks)
                        && let Some(owner) = owner
                    {
                        owner.sleep_until(|| helpers.load(SeqCst) == 0 || crew::epoch() != news);
                    }
                }
            });
        }
        if let Some(start) = start {
            core.saved(Duration::from_nanos(busy.get()), start.elapsed());
        }
    }

    /// Runs items in order until there are none or the patience ends. Gives the pace for the rest, if there is any.
    fn alone(&self, patience: Duration) -> Option<Pace> {
        let mut pace = Pace::START;
        if !patience.is_zero() {
            let start = Instant::now();
            let mut since = start;
            loop {
                let items = (self.work)(&|_| pace.0);
                if items == 0 {
                    return None;
                }
                let now = Instant::now();
                pace.took(items, now.duration_since(since));
                since = now;
                if since.duration_since(start) > patience {
                    break;
                }
            }
        }
        (self.left)().then_some(pace)
    }

    /// Works here, with so many threads of the pool at most.
    fn in_pool(&self, threads: usize, work: &(dyn Fn() -> bool + Sync)) {
        if threads < 2 {
            work();
            return;
        }
        let context = self.place.level.core.context;
        pool::both(
            context,
            &mut || {
                work();
            },
            &mut |may| {
                if may && (self.left)() {
                    self.in_pool(threads - 1, work);
                }
            },
        );
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
