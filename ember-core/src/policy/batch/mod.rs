//! One call for the items of several callers.
//!
//! In reading order: `machine` knows who is in which batch, and neither time nor calls; `answers` is what each item gets of
//! what a call gives; `call` is what is called, for whom and in which context; here is how threads and futures wait.

mod answers;
mod builder;
mod call;
mod machine;

#[cfg(all(test, not(loom)))]
mod tests;

use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::Poll;
use std::time::{Duration, Instant};

use self::call::{Taken, running};
use self::machine::{Kind, Lead, Machine, Turn};
use super::PolicyError;
use super::time::Time;
use super::wait::patience::Patience;
use super::wait::turn;
use crate::Context;
use crate::executor::hold;
use crate::watch::{Line, State, Watch};

pub use self::answers::{Answers, WrongCount};
pub use self::builder::BatcherBuilder;

/// What an item gets.
type Answer<O, E> = Result<O, PolicyError<E>>;
/// A call that is under way: the answers, with the numbers of those who wait for them.
type Call<O, E> = Pin<Box<dyn Future<Output = Vec<(u64, Answer<O, E>)>> + Send>>;
type Of<I, O, E, K> = Machine<Given<I>, Answer<O, E>, K, Call<O, E>>;
type Leading<'b, I, O, E, K> = Lead<'b, Given<I>, Answer<O, E>, K, Call<O, E>>;

/// Gathers calls with one item each into calls with many: for a model, a database or a service that takes many items at
/// the price of one.
///
/// ```
/// use ember_core::policy::Batcher;
/// use std::thread;
/// use std::time::Duration;
///
/// /// One request for many texts.
/// fn embed(texts: &[String]) -> Vec<usize> {
///     texts.iter().map(String::len).collect()
/// }
///
/// let batcher: Batcher<String, usize, std::io::Error> =
///     Batcher::builder().max(8).wait(Duration::from_secs(60)).build()?;
///
/// // Eight are a batch, so nobody waits for a minute.
/// thread::scope(|scope| {
///     for n in 0..8 {
///         let batcher = &batcher;
///         scope.spawn(move || {
///             let length = batcher.call("x".repeat(n), |texts| embed(&texts));
///             assert_eq!(length.unwrap(), n);
///         });
///     }
/// });
/// assert_eq!((batcher.batches(), batcher.items()), (1, 8));
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
///
/// # When a batch goes
///
/// When it has [`max`](BatcherBuilder::max) items, or [`wait`](BatcherBuilder::wait) after its first one came, whichever is
/// first, if fewer than [`in_flight`](BatcherBuilder::in_flight) batches are under way; else as soon as one of those ends, in
/// the order in which batches began, and what comes meanwhile still joins it. So a lone call is delayed by no more than
/// `wait`. A caller that has many items by itself hands them over by [`call_all`](Self::call_all), without any wait. At
/// most [`queue`](BatcherBuilder::queue) items wait; the next one is refused by [`PolicyError::full`].
///
/// With a key (`K`, and [`call_with`](Self::call_with)) only calls of equal keys share a batch. Threads and futures never
/// do: a thread that waits may be the one that would have to poll the future's call.
///
/// # Who makes the call
///
/// One of those who wait, by the function that it has brought along; all must bring the same. A future polls the call when it is
/// polled itself. If it is dropped meanwhile, another that waits goes on with the call, and it is dropped if none is left.
/// A future that waits must not be set aside, as by a `select!` that polls it by reference and goes on without it: it may be
/// the one that the others wait for.
///
/// A caller that is dropped, cancelled or past its deadline before its batch goes is taken out of it, with its item. One
/// that gives up later gets nothing, and the call goes on for the others.
///
/// The call runs in a [`Context`] of its own, below none of the callers: its deadline is the latest of theirs, if all have
/// one; its correlation id lists theirs; its strategy is theirs, if they agree, and its runtime that of the first. If all of
/// them are in one context, it is that.
///
/// # What goes wrong
///
/// A failure of the whole call, a wrong number of results ([`WrongCount`]) and a panic are those of each item in the batch, and of
/// no other. A `Result` for an item is that item's.
///
/// # A call inside of a call
///
/// Items that come from inside of a call of the same batcher, as where the function calls itself by way of a graph, would
/// wait for a place in flight that the call holds. They go at once and alone, beside the bound. Two batchers whose functions
/// call each other in turns can still wait for each other, if both bounds are reached.
pub struct Batcher<I, O, E, K = ()> {
    machine: Of<I, O, E, K>,
    wait: Duration,
    time: Time,
    batches: AtomicU64,
    items: AtomicU64,
    refused: AtomicU64,
}

