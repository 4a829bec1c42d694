//! A batch of a graph that works.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::PoisonError;
use std::time::Duration;

use super::call::{Call, Failure, Graph, Reading, Value, Working};
use super::feed::{Feed, Inputs, Pulled, Rest};
use super::lot::{self, Gate};
use super::memory::{Charge, Weighing};
use super::{Batch, BatchError, NotBegun, Report, exact, not_pulled};
use crate::context::Context;
use crate::executor::{Crowd, Way, patience, width};
use crate::raw::crossing::Crossing;
use crate::strategy::Strategy;
use crate::sync::{Mutex, lock};

/// How many inputs a thread may have pulled, and how many bytes of them: they stay near the processor.
pub(crate) const LOT: usize = 1024;
const BYTES: usize = 32 * 1024;

type Results<T, E> = Vec<Result<T, BatchError<E>>>;

impl<I, G, P, R, W> Batch<'_, I, Working<G, P, R>, W> {
    /// Runs the graph for each input, on this thread and those of the pool.
    ///
    /// Under [`Strategy::Sequential`] the inputs run in order, on this thread.
    ///
    /// # Panics
    ///
    /// If the iterator of the inputs panics, or what weighs them, when those pulled before have ended. Panics of the graph are results.
    pub fn run(self) -> Report<Value<G, R>, Failure<G, R>>
    where
        I: Iterator<Item: Send> + Send,
        W: Weighing<I::Item> + Send,
        G: Graph<Reading: Reading<R>> + Call<I::Item, P, R>,
        Value<G, R>: Send,
        Failure<G, R>: Send,
    {
        let Self { inputs, mut options, weighing, .. } = self;
        let context = options.context.take().unwrap_or_else(Context::current);
        let meter = options.meter::<G>(&context, inputs.size_hint());
        let gate = Gate::new(context.clone(), options.fail_fast);
        let width = width();
        let most = options.in_flight.unwrap_or(LOT * width);
        // No thread takes all that may be in flight.
        let lots = (most / (2 * width)).min(most_in_a_lot::<I::Item>()).max(1);
        // Where the number of inputs is known, results are written where they stay. Others, and those of an iterator that
        // has said too little, are put together at the end.
        let known = exact(inputs.size_hint()).unwrap_or(0);
        let places: Crossing<Range<usize>, _> = Crossing::new(0..known);
        let feed = Feed::new(inputs, most, weighing);
        let beyond: Mutex<Vec<(usize, Results<_, _>)>> = Mutex::new(Vec::new());
        let work = |size: &dyn Fn(usize) -> usize| {
            if gate.keeps_out(usize::MAX).is_some() {
                feed.close();
                return 0;
            }
            let size = size(usize::MAX).min(lots);
            let claim = |first, count| (first, places.claim_at(first, count));
            let Some(((first, claimed), lot)) = feed.pull(size, claim) else { return 0 };
            let count = lot.count();
            let Pulled { items, charges, refused } = lot;
            let panicked = |index, payload| BatchError::panicked(index, G::description(), payload);
            let call = lot::calls::<_, G, P, R>(&gate.context);
            // All are of one budget.
            let failed = Charge::during(charges.first(), || match claimed {
                Some(mut claimed) => lot::run_in_place(&gate, items, refused, &mut claimed, call, panicked),
                None => {
                    let (results, failed) = lot::run(&gate, first, items, refused, call, panicked);
                    lock(&beyond).push((first, results));
                    failed
                }
            });
            drop(charges);
            feed.through(count);
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| meter.ended(count, failed))) {
                feed.fail(payload);
            }
            count
        };
        let crowd = Crowd {
            context: &context,
            run: ptr::from_ref(&feed).addr(),
            work: &work,
            left: &|| feed.is_open(),
        };
        context.scope(|| {
            if let Some(pace) = crowd.alone(alone_for(&context)) {
                crowd.together(pace, None);
            }
        });
        let mut results = places.into_claimed().expect("each lot has come to its end");
        put_together(&mut results, beyond.into_inner().unwrap_or_else(PoisonError::into_inner));
        finish(&gate, &meter, feed, results)
    }
}

/// How many items of this type a thread has at a time at most.
pub(crate) fn most_in_a_lot<T>() -> usize {
    (BYTES / size_of::<T>().max(1)).clamp(1, LOT)
}

/// How long one thread works before it calls for others.
pub(crate) fn alone_for(context: &Context) -> Duration {
    match context.strategy() {
        Some(Strategy::Sequential) => Duration::MAX,
        #[cfg(feature = "parallel")]
        Some(Strategy::Parallel) => Duration::ZERO,
        _ => patience(Way::Wary, context.parallel_from()),
    }
}

/// Adds the results of lots, in order.
fn put_together<T>(all: &mut Vec<T>, mut lots: Vec<(usize, Vec<T>)>) {
    lots.sort_unstable_by_key(|(first, _)| *first);
    all.reserve_exact(lots.iter().map(|(_, results)| results.len()).sum());
    for (_, results) in lots {
        all.extend(results);
    }
}

/// Tells what became of the inputs that were not pulled, when all others have ended.
fn finish<I: Iterator, W: Weighing<I::Item>, T, E>(
    gate: &Gate,
    meter: &super::Meter<'_>,
    feed: Feed<I, W>,
    mut results: Results<T, E>,
) -> Report<T, E> {
    let Rest { inputs, ended, panic } = feed.into_rest();
    if let Some(payload) = panic {
        drop((inputs, results));
        resume_unwind(payload);
    }
    let mut stopped = None;
    if let Some(why) = gate.keeps_out(usize::MAX) {
        let pulled = results.len();
        let not_begun = |result: &Result<T, BatchError<E>>| {
            result.as_ref().err()?.not_begun().filter(|why| !matches!(why, NotBegun::NoRoom(_)))
        };
        stopped = results.iter().find_map(not_begun).or((!ended).then_some(why));
        if !ended && let Some(left) = inputs.as_ref().and_then(Inputs::left) {
            results.extend(not_pulled(pulled, left, why));
            meter.ended(left, left);
        }
    }
    drop(inputs);
    meter.finished();
    Report::new(results, stopped, meter.has_failures())
}
