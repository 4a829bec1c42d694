//! The results of an `async` graph, as a stream.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_core::Stream as Items;

use super::Stream;
use super::driver::{Driver, Ended};
use crate::batch::call::{CallAsync, Failure, Graph, Reading, Value, Waiting};
use crate::batch::{BatchError, Cause, NotBegun};
use crate::context::Context;
use crate::future::Alarm;

/// How many items are in flight if nobody says.
pub(crate) const IN_FLIGHT: usize = 64;
/// How many results one poll makes at most, before others get their turn.
pub(crate) const TURN: usize = 256;

impl<S, G, P, R> Stream<S, Waiting<G, P, R>> {
    /// The results, as a stream. They belong to the context that is current where this is called.
    pub fn results(self) -> AsyncResults<S, impl Future<Output = R>, Value<G, R>, Failure<G, R>>
    where
        S: Items<Item: CallAsync<G, P, R>>,
        G: Graph<Reading: Reading<R>>,
    {
        let Self { items, mut options, .. } = self;
        let in_flight = options.in_flight.unwrap_or(IN_FLIGHT);
        // Each run ends with its future, so the stream needs no context of its own.
        let context = options.context.take().unwrap_or_else(Context::current);
        AsyncResults {
            items: Some(Box::pin(items)),
            alarm: None,
            driver: Driver::new(in_flight),
            done: VecDeque::new(),
            pulled: 0,
            given: 0,
            in_flight: if context.is_in_order() { 1 } else { in_flight },
            unordered: options.unordered,
            launch: CallAsync::call,
            read: G::Reading::read,
            panicked: |index, payload| BatchError::panicked(index, G::description(), payload),
            context,
        }
    }
}

type Outcome<V, E> = Result<V, BatchError<E>>;

/// The results of a [`Stream`] whose graph is `async`: a stream.
///
/// When it is dropped, the runs under way are dropped, as the future of a graph is.
#[must_use = "results come when they are asked for"]
pub struct AsyncResults<S: Items, F: Future, V, E> {
    /// Nothing when no more are wanted. On the heap, so that this can be moved.
    items: Option<Pin<Box<S>>>,
    alarm: Option<Alarm>,
    driver: Driver<F>,
    /// Results that were not taken: in the order of the items, with gaps for those under way; or as they came.
    done: VecDeque<Option<Outcome<V, E>>>,
    pulled: usize,
    given: usize,
    in_flight: usize,
    unordered: bool,
    launch: fn(S::Item) -> F,
    read: fn(F::Output) -> Result<V, E>,
    panicked: fn(usize, Box<dyn Any + Send>) -> BatchError<E>,
    context: Context,
}

// What is polled is pinned on the heap.
impl<S: Items, F: Future, V, E> Unpin for AsyncResults<S, F, V, E> {}

impl<S: Items, F: Future, V, E> AsyncResults<S, F, V, E> {
    /// The next result; nothing when there are no more.
    pub async fn next(&mut self) -> Option<Outcome<V, E>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Task<'_>) -> Poll<Option<Outcome<V, E>>> {
        let Self { driver, done, given, unordered, read, panicked, .. } = self;
        driver.poll(cx.waker(), |index, ended| {
            put(done, (!*unordered).then(|| index - *given), index, ended, *read, *panicked);
        });
        if self.pull(cx) {
            // Others get their turn.
            cx.waker().wake_by_ref();
        }
        if let Some(first) = self.done.front_mut()
            && let Some(result) = first.take()
        {
            self.done.pop_front();
            self.given += 1;
            return Poll::Ready(Some(result));
        }
        if self.items.is_none() && self.given == self.pulled { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Pulls items while there is room. Tells whether it could go on.
    fn pull(&mut self, cx: &mut Task<'_>) -> bool {
        for _ in 0..TURN {
            let Some(items) = &mut self.items else { return false };
            if self.pulled - self.given >= self.in_flight || !self.driver.has_room() {
                return false;
            }
            if let Some(why) = self.context.__stopped() {
                self.close();
                let error = BatchError::new(self.pulled, Cause::NotBegun(NotBegun::Stopped(why)));
                self.pulled += 1;
                self.done.push_back(Some(Err(error)));
                return false;
            }
            let (context, launch) = (&self.context, self.launch);
            // The run belongs to the context that its future is made in.
            let future = match context.scope(|| items.as_mut().poll_next(cx).map(|item| item.map(launch))) {
                Poll::Ready(Some(future)) => future,
                Poll::Ready(None) => {
                    self.close();
                    return false;
                }
                Poll::Pending => {
                    // Else it would not be seen that the context stops.
                    self.alarm.get_or_insert_with(|| Alarm::new(context)).poll(context, cx);
                    if self.context.__stopped().is_some() {
                        continue;
                    }
                    return false;
                }
            };
            let index = self.pulled;
            self.pulled += 1;
            let Self { driver, done, given, unordered, read, panicked, .. } = self;
            if !*unordered {
                done.push_back(None);
            }
            driver.start(index, future, |index, ended| {
                put(done, (!*unordered).then(|| index - *given), index, ended, *read, *panicked);
            });
        }
        true
    }

    fn close(&mut self) {
        self.alarm = None;
        self.items = None;
    }
}

/// Notes what a run gave.
fn put<T, V, E>(
    done: &mut VecDeque<Option<Outcome<V, E>>>,
    place: Option<usize>,
    index: usize,
    ended: Ended<T>,
    read: fn(T) -> Result<V, E>,
    panicked: fn(usize, Box<dyn Any + Send>) -> BatchError<E>,
) {
    let result = match ended {
        Ok(outcome) => read(outcome).map_err(|error| BatchError::new(index, Cause::Failed(error))),
        Err(payload) => Err(panicked(index, payload)),
    };
    match place {
        Some(place) => done[place] = Some(result),
        None => done.push_back(Some(result)),
    }
}

impl<S: Items, F: Future, V, E> Items for AsyncResults<S, F, V, E> {
    type Item = Outcome<V, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

impl<S: Items, F: Future, V, E> fmt::Debug for AsyncResults<S, F, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncResults")
            .field("pulled", &self.pulled)
            .field("given", &self.given)
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}