/// An item, and the context of its caller.
struct Given<I> {
    item: I,
    context: Context,
}

impl<I, O, E, K> Batcher<I, O, E, K> {
    /// Up to 64 items after 2 ms, if nothing else is said.
    pub fn builder() -> BatcherBuilder<I, O, E, K> {
        BatcherBuilder::default()
    }
}

/// Without keys.
impl<I, O, E> Batcher<I, O, E> {
    /// Gives an item to the next batch, and waits for what becomes of it. A thread that waits takes part in other work
    /// meanwhile where it can.
    ///
    /// # Errors
    ///
    /// What the call failed with; [`PolicyError::full`] if too many items wait; [`PolicyError::stopped`] if the caller's run
    /// was stopped while it waited; [`PolicyError::invalid`] with a [`WrongCount`]; [`PolicyError::panicked`].
    pub fn call<A: Answers<O, E>>(
        &self,
        item: I,
        next: impl FnOnce(Vec<I>) -> A,
    ) -> Result<O, PolicyError<E>> {
        self.call_with((), item, next)
    }

    /// The same for a call that is a future. Nothing is done before it is polled.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_async<N, F>(&self, item: I, next: N) -> Result<O, PolicyError<E>>
    where
        I: Send + 'static,
        O: Send + 'static,
        E: Send + 'static,
        N: FnOnce(Vec<I>) -> F + Send + 'static,
        F: Future<Output: Answers<O, E>> + Send + 'static,
    {
        self.call_with_async((), item, next).await
    }
}

