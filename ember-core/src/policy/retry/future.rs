//! Attempts one after the other, as a future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::course::{Course, Wait};
use super::{Before, Class};
use crate::policy::PolicyError;
use crate::policy::wait::moment::Doze;

pin_project! {
    /// The future of a call that is made again; see [`Retry::call_async`](super::Retry::call_async).
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Attempts<'r, N, K, F, E> {
        before: Before<'r>,
        next: N,
        classify: K,
        attempt: u32,
        // Since the first failure.
        course: Option<Course<'r, E>>,
        #[pin]
        stage: Stage<'r, F>,
    }
}

pin_project! {
    #[project = Part]
    enum Stage<'r, F> {
        Begins,
        Calls { #[pin] call: F },
        Waits { wait: Option<Wait<'r>>, doze: Doze },
    }
}

/// What makes the call of an attempt.
pub trait Next<F> {
    /// The call of the attempt of this number, of so many at most.
    fn next(&mut self, attempt: u32, most: u32) -> F;
}

impl<F, N: FnMut(u32) -> F> Next<F> for N {
    fn next(&mut self, attempt: u32, _: u32) -> F {
        self(attempt)
    }
}

/// A function that is told whether no attempt can follow.
#[derive(Debug)]
pub struct TellsLast<N>(pub N);

impl<F, N: FnMut(bool) -> F> Next<F> for TellsLast<N> {
    fn next(&mut self, attempt: u32, most: u32) -> F {
        (self.0)(attempt == most)
    }
}

impl<'r, N, K, F, E> Attempts<'r, N, K, F, E> {
    pub(in crate::policy) const fn new(before: Before<'r>, next: N, classify: K) -> Self {
        Self { before, next, classify, attempt: 1, course: None, stage: Stage::Begins }
    }
}

impl<T, E, N, K, F> Future for Attempts<'_, N, K, F, E>
where
    N: Next<F>,
    K: Fn(&E) -> Class,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        loop {
            match this.stage.as_mut().project() {
                Part::Begins => {
                    let call = this.next.next(*this.attempt, this.before.retry.attempts);
                    this.stage.set(Stage::Calls { call });
                }
                Part::Calls { call } => {
                    let failure = match ready!(call.poll(cx)) {
                        Ok(output) => {
                            this.before.retry.succeeded();
                            return Poll::Ready(Ok(output));
                        }
                        Err(failure) => failure,
                    };
                    // Nothing is held while it waits.
                    this.stage.set(Stage::Begins);
                    let course = this.course.get_or_insert_with(|| this.before.course());
                    let wait = course.failed(failure, this.classify)?;
                    let doze = Doze::new(wait.delay, course.context());
                    this.stage.set(Stage::Waits { wait: Some(wait), doze });
                }
                Part::Waits { wait, doze } => {
                    let course = this.course.as_mut().expect("it waits since a failure");
                    let outcome = ready!(doze.poll(course.context(), cx));
                    let wait = wait.take().expect("it waits once");
                    *this.attempt = course.waited(wait, outcome)?;
                    this.stage.set(Stage::Begins);
                }
            }
        }
    }
}
