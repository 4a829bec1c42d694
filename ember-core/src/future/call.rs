//! A task that is one call of an `async` operator, as most are.
//!
//! It does what the block `async { slot.set(operator(x).await) }` would, which is what other tasks are. The block would hold a
//! gate besides, and at each poll go through its own state and then the future's.

use std::future::Future;
use std::hint::cold_path;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::group::Task;
use super::order::Outcome;
use crate::observe::Carried;
use crate::raw::lazy::Lazy;
use crate::run::{Halted, Level, Signs};

/// The number of a node, as a type.
#[derive(Clone, Copy, Debug)]
pub struct Node<const NUMBER: u32>;

/// A node whose type tells its number.
pub trait Numbered {
    /// The number.
    const NUMBER: u32;
}

impl<const NUMBER: u32> Numbered for Node<NUMBER> {
    const NUMBER: u32 = NUMBER;
}

pin_project! {
    /// A task of one call. When it begins it makes what it waits for; what comes of that it writes.
    #[must_use = "tasks do nothing unless they are polled"]
    pub struct OneCall<N, M, F, W> {
        node: N,
        #[pin]
        future: Lazy<M, F>,
        write: W,
    }
}

/// A task of one call. `make` begins the call, `write` does what is to be done with its value, a `?` included.
#[inline]
pub const fn one_call<N, M, F, W>(node: N, make: M, write: W) -> OneCall<N, M, F, W>
where
    N: Numbered,
    M: FnOnce() -> F,
    F: Future,
    W: Fn(F::Output) -> Outcome,
{
    OneCall { node, future: Lazy::new(make), write }
}

impl<N, M, F, W> Task for OneCall<N, M, F, W>
where
    N: Numbered,
    M: FnOnce() -> F,
    F: Future,
    W: Fn(F::Output) -> Outcome,
{
    const IS_NOBODY: bool = false;
    const NODE: Option<u32> = Some(N::NUMBER);

    #[inline(never)]
    fn poll(
        self: Pin<&mut Self>,
        level: &Level<'_>,
        mut carried: Option<&mut Option<Carried>>,
        cx: &mut Context<'_>,
    ) -> Poll<Outcome> {
        let is_undisturbed = level.comes_to(N::NUMBER);
        let mut this = self.project();
        let polled = if let Some(made) = this.future.as_mut().made() {
            if !is_undisturbed && !goes_on(level, N::NUMBER, carried.as_deref_mut().and_then(Option::as_mut))
            {
                made.end();
                return Poll::Ready(Err(Halted));
            }
            made.poll(|future| future.poll(cx))
        } else {
            let new = this.future.to_be_made();
            if !is_undisturbed && !level.enters(N::NUMBER) {
                new.end();
                return Poll::Ready(Err(Halted));
            }
            new.poll(|future| future.poll(cx))
        };
        if polled.is_pending()
            && let Some(carried) = carried
        {
            carry(level, N::NUMBER, carried);
        }
        written(polled, this.write)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn begin(
        self: Pin<&mut Self>,
        level: &Level<'_>,
        signs: Signs<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Outcome> {
        if !signs.are_clear() {
            cold_path();
            return self.poll(level, None, cx);
        }
        let this = self.project();
        written(this.future.to_be_made().poll(|future| future.poll(cx)), this.write)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn go_on(
        self: Pin<&mut Self>,
        level: &Level<'_>,
        signs: Signs<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Outcome> {
        if !signs.are_clear() {
            cold_path();
            return self.poll(level, None, cx);
        }
        let this = self.project();
        let made = this.future.made().expect("a task is not polled after its end");
        written(made.poll(|future| future.poll(cx)), this.write)
    }
}

/// What becomes of a value, if it is there.
#[inline(always)]
fn written<T>(polled: Poll<T>, write: &impl Fn(T) -> Outcome) -> Poll<Outcome> {
    match polled {
        Poll::Pending => Poll::Pending,
        Poll::Ready(value) => Poll::Ready(write(value)),
    }
}

/// Takes the node up until it is polled again.
#[cold]
#[inline(never)]
fn carry(level: &Level<'_>, node: u32, carried: &mut Option<Carried>) {
    match carried {
        Some(carried) => carried.take_up(),
        None => *carried = level.core.take_up(node),
    }
}

/// Whether the node may go on.
#[cold]
#[inline(never)]
fn goes_on(level: &Level<'_>, node: u32, carried: Option<&mut Carried>) -> bool {
    let goes_on = level.goes_on(node);
    if !goes_on {
        level.core.left(node);
    }
    if let Some(carried) = carried {
        if goes_on { carried.put_down() } else { carried.stopped(level.core.context) }
    }
    goes_on
}
