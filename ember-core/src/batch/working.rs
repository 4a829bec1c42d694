//! A batch of a graph that works.

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
use crate::raw::places::Places;
use crate::strategy::Strategy;
use crate::sync::{Mutex, lock};

/// How many inputs a thread may have pulled, and how many bytes of them: they stay near the processor.
pub(crate) const LOT: usize = 1024;
const BYTES: usize = 32 * 1024;

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
        // Where the number of inputs is known, values are written where they stay. Others, and those of an iterator that
        // has said too little, are put together at the end.
        let known = exact(inputs.size_hint()).unwrap_or(0);
        let places = Places::new(known);
        let feed = Feed::new(inputs, most, weighing);
        let beyond: Mutex<Vec<(usize, Vec<_>)>> = Mutex::new(Vec::new());
        let errors: Mutex<Vec<BatchError<_>>> = Mutex::new(Vec::new());
        let work = |size: &dyn Fn(usize) -> usize| {
            if gate.keeps_out(usize::MAX).is_some() {
                feed.close();
                return 0;
            }
            let size = size(usize::MAX).min(lots);
            let claim = |first, count| (first, places.claim(first, count));
            let Some(((first, claimed), lot)) = feed.pull(size, claim) else { return 0 };
            let count = lot.count();
            let Pulled { items, charges, refused } = lot;
            let panicked = |index, payload| BatchError::panicked(index, G::description(), payload);
            let call = lot::calls::<_, G, P, R>(&gate.context);
            let mut failures = Vec::new();
            // All are of one budget.
            Charge::during(charges.first(), || match claimed {
                Some(mut claimed) => {
                    let give = apart(|value| claimed.push(value), &mut failures);
                    lot::run(&gate, first, items, refused, call, panicked, give);
                }
                None => {
                    let mut values = Vec::with_capacity(count);
                    let give = apart(|value| values.push(value), &mut failures);
                    lot::run(&gate, first, items, refused, call, panicked, give);
                    lock(&beyond).push((first, values));
                }
            });
            let failed = failures.len();
            if failed > 0 {
                lock(&errors).append(&mut failures);
            }
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
        let mut values = places.into_values();
        put_together(&mut values, beyond.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
        errors.sort_unstable_by_key(BatchError::index);
        finish(&gate, &meter, feed, values, errors)
    }
}

/// Gives values and errors to where each belong.
#[inline(always)]
fn apart<V, E>(mut value: impl FnMut(V), errors: &mut Vec<E>) -> impl FnMut(Result<V, E>) {
    move |result| match result {
        Ok(result) => value(result),
        Err(error) => errors.push(error),
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

/// Adds the values of lots, in order.
fn put_together<T>(all: &mut Vec<T>, mut lots: Vec<(usize, Vec<T>)>) {
    lots.sort_unstable_by_key(|(first, _)| *first);
    all.reserve_exact(lots.iter().map(|(_, values)| values.len()).sum());
    for (_, values) in lots {
        all.extend(values);
    }
}

/// Tells what became of the inputs that were not pulled, when all others have ended.
fn finish<I: Iterator, W: Weighing<I::Item>, T, E>(
    gate: &Gate,
    meter: &super::Meter<'_>,
    feed: Feed<I, W>,
    values: Vec<T>,
    mut errors: Vec<BatchError<E>>,
) -> Report<T, E> {
    let Rest { inputs, ended, panic } = feed.into_rest();
    if let Some(payload) = panic {
        drop((inputs, values, errors));
        resume_unwind(payload);
    }
    let mut stopped = None;
    if let Some(why) = gate.keeps_out(usize::MAX) {
        let not_begun =
            |error: &BatchError<E>| error.not_begun().filter(|why| !matches!(why, NotBegun::NoRoom(_)));
        stopped = errors.iter().find_map(not_begun).or((!ended).then_some(why));
        if !ended && let Some(left) = inputs.as_ref().and_then(Inputs::left) {
            errors.extend(not_pulled(values.len() + errors.len(), left, why));
            meter.ended(left, left);
        }
    }
    drop(inputs);
    meter.finished();
    Report::new(values, errors, stopped)
}