/// With keys: calls of equal keys share a batch.
impl<I, O, E, K: Hash + Eq + Clone> Batcher<I, O, E, K> {
    /// [`call`](Self::call) under a key.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn call_with<A: Answers<O, E>>(
        &self,
        key: K,
        item: I,
        next: impl FnOnce(Vec<I>) -> A,
    ) -> Result<O, PolicyError<E>> {
        if hold::is_inside_of(self.id()) {
            return only(self.run(vec![item], next));
        }
        let context = Context::current();
        let due = self.due(&context);
        let given = Given { item, context: context.clone() };
        let mut place = self.machine.join(Kind::Thread, key, given, due).map_err(|_| self.full())?;
        let (mut next, mut until) = (Some(next), None);
        loop {
            match turn::wait(&mut place, until, &self.time, &context).map_err(PolicyError::stopped)? {
                None => {
                    place.ring();
                    until = None;
                }
                Some(Turn::Watch(due)) => until = due,
                Some(Turn::Lead(mut lead)) => {
                    let Some(next) = next.take() else { return Err(lost()) };
                    let Taken { numbers, items, context, mut answers } = Taken::new(&mut lead);
                    if let Some(context) = context {
                        answers.extend(numbers.into_iter().zip(context.scope(|| self.run(items, next))));
                    }
                    lead.land(answers);
                }
                Some(Turn::Answer(answer)) => return answer,
                Some(Turn::Lost | Turn::Fly(_)) => return Err(lost()),
            }
        }
    }

    /// [`call_async`](Batcher::call_async) under a key.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn call_with_async<N, F>(&self, key: K, item: I, next: N) -> Result<O, PolicyError<E>>
    where
        I: Send + 'static,
        O: Send + 'static,
        E: Send + 'static,
        N: FnOnce(Vec<I>) -> F + Send + 'static,
        F: Future<Output: Answers<O, E>> + Send + 'static,
    {
        if hold::is_inside_of(self.id()) {
            return only(running(self.id(), self.count(1), vec![item], next).await);
        }
        let context = Context::current();
        let due = self.due(&context);
        let given = Given { item, context: context.clone() };
        let mut place = self.machine.join(Kind::Future, key, given, due).map_err(|_| self.full())?;
        let mut patience = Patience::new(context.clone(), None, &self.time);
        let (mut next, mut has_let_others_pass) = (Some(next), false);
        poll_fn(|task| {
            loop {
                if let Err(why) = patience.register(task.waker()) {
                    return Poll::Ready(Err(PolicyError::stopped(why)));
                }
                if patience.is_over(&self.time) {
                    place.ring();
                }
                match place.poll(task.waker()) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Turn::Watch(due)) => {
                        patience = Patience::new(context.clone(), due, &self.time);
                        // What is there is polled by the same task or in the same breath, and could not come before.
                        if patience.is_over(&self.time) && !has_let_others_pass {
                            has_let_others_pass = true;
                            task.waker().wake_by_ref();
                            return Poll::Pending;
                        }
                    }
                    Poll::Ready(Turn::Lead(lead)) => {
                        let Some(next) = next.take() else { return Poll::Ready(Err(lost())) };
                        self.take_off(lead, next);
                    }
                    Poll::Ready(Turn::Fly(fly)) => {
                        if fly.poll(|call| call.as_mut().poll(task)).is_pending() {
                            return Poll::Pending;
                        }
                    }
                    Poll::Ready(Turn::Answer(answer)) => return Poll::Ready(answer),
                    Poll::Ready(Turn::Lost) => return Poll::Ready(Err(lost())),
                }
            }
        })
        .await
    }

    /// Hands over items that are there already, in batches of up to `max`, one after the other and without waiting for more. Gives
    /// a result for each, in order.
    ///
    /// ```
    /// use ember_core::policy::Batcher;
    ///
    /// let doubled: Batcher<u32, u32, std::fmt::Error> = Batcher::builder().max(4).build()?;
    /// let results = doubled.call_all(0..10, |items| items.iter().map(|n| 2 * n).collect::<Vec<_>>());
    ///
    /// let results: Vec<u32> = results.into_iter().flatten().collect();
    /// assert_eq!(results, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    /// assert_eq!(doubled.batches(), 3);
    /// # Ok::<(), ember_core::policy::Invalid>(())
    /// ```
    pub fn call_all<A: Answers<O, E>>(
        &self,
        items: impl IntoIterator<Item = I>,
        mut next: impl FnMut(Vec<I>) -> A,
    ) -> Vec<Result<O, PolicyError<E>>> {
        let (mut items, mut answers) = (items.into_iter(), Vec::new());
        loop {
            let batch: Vec<I> = items.by_ref().take(self.machine.max()).collect();
            if batch.is_empty() {
                return answers;
            }
            answers.extend(self.call_lot(batch, &mut next));
        }
    }

    /// One batch of [`call_all`](Self::call_all).
    pub(crate) fn call_lot<A: Answers<O, E>>(
        &self,
        items: Vec<I>,
        next: impl FnOnce(Vec<I>) -> A,
    ) -> Vec<Result<O, PolicyError<E>>> {
        let count = items.len();
        let all = |error: fn() -> PolicyError<E>| iter::repeat_with(|| Err(error())).take(count).collect();
        if hold::is_inside_of(self.id()) {
            return self.run(items, next);
        }
        let context = Context::current();
        let Ok(mut place) = self.machine.join_whole(count) else {
            return iter::repeat_with(|| Err(self.full())).take(count).collect();
        };
        loop {
            match turn::wait(&mut place, None, &self.time, &context) {
                Err(why) => {
                    return iter::repeat_with(|| Err(PolicyError::stopped(why))).take(count).collect();
                }
                Ok(Some(Turn::Lead(lead))) => {
                    let answers = self.run(items, next);
                    drop(lead);
                    return answers;
                }
                Ok(Some(Turn::Watch(_)) | None) => {}
                Ok(Some(Turn::Answer(_) | Turn::Lost | Turn::Fly(_))) => return all(lost),
            }
        }
    }

    /// When a batch that begins in a context is due.
    fn due(&self, context: &Context) -> Option<Instant> {
        self.time.now(context).checked_add(self.wait)
    }

    /// Makes a call in the current context.
    fn run<A: Answers<O, E>>(&self, items: Vec<I>, next: impl FnOnce(Vec<I>) -> A) -> Vec<Answer<O, E>> {
        let count = self.count(items.len());
        let inside = hold::enter(self.id());
        let outcome = catch_unwind(AssertUnwindSafe(|| next(items).spread(count)));
        drop(inside);
        outcome.unwrap_or_else(|payload| answers::panicked(payload, count))
    }

    /// Leaves the call of a batch to those who wait for it.
    fn take_off<N, F>(&self, mut lead: Leading<'_, I, O, E, K>, next: N)
    where
        I: Send + 'static,
        O: Send + 'static,
        E: Send + 'static,
        N: FnOnce(Vec<I>) -> F + Send + 'static,
        F: Future<Output: Answers<O, E>> + Send + 'static,
    {
        let Taken { numbers, items, context, mut answers } = Taken::new(&mut lead);
        let Some(context) = context else { return lead.land(answers) };
        let call = running(self.id(), self.count(items.len()), items, next);
        lead.park(Box::pin(async move {
            let mut call = Box::pin(call);
            let given = poll_fn(|task| context.scope(|| call.as_mut().poll(task))).await;
            answers.extend(numbers.into_iter().zip(given));
            answers
        }));
    }

    /// Counts a batch that goes.
    fn count(&self, items: usize) -> usize {
        self.batches.fetch_add(1, Relaxed);
        self.items.fetch_add(items as u64, Relaxed);
        items
    }
}

