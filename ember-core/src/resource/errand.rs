//! A job on another thread that a future waits for.

use std::future::{Future, poll_fn};
use std::mem;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::error::{Cause, Gone};
use crate::sync::{Mutex, lock};

enum State<R> {
    Runs(Option<Waker>),
    Done(R),
    Gone,
}

/// The end of the job. Dropped, nothing will come of it.
pub(super) struct Errand<R>(Arc<Mutex<State<R>>>);

/// Both ends.
pub(super) fn new<R>() -> (Errand<R>, impl Future<Output = Result<R, Cause>>) {
    let state = Arc::new(Mutex::new(State::Runs(None)));
    let errand = Errand(state.clone());
    let outcome = poll_fn(move |task| {
        let waker = task.waker().clone();
        let mut state = lock(&state);
        match &mut *state {
            State::Runs(place) => {
                let old = place.replace(waker);
                drop(state);
                drop(old);
                Poll::Pending
            }
            State::Done(_) => match mem::replace(&mut *state, State::Gone) {
                State::Done(outcome) => Poll::Ready(Ok(outcome)),
                _ => unreachable!("it was looked at under the same lock"),
            },
            State::Gone => Poll::Ready(Err(Arc::new(Gone) as Cause)),
        }
    });
    (errand, outcome)
}

impl<R> Errand<R> {
    /// Brings what came of it.
    pub(super) fn done(self, outcome: R) {
        self.end(State::Done(outcome));
    }

    fn end(&self, end: State<R>) {
        let mut state = lock(&self.0);
        if matches!(*state, State::Runs(_)) {
            let was = mem::replace(&mut *state, end);
            drop(state);
            if let State::Runs(Some(waker)) = was {
                waker.wake();
            }
        }
    }
}

impl<R> Drop for Errand<R> {
    fn drop(&mut self) {
        self.end(State::Gone);
    }
}
