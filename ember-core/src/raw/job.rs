//! A call that borrows from a run, run by another thread.
//!
//! The call is boxed, and its lifetime is taken from it, so that a pool takes it. What it borrows lives in the frame of a
//! run, in front of the [`Running`] that stands for the call there. A `Running` that is dropped waits until the call has
//! returned and all that it owned is dropped. So the borrows hold wherever a `Running` is dropped before what the
//! call borrows, and that is what `'r` says, unless somebody forgets one: this only the future of a
//! run could do, which is pinned, owns all that its calls borrow, and is never forgotten in parts. Runs do not let it
//! come to that: they drop their frames when no call runs ([`launch`](crate::future)), so nobody ever waits.

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What a thread of a pool runs.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// What became of a call: its value, or the payload of its panic.
pub(crate) type Outcome<T> = Result<T, Box<dyn Any + Send>>;

struct Call<T> {
    state: Mutex<State<T>>,
    over: Condvar,
}

struct State<T> {
    outcome: Option<Outcome<T>>,
    /// The call has returned, and nothing that it owned is left.
    over: bool,
    waker: Option<Waker>,
}

impl<T> Call<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, outcome: Option<Outcome<T>>) {
        let mut state = self.lock();
        if state.over {
            return;
        }
        state.outcome = outcome;
        state.over = true;
        let waker = state.waker.take();
        drop(state);
        self.over.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A call on its way to another thread. The function goes before `ends` does, also if the pool drops it without running it.
struct Pending<F, T> {
    f: F,
    ends: Ends<T>,
}

struct Ends<T>(Arc<Call<T>>);

impl<F: FnOnce() -> T, T> Pending<F, T> {
    fn run(self) {
        let Self { f, ends } = self;
        let outcome = catch_unwind(AssertUnwindSafe(f));
        ends.0.end(Some(outcome));
    }
}

impl<T> Drop for Ends<T> {
    fn drop(&mut self) {
        self.0.end(None);
    }
}

/// A call that another thread runs, and that borrows for `'r`.
pub(crate) struct Running<'r, T> {
    call: Arc<Call<T>>,
    borrows: PhantomData<&'r ()>,
}

impl<'r, T: Send + 'r> Running<'r, T> {
    /// Gives a call to a pool.
    pub(crate) fn start(f: impl FnOnce() -> T + Send + 'r, spawn: impl FnOnce(Job)) -> Self {
        let state = State { outcome: None, over: false, waker: None };
        let call = Arc::new(Call { state: Mutex::new(state), over: Condvar::new() });
        let pending = Pending { f, ends: Ends(call.clone()) };
        let job: Box<dyn FnOnce() + Send + 'r> = Box::new(move || pending.run());
        let running = Self { call, borrows: PhantomData };
        // SAFETY: only the lifetime of what `f` borrows is taken away. `f` is used up by the call, or dropped with
        // `Pending`, before `over` is set, and the outcome is taken out by whoever has `running`. `running` lives no longer
        // than `'r`, and waits for `over` when it is dropped.
        let job = unsafe { std::mem::transmute::<Box<dyn FnOnce() + Send + 'r>, Job>(job) };
        spawn(job);
        running
    }
}

impl<T> Running<'_, T> {
    /// Asks whether the call is over. Nothing comes of one that was dropped without having run.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<Outcome<T>>> {
        let mut state = self.call.lock();
        if state.over {
            return Poll::Ready(state.outcome.take());
        }
        if !state.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            state.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        let mut state = self.call.lock();
        while !state.over {
            state = self.call.over.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let outcome = state.outcome.take();
        drop(state);
        drop(outcome);
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
