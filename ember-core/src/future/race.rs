//! Nodes that run against each other: the first that succeeds wins.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use super::gate::Gate;
use super::wait::wait;
use crate::raw::wakes::Wakers;

/// What a branch of a race gives.
#[diagnostic::on_unimplemented(
    message = "a branch of `race!` yields `{Self}`, which can neither win nor lose",
    label = "yields `{Self}`, not a `Result`",
    note = "the first branch that succeeds wins, so its operators return a `Result`"
)]
pub trait Contends<T, E> {
    /// The value or the failure.
    ///
    /// # Errors
    ///
    /// The failure, if it is one.
    fn outcome(self) -> Result<T, E>;
}
#[diagnostic::do_not_recommend]
impl<T, E> Contends<T, E> for Result<T, E> {
    fn outcome(self) -> Self {
        self
    }
}

/// How far a branch is.
pub fn contends<T, E, C: Contends<T, E>>(polled: Poll<C>) -> Poll<Result<T, E>> {
    polled.map(Contends::outcome)
}

/// Runs so many branches at the same time, and gives the value of the first that succeeds. `drive` polls a branch.
///
/// # Errors
///
/// If the run must not go on.
pub async fn race<G: Gate, T, E>(
    gate: G,
    branches: usize,
    mut drive: impl FnMut(usize, &mut Context<'_>) -> Poll<Result<T, E>>,
) -> Result<Result<T, Vec<E>>, G::Stop> {
    let mut wakers = None;
    let mut failures: Vec<Option<E>> = (0..branches).map(|_| None).collect();
    let mut left = branches;
    let mut woken = Vec::new();
    let running = poll_fn(|cx| {
        let wakers = match &mut wakers {
            Some(wakers) => wakers,
            none => {
                woken.extend(0..branches);
                none.insert(Wakers::new(branches))
            }
        };
        wakers.register(cx.waker());
        wakers.take(|branch| woken.push(branch));
        for branch in woken.drain(..) {
            if failures[branch].is_some() {
                continue;
            }
            match wakers.with(branch, |waker| drive(branch, &mut Context::from_waker(waker))) {
                Poll::Pending => {}
                Poll::Ready(Ok(value)) => return Poll::Ready(Ok(value)),
                Poll::Ready(Err(failure)) => {
                    failures[branch] = Some(failure);
                    left -= 1;
                }
            }
        }
        if left > 0 {
            return Poll::Pending;
        }
        Poll::Ready(Err(std::mem::take(&mut failures).into_iter().flatten().collect()))
    });
    wait(gate, pin!(running)).await
}

/// Stands for a race in what never runs.
///
/// # Errors
///
/// If no branch has succeeded.
///
/// # Panics
///
/// Without branches.
pub fn winner<T, E, C: Contends<T, E>, const N: usize>(branches: [C; N]) -> Result<T, E> {
    branches.into_iter().map(Contends::outcome).reduce(Result::or).expect("a race has branches")
}
