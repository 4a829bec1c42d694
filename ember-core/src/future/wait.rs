//! A node that waits: an `async` operator.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::gate::Gate;
use crate::run::Halted;

/// What can be awaited.
#[diagnostic::on_unimplemented(
    message = "`.await` stands behind something that does not wait: it yields `{Self}`",
    label = "yields `{Self}`, which is no future",
    note = "remove the `.await`, or make the operator `async`"
)]
pub trait Waits {
    /// What comes of it.
    type Output;
    /// What is awaited.
    type Future: Future<Output = Self::Output>;

    /// What is awaited.
    fn future(self) -> Self::Future;
}
#[diagnostic::do_not_recommend]
impl<F: IntoFuture> Waits for F {
    type Output = F::Output;
    type Future = F::IntoFuture;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn future(self) -> F::IntoFuture {
        self.into_future()
    }
}

pin_project! {
    /// What waits, until it is there or the node must not go on.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Wait<'r, F> {
        gate: Gate<'r>,
        #[pin]
        future: F,
    }
}

/// Waits at a gate.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn wait<F: Waits>(gate: Gate<'_>, future: F) -> Wait<'_, F::Future> {
    Wait { gate, future: future.future() }
}

/// What is awaited.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn future_of<F: Waits>(future: F) -> F::Future {
    future.future()
}

impl<F: Future> Future for Wait<'_, F> {
    type Output = Result<F::Output, Halted>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = match this.gate.pass_to_poll()? {
            None => this.future.poll(cx),
            Some(carried) => carried.poll(|| this.future.poll(cx)),
        };
        polled.map(Ok)
    }
}

/// Says of the straight line of an `async` graph that it never runs: the compiler looks at it.
pub const CHECKED_ONLY: bool = false;

/// Stands for `future.await` in what never runs.
///
/// # Panics
///
/// Always.
pub fn awaited<F: Waits>(future: F) -> F::Output {
    drop(future);
    unreachable!("this is for the compiler to look at")
}

/// Stands behind what never runs.
///
/// # Panics
///
/// Always.
pub fn never_run<T>(outcome: T) -> ! {
    drop(outcome);
    unreachable!("this is for the compiler to look at")
}
