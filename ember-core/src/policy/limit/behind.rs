//! The future of a call behind a limit.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::Refused;
use crate::executor::hold::Inside;
use crate::policy::PolicyError;

/// What a call has while it runs.
pub(super) trait Pass {
    /// The name of the limit.
    const LIMIT: &'static str;

    /// Called whenever a thread goes on with the call.
    fn enter(&self) -> Option<Inside>;
}

pin_project! {
    #[project = Part]
    pub(super) enum Behind<A, P, F> {
        Waits { turn: A, next: Option<F> },
        // In this order they are dropped.
        Runs { #[pin] future: F, pass: P },
        Over,
    }
}

impl<A, P, F> Behind<A, P, F> {
    pub(super) const fn new(turn: A, next: F) -> Self {
        Self::Waits { turn, next: Some(next) }
    }
}

impl<A, P, F, T, E> Future for Behind<A, P, F>
where
    A: Future<Output = Result<P, Refused>> + Unpin,
    P: Pass,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        loop {
            match self.as_mut().project() {
                Part::Waits { turn, next } => {
                    let pass = match ready!(Pin::new(turn).poll(cx)) {
                        Ok(pass) => pass,
                        Err(refused) => {
                            self.set(Self::Over);
                            return Poll::Ready(Err(refused.by(P::LIMIT)));
                        }
                    };
                    let future = next.take().expect("a call is not polled after a panic");
                    self.set(Self::Runs { future, pass });
                }
                Part::Runs { future, pass } => {
                    let inside = pass.enter();
                    let output = ready!(future.poll(cx));
                    drop(inside);
                    // The permit is back when the call has ended, however long its future is kept.
                    self.set(Self::Over);
                    return Poll::Ready(output);
                }
                Part::Over => unreachable!("a call is not polled after its end"),
            }
        }
    }
}
