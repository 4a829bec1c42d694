//! A batch of an `async` graph.

use std::future::{Future, poll_fn};
use std::task::{Context as Task, Poll};

use super::call::{CallAsync, Failure, Graph, Reading, Value, Waiting};
use super::lot::Gate;
use super::memory::{Door, Weighing};
use super::{Batch, BatchError, Cause, Meter, Report, exact, not_pulled};
use crate::Context;
use crate::stream::driver::{Driver, Ended};
use crate::stream::waiting::{IN_FLIGHT, TURN};

impl<'p, I, G, P, R, W> Batch<'p, I, Waiting<G, P, R>, W> {
    /// Runs the graph for each input, all in the future that this gives: so many at the same time as may be
    /// [in flight](Self::in_flight). They belong to the context that is current where this is called.
    ///
    /// # Panics
    ///
    /// If the iterator of the inputs panics, or what weighs them, or who watches the progress. Panics of the graph are results.
    pub fn run(self) -> impl Future<Output = Report<Value<G, R>, Failure<G, R>>> + use<'p, I, G, P, R, W>
    where
        I: Iterator<Item: CallAsync<G, P, R>>,
        W: Weighing<I::Item>,
        G: Graph<Reading: Reading<R>>,
    {
        let Self { inputs, mut options, weighing, .. } = self;
        let context = options.context.take().unwrap_or_else(Context::current);
        async move {
            let meter = options.meter::<G>(&context, inputs.size_hint());
            let room = if context.is_in_order() { 1 } else { options.in_flight.unwrap_or(IN_FLIGHT) };
            let mut course = Course {
                inputs: Some(inputs),
                door: Door::new(weighing),
                driver: Driver::new(room),
                results: Vec::new(),
                gate: Gate::new(context.clone(), options.fail_fast),
                meter: &meter,
                stopped: None,
            };
            poll_fn(|cx| {
                let done = course.poll(cx, CallAsync::call, |index, ended| match ended {
                    Ok(outcome) => G::Reading::read(outcome)
                        .map_err(|error| BatchError::new(index, Cause::Failed(error))),
                    Err(payload) => Err(BatchError::panicked(index, G::description(), payload)),
                });
                if done { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            course.finish()
        }
    }
}

/// A batch under way.
struct Course<'b, I: Iterator, W: Weighing<I::Item>, F, V, E> {
    /// Nothing when no more are wanted.
    inputs: Option<I>,
    door: Door<I::Item, W>,
    driver: Driver<F, W::Charge>,
    /// By item, for those that were pulled.
    results: Vec<Option<Result<V, BatchError<E>>>>,
    gate: Gate,
    meter: &'b Meter<'b>,
    stopped: Option<(super::NotBegun, Option<usize>)>,
}

impl<I: Iterator, W: Weighing<I::Item>, F: Future, V, E> Course<'_, I, W, F, V, E> {
    /// Goes on, and tells whether all have ended.
    fn poll(
        &mut self,
        cx: &mut Task<'_>,
        launch: impl Fn(I::Item) -> F,
        read: impl Fn(usize, Ended<F::Output>) -> Result<V, BatchError<E>>,
    ) -> bool {
        let Self { inputs, door, driver, results, gate, meter, stopped } = self;
        let note = |results: &mut Vec<Option<_>>, index: usize, ended| {
            let result = read(index, ended);
            let failed = result.is_err();
            if failed {
                gate.failed(index);
            }
            results[index] = Some(result);
            meter.ended(1, usize::from(failed));
        };
        driver.poll(cx.waker(), |(index, _), ended| note(results, index, ended));
        for _ in 0..TURN {
            if inputs.is_none() || !driver.has_room() {
                return inputs.is_none() && driver.running() == 0;
            }
            let index = results.len();
            if let Some(why) = gate.keeps_out(index) {
                let held = usize::from(door.is_taken());
                let left = inputs.take().and_then(|inputs| exact(inputs.size_hint())).map(|left| left + held);
                door.close();
                if left != Some(0) {
                    *stopped = Some((why, left));
                }
                continue;
            }
            // The run belongs to the context that its future is made in.
            let alone = driver.running() == 0;
            let next = gate.context.scope(|| {
                let next = door.poll(cx, alone, |_| Poll::Ready(inputs.as_mut().and_then(Iterator::next)));
                next.map(|next| next.map(|(item, admitted)| admitted.map(|charge| (launch(item), charge))))
            });
            match next {
                Poll::Ready(Some(Ok((future, charge)))) => {
                    results.push(None);
                    driver.start((index, charge), future, |(index, _), ended| note(results, index, ended));
                }
                Poll::Ready(Some(Err(refused))) => {
                    results.push(Some(Err(gate.refused(index, refused))));
                    meter.ended(1, 1);
                }
                Poll::Ready(None) => *inputs = None,
                // There is no room, and those in flight or others make some.
                Poll::Pending => return false,
            }
        }
        // Others get their turn.
        cx.waker().wake_by_ref();
        false
    }

    fn finish(self) -> Report<V, E> {
        let mut results: Vec<_> = self.results.into_iter().flatten().collect();
        if let Some((why, Some(left))) = self.stopped {
            results.extend(not_pulled(results.len(), left, why));
            self.meter.ended(left, left);
        }
        self.meter.finished();
        Report::new(results, self.stopped.map(|(why, _)| why), self.meter.has_failures())
    }
}
