//! The results of an `async` graph, as a stream.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_core::Stream as Items;

use super::Stream;
use super::driver::{Driver, Ended, Note};
use crate::batch::call::{CallAsync, Failure, Graph, Reading, Value, Waiting};
use crate::batch::memory::{Door, Unweighed, Weighing};
use crate::batch::{BatchError, Cause, NotBegun};
use crate::context::Context;
use crate::future::Alarm;

/// How many items are in flight if nobody says.
pub(crate) const IN_FLIGHT: usize = 64;
/// How many results one poll makes at most, before others get their turn.
pub(crate) const TURN: usize = 256;

impl<S, G, P, R, W> Stream<S, Waiting<G, P, R>, W> {
    /// The results, as a stream. They belong to the context that is current where this is called.
    pub fn results(self) -> AsyncResults<S, impl Future<Output = R>, Value<G, R>, Failure<G, R>, W>
    where
        S: Items<Item: CallAsync<G, P, R>>,
        W: Weighing<S::Item>,
        G: Graph<Reading: Reading<R>>,
    {
        let Self { items, weighing, mut options, .. } = self;
        let in_flight = options.in_flight.unwrap_or(IN_FLIGHT);
        // Each run ends with its future, so the stream needs no context of its own.
        let context = options.context.take().unwrap_or_else(Context::current);
        AsyncResults {
            items: Some(Box::pin(items)),
            door: Door::new(weighing),
            alarm: None,
            driver: Driver::new(in_flight),
            done: VecDeque::new(),
            pulled: 0,
            given: 0,
            in_flight: if context.is_in_order() { 1 } else { in_flight },
            at_once: false,
            unordered: options.unordered,
            launch: CallAsync::call,
            read: G::Reading::read,
            panicked: |index, payload| BatchError::panicked(index, G::description(), payload),
            context,
        }
    }
}

type Outcome<V, E> = Result<V, BatchError<E>>;

/// A result, and what its item keeps until it is taken; nothing if it was not let in.
type Done<V, E, C> = (Outcome<V, E>, Option<C>);

/// The results of a [`Stream`] whose graph is `async`: a stream.
///
/// When it is dropped, the runs under way are dropped, as the future of a graph is.
#[must_use = "results come when they are asked for"]
pub struct AsyncResults<S: Items, F: Future, V, E, W: Weighing<S::Item> = Unweighed> {
    /// Nothing when no more are wanted. On the heap, so that this can be moved.
    items: Option<Pin<Box<S>>>,
    door: Door<S::Item, W>,
    alarm: Option<Alarm>,
    driver: Driver<F, W::Charge>,
    /// Results that were not taken: in the order of the items, with gaps for those under way; or as they came.
    done: VecDeque<Option<Done<V, E, W::Charge>>>,
    pulled: usize,
    given: usize,
    in_flight: usize,
    /// Whether the item that was pulled last had its result at once.
    at_once: bool,
    unordered: bool,
    launch: fn(S::Item) -> F,
    read: fn(F::Output) -> Result<V, E>,
    panicked: fn(usize, Box<dyn Any + Send>) -> BatchError<E>,
    context: Context,
}

// What is polled is pinned on the heap.
impl<S: Items, F: Future, V, E, W: Weighing<S::Item>> Unpin for AsyncResults<S, F, V, E, W> {}

impl<S: Items, F: Future, V, E, W: Weighing<S::Item>> AsyncResults<S, F, V, E, W> {
    /// The next result; nothing when there are no more.
    pub async fn next(&mut self) -> Option<Outcome<V, E>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Task<'_>) -> Poll<Option<Outcome<V, E>>> {
        // While there are results and nothing else is to be done, items that wait for nothing are pulled by many together.
        if self.at_once
            && self.pulled - self.given > self.in_flight / 2
            && !self.driver.has_woken()
            && let Some(result) = self.take()
        {
            return Poll::Ready(Some(result));
        }
        let Self { driver, done, given, unordered, read, panicked, .. } = self;
        driver.poll(cx.waker(), |note, ended| {
            put(done, (!*unordered).then(|| note.0 - *given), note, ended, *read, *panicked);
        });
        if self.pull(cx) {
            // Others get their turn.
            cx.waker().wake_by_ref();
        }
        match self.take() {
            Some(result) => Poll::Ready(Some(result)),
            None if self.items.is_none() && self.given == self.pulled => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// Gives the next result, if it is there.
    fn take(&mut self) -> Option<Outcome<V, E>> {
        let (result, charge) = self.done.front_mut()?.take()?;
        drop(charge);
        self.done.pop_front();
        self.given += 1;
        Some(result)
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
                self.not_begun(NotBegun::Stopped(why));
                return false;
            }
            let Self { context, launch, door, driver, .. } = self;
            let (alone, index) = (self.pulled == self.given, self.pulled);
            // The run belongs to the context that its future is made in.
            let next = context.scope(|| {
                let next = door.poll(cx, alone, |cx| items.as_mut().poll_next(cx));
                next.map(|next| {
                    let (item, admitted) = next?;
                    Some(admitted.map(|charge| driver.take_up((index, charge), || launch(item))))
                })
            });
            let slot = match next {
                Poll::Ready(Some(Ok(slot))) => slot,
                Poll::Ready(Some(Err(refused))) => {
                    self.not_begun(refused.into());
                    continue;
                }
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
            self.pulled += 1;
            let Self { driver, done, given, unordered, read, panicked, .. } = self;
            if !*unordered {
                done.push_back(None);
            }
            self.at_once = false;
            let at_once = &mut self.at_once;
            driver.poll_slot(slot, &mut |note, ended| {
                *at_once = true;
                put(done, (!*unordered).then(|| note.0 - *given), note, ended, *read, *panicked);
            });
        }
        true
    }

    /// Gives the next item a result that says why it did not run.
    fn not_begun(&mut self, why: NotBegun) {
        let error = BatchError::new(self.pulled, Cause::NotBegun(why));
        self.pulled += 1;
        self.done.push_back(Some((Err(error), None)));
    }

    fn close(&mut self) {
        self.alarm = None;
        self.door.close();
        self.items = None;
    }
}

/// Notes what a run gave.
fn put<T, V, E, C>(
    done: &mut VecDeque<Option<Done<V, E, C>>>,
    place: Option<usize>,
    (index, charge): Note<C>,
    ended: Ended<T>,
    read: fn(T) -> Result<V, E>,
    panicked: fn(usize, Box<dyn Any + Send>) -> BatchError<E>,
) {
    let result = match ended {
        Ok(outcome) => read(outcome).map_err(|error| BatchError::new(index, Cause::Failed(error))),
        Err(payload) => Err(panicked(index, payload)),
    };
    let result = Some((result, Some(charge)));
    match place {
        Some(place) => done[place] = result,
        None => done.push_back(result),
    }
}

impl<S: Items, F: Future, V, E, W: Weighing<S::Item>> Items for AsyncResults<S, F, V, E, W> {
    type Item = Outcome<V, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

impl<S: Items, F: Future, V, E, W: Weighing<S::Item>> fmt::Debug for AsyncResults<S, F, V, E, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncResults")
            .field("pulled", &self.pulled)
            .field("given", &self.given)
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}
