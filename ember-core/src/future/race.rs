//! Nodes that run against each other: the first that succeeds wins.

use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::gate::Gate;
use super::wait::Waits;
use crate::observe::Carried;
use crate::raw::wakes::Wakers;
use crate::run::Halted;

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

/// What the branches behind the first one give: the same as that.
#[diagnostic::on_unimplemented(
    message = "the branches of `race!` yield different types: this one `{Self}`, the first one `Result<{T}, {E}>`",
    label = "yields `{Self}`, where the first branch yields `Result<{T}, {E}>`",
    note = "any of the branches may win or fail, so all of them yield the same `Result`; let the operators agree on it, or call another one in the branch, which converts what it gets (`.map(..)`, `.map_err(..)`)"
)]
pub trait Rivals<T, E> {
    /// The value or the failure.
    ///
    /// # Errors
    ///
    /// The failure, if it is one.
    fn outcome(self) -> Result<T, E>;
}
#[diagnostic::do_not_recommend]
impl<T, E, C: Is<Result<T, E>>> Rivals<T, E> for C {
    fn outcome(self) -> Result<T, E> {
        self.it()
    }
}

/// A type, which is itself and no other.
pub trait Is<T> {
    /// The value.
    fn it(self) -> T;
}
impl<T> Is<T> for T {
    fn it(self) -> T {
        self
    }
}

/// What the first branch of a race yields.
#[derive(Debug)]
pub struct Field<T, E>(PhantomData<fn() -> (T, E)>);

impl<T, E> Clone for Field<T, E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, E> Copy for Field<T, E> {}

/// What the first branch yields.
pub fn field<T, E>(_: &Poll<Result<T, E>>) -> Field<T, E> {
    Field(PhantomData)
}

/// What is awaited of a branch.
pub fn contender<F: Waits>(branch: F) -> F::Future {
    branch.future()
}

/// Stands for a branch that has not been asked yet.
pub fn unasked<F: Future>(_: &Pin<&mut F>) -> Poll<F::Output> {
    Poll::Pending
}

/// How far the first branch is.
pub fn contends<T, E, C: Contends<T, E>>(polled: Poll<C>) -> Poll<Result<T, E>> {
    polled.map(Contends::outcome)
}

/// How far another branch is.
pub fn rivals<T, E, C: Rivals<T, E>>(_: Field<T, E>, polled: Poll<C>) -> Poll<Result<T, E>> {
    polled.map(Rivals::outcome)
}

/// Runs so many branches at the same time, and gives the value of the first that succeeds. `drive` polls a branch.
///
/// # Errors
///
/// If the run must not go on.
pub async fn race<T, E>(
    mut gate: Gate<'_>,
    branches: usize,
    mut drive: impl FnMut(usize, &mut Context<'_>) -> Poll<Result<T, E>>,
) -> Result<Result<T, Vec<E>>, Halted> {
    let mut wakers = None;
    let mut failures: Vec<Option<E>> = (0..branches).map(|_| None).collect();
    let mut left = branches;
    let mut woken = Vec::new();
    let mut course: Vec<Option<Carried>> = (0..branches).map(|_| None).collect();
    poll_fn(|cx| {
        gate.pass()?;
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
            // The branches follow their race, and a panic is that of a branch.
            let node = gate.node() + 1 + u32::try_from(branch).unwrap_or(u32::MAX);
            gate.waiting().at(node);
            let polled = match gate.observed() {
                None => drive(branch, &mut Context::from_waker(&wakers.lend(branch))),
                Some(run) => course[branch]
                    .get_or_insert_with(|| Carried::start(run, node, gate.site(node)))
                    .race(|| drive(branch, &mut Context::from_waker(&wakers.lend(branch)))),
            };
            match polled {
                Poll::Pending => {}
                Poll::Ready(Ok(value)) => {
                    gate.waiting().at(gate.node());
                    return Poll::Ready(Ok(Ok(value)));
                }
                Poll::Ready(Err(failure)) => {
                    failures[branch] = Some(failure);
                    left -= 1;
                }
            }
        }
        gate.waiting().at(gate.node());
        if left > 0 {
            return Poll::Pending;
        }
        Poll::Ready(Ok(Err(std::mem::take(&mut failures).into_iter().flatten().collect())))
    })
    .await
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
pub fn winner<T, E, const N: usize>(branches: [Poll<Result<T, E>>; N]) -> Result<T, E> {
    let done = branches.into_iter().filter_map(|branch| match branch {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    });
    done.reduce(Result::or).expect("a race has branches")
}
