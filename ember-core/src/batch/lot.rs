//! Some items of a batch that one thread runs one after the other.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::call::{Call, Failure, Graph, Reading, Value};
use super::error::{BatchError, Cause, NotBegun};
use crate::context::Context;
use crate::executor::InALot;
use crate::policy::Refused;

/// What decides whether the next item may begin.
pub(crate) struct Gate {
    pub(crate) context: Context,
    fail_fast: bool,
    /// The first item that failed.
    first_failed: AtomicUsize,
}

impl Gate {
    pub(crate) fn new(context: Context, fail_fast: bool) -> Self {
        Self { context, fail_fast, first_failed: AtomicUsize::new(usize::MAX) }
    }

    /// Why an item must not begin, if it must not.
    #[inline]
    pub(crate) fn keeps_out(&self, index: usize) -> Option<NotBegun> {
        if let Some(why) = self.context.__stopped() {
            return Some(NotBegun::Stopped(why));
        }
        let failed = self.first_failed.load(Relaxed);
        (failed < index).then_some(NotBegun::FailedBefore { index: failed })
    }

    /// Calls the graph with an item, if it may begin.
    #[inline(always)]
    fn pass<T, V, E>(
        &self,
        index: usize,
        item: T,
        call: impl Fn(T) -> Result<V, E>,
    ) -> Result<V, BatchError<E>> {
        let cause = match self.keeps_out(index) {
            None => match call(item) {
                Ok(value) => return Ok(value),
                Err(error) => {
                    self.failed(index);
                    Cause::Failed(error)
                }
            },
            Some(why) => {
                drop(item);
                Cause::NotBegun(why)
            }
        };
        Err(BatchError::new(index, cause))
    }

    /// What becomes of an item that was not let in.
    #[cold]
    pub(crate) fn refused<E>(&self, index: usize, refused: Refused) -> BatchError<E> {
        self.failed(index);
        BatchError::new(index, Cause::NotBegun(refused.into()))
    }

    /// Notes that an item failed.
    #[cold]
    pub(crate) fn failed(&self, index: usize) {
        if self.fail_fast {
            self.first_failed.fetch_min(index, Relaxed);
        }
    }
}

/// Calls a graph with the items of a lot. The first asks how it is to run; where that is a matter of course, the others do not.
pub(crate) fn calls<T, G, P, R>(context: &Context) -> impl Fn(T) -> Result<Value<G, R>, Failure<G, R>>
where
    G: Graph<Reading: Reading<R>> + Call<T, P, R>,
{
    let goes_straight = Cell::new(false);
    move |arguments| {
        G::Reading::read(if goes_straight.get() {
            G::call_straight(arguments)
        } else {
            goes_straight.set(G::goes_straight(context));
            G::call(arguments)
        })
    }
}

/// Runs the items of a lot, in order. Each gives a result, also where it panics.
pub(crate) fn run<T, V, E>(
    gate: &Gate,
    first: usize,
    items: Vec<T>,
    refused: Option<Refused>,
    call: impl Fn(T) -> Result<V, E>,
    panicked: impl Fn(usize, Box<dyn Any + Send>) -> BatchError<E>,
    mut give: impl FnMut(Result<V, BatchError<E>>),
) {
    let _here = InALot::enter();
    let (mut items, mut index) = (items.into_iter(), first);
    loop {
        let through = catch_unwind(AssertUnwindSafe(|| {
            for item in items.by_ref() {
                let result = gate.pass(index, item, &call);
                index += 1;
                give(result);
            }
        }));
        let Err(payload) = through else { break };
        gate.failed(index);
        give(Err(panicked(index, payload)));
        index += 1;
    }
    if let Some(refused) = refused {
        give(Err(gate.refused(index, refused)));
    }
}

/// The same, with the results in a vector.
pub(crate) fn collect<T, V, E>(
    gate: &Gate,
    first: usize,
    items: Vec<T>,
    refused: Option<Refused>,
    call: impl Fn(T) -> Result<V, E>,
    panicked: impl Fn(usize, Box<dyn Any + Send>) -> BatchError<E>,
) -> Vec<Result<V, BatchError<E>>> {
    let mut results = Vec::with_capacity(items.len() + usize::from(refused.is_some()));
    run(gate, first, items, refused, call, panicked, |result| results.push(result));
    results
}
