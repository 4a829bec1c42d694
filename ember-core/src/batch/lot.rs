//! Some items of a batch that one thread runs one after the other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::error::{BatchError, Cause, NotBegun};
use crate::context::Context;

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

    /// Notes that an item failed.
    #[cold]
    pub(crate) fn failed(&self, index: usize) {
        if self.fail_fast {
            self.first_failed.fetch_min(index, Relaxed);
        }
    }
}

/// Runs the items of a lot, in order. Each gives a result, also where it panics. Tells how many have none that is good.
pub(crate) fn run<T, V, E>(
    gate: &Gate,
    first: usize,
    items: Vec<T>,
    call: impl Fn(T) -> Result<V, E>,
    panicked: impl Fn(usize, Box<dyn Any + Send>) -> BatchError<E>,
) -> (Vec<Result<V, BatchError<E>>>, usize) {
    let mut results = Vec::with_capacity(items.len());
    let (mut items, mut failed) = (items.into_iter(), 0);
    loop {
        let through = catch_unwind(AssertUnwindSafe(|| {
            for item in items.by_ref() {
                let index = first + results.len();
                let result = match gate.keeps_out(index) {
                    None => call(item).map_err(|error| {
                        gate.failed(index);
                        Cause::Failed(error)
                    }),
                    Some(why) => {
                        drop(item);
                        Err(Cause::NotBegun(why))
                    }
                };
                results.push(result.map_err(|cause| {
                    failed += 1;
                    BatchError::new(index, cause)
                }));
            }
        }));
        let Err(payload) = through else { return (results, failed) };
        let index = first + results.len();
        failed += 1;
        gate.failed(index);
        results.push(Err(panicked(index, payload)));
    }
}
