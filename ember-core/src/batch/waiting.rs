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
                made: Made { values: Vec::new(), errors: Vec::new() },
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
    made: Made<V, E>,
    gate: Gate,
    meter: &'b Meter<'b>,
    stopped: Option<(super::NotBegun, Option<usize>)>,
}

/// What became of the items that were pulled.
struct Made<V, E> {
    /// By item: nothing where one is under way, or has an error.
    values: Vec<Option<V>>,
    errors: Vec<BatchError<E>>,
}

impl<I: Iterator, W: Weighing<I::Item>, F: Future, V, E> Course<'_, I, W, F, V, E> {
    /// Goes on, and tells whether all have ended.
    fn poll(
        &mut self,
        cx: &mut Task<'_>,
        launch: impl Fn(I::Item) -> F,
        read: impl Fn(usize, Ended<F::Output>) -> Result<V, BatchError<E>>,
    ) -> bool {
        let Self { inputs, door, driver, made, gate, meter, stopped } = self;
        let note = |made: &mut Made<V, E>, index: usize, ended| match read(index, ended) {
            Ok(value) => {
                made.values[index] = Some(value);
                meter.ended(1, 0);
            }
            Err(error) => {
                gate.failed(index);
                made.errors.push(error);
                meter.ended(1, 1);
            }
        };
        driver.poll(cx.waker(), |(index, _), ended| note(made, index, ended));
        for _ in 0..TURN {
            if inputs.is_none() || !driver.has_room() {
                return inputs.is_none() && driver.running() == 0;
            }
            let index = made.values.len();
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
                next.map(|next| {
                    let (item, admitted) = next?;
                    Some(admitted.map(|charge| driver.take_up((index, charge), || launch(item))))
                })
            });
            match next {
                Poll::Ready(Some(Ok(slot))) => {
                    made.values.push(None);
                    driver.poll_slot(slot, &mut |(index, _), ended| note(made, index, ended));
                }
                Poll::Ready(Some(Err(refused))) => {
                    made.values.push(None);
                    made.errors.push(gate.refused(index, refused));
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
        let Self { made: Made { values, mut errors }, stopped, meter, .. } = self;
        errors.sort_unstable_by_key(BatchError::index);
        if let Some((why, Some(left))) = stopped {
            errors.extend(not_pulled(values.len(), left, why));
            meter.ended(left, left);
        }
        meter.finished();
        Report::new(values.into_iter().flatten().collect(), errors, stopped.map(|(why, _)| why))
    }
}