/// Gauges.
impl<I, O, E, K> Batcher<I, O, E, K> {
    /// How many items wait for their batch to go.
    pub fn waiting(&self) -> usize {
        self.machine.waiting()
    }

    /// How many batches are under way.
    pub fn in_flight(&self) -> usize {
        self.machine.flying()
    }

    /// How many batches have gone so far.
    pub fn batches(&self) -> u64 {
        self.batches.load(Relaxed)
    }

    /// How many items have gone so far.
    pub fn items(&self) -> u64 {
        self.items.load(Relaxed)
    }

    /// How many items have been refused so far, as too many waited.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// How many items a batch has at most.
    pub fn max(&self) -> usize {
        self.machine.max()
    }

    /// An item is refused, and counted as that.
    #[cold]
    fn full(&self) -> PolicyError<E> {
        self.refused.fetch_add(1, Relaxed);
        PolicyError::full("queue", None)
    }

    /// What tells it from limits while it is there.
    fn id(&self) -> usize {
        ptr::from_ref(self).addr()
    }
}

impl<I, O, E, K> fmt::Debug for Batcher<I, O, E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher")
            .field("max", &self.max())
            .field("wait", &self.wait)
            .field("waiting", &self.waiting())
            .field("in_flight", &self.in_flight())
            .field("batches", &self.batches())
            .field("items", &self.items())
            .field("refused", &self.refused())
            .finish_non_exhaustive()
    }
}

fn only<O, E>(answers: Vec<Answer<O, E>>) -> Answer<O, E> {
    answers.into_iter().next().unwrap_or_else(|| Err(lost()))
}

/// Who made the call left it by a panic that was not the call's.
fn lost<E>() -> PolicyError<E> {
    PolicyError::panicked(Box::new("the call of a batch was given up"))
}

impl<I, O, E, K> Watch for Batcher<I, O, E, K> {
    fn watch(&self) -> State {
        State::Batcher {
            line: Line::new(self.waiting(), self.machine.most_waiting(), self.refused()),
            in_flight: self.in_flight(),
            batches: self.batches(),
            items: self.items(),
        }
    }
}
