//! Calls that are left behind when their time is up: they run on threads of a bounded set.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use super::Timeout;
use crate::context::{Context, Watch};
use crate::error::__discard;
use crate::executor::hold::Around;
use crate::policy::{PolicyError, catch};

/// How many threads there are at most, for all calls of the process that may be left behind.
const MOST: usize = 64;
/// How long a thread without work stays.
const LINGER: Duration = Duration::from_secs(10);

/// What a timeout can leave behind.
#[diagnostic::on_unimplemented(
    message = "a timeout cannot stop this operator: `{Self}` is borrowed, or must not be sent to another thread",
    label = "`{Self}` is not owned (`Send + 'static`)",
    note = "nothing can stop a synchronous function by force, so there are two ways: let it take `cx: &Context` and ask `cx.check()?` now and then; or let it own its arguments and what it returns (`String` for `&str`, `Arc<T>` for `&T`), so that it can be left behind on a thread of its own when its time is up"
)]
pub trait Abandonable: Send + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Abandonable for T {}

/// How many calls run on after their time was up, in the whole process.
pub fn abandoned() -> usize {
    SET.lock().abandoned
}

type Job = Box<dyn FnOnce() + Send>;

/// The threads.
struct Set {
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    abandoned: usize,
}

static SET: Set = Set {
    state: Mutex::new(State { jobs: VecDeque::new(), threads: 0, idle: 0, abandoned: 0 }),
    work: Condvar::new(),
};

impl Set {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of others runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a job to a thread that is free, or to a new one. Nothing if there is none to be had.
    fn start(&'static self, job: Job) -> Option<()> {
        let mut state = self.lock();
        if state.idle > state.jobs.len() {
            state.jobs.push_back(job);
            drop(state);
            self.work.notify_one();
            return Some(());
        }
        if state.threads == MOST {
            return None;
        }
        state.threads += 1;
        state.jobs.push_back(job);
        drop(state);
        let thread = thread::Builder::new().name("ember-abandonable".to_owned());
        if thread.spawn(|| self.serve()).is_err() {
            let mut state = self.lock();
            state.threads -= 1;
            // If other threads have taken all jobs meanwhile, this one is among those.
            let job = state.jobs.pop_back();
            drop(state);
            return job.is_none().then_some(());
        }
        Some(())
    }

    fn serve(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.lock();
                continue;
            }
            state.idle += 1;
            let (woken, wait) = self.work.wait_timeout(state, LINGER).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if wait.timed_out() && state.jobs.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}

/// Between a caller and the thread that works for it.
struct Meeting<T> {
    state: Mutex<Met<T>>,
    caller: Thread,
}

enum Met<T> {
    Runs,
    Done(T),
    /// The caller has left.
    Left,
}

impl<T: Send + 'static> Wake for Meeting<T> {
    fn wake(self: Arc<Self>) {
        self.caller.unpark();
    }
}

impl<T> Meeting<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(Met::Runs), caller: thread::current() })
    }

    fn lock(&self) -> MutexGuard<'_, Met<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, if it is there. Else the caller leaves, unless it stays on.
    fn take(&self, leaves: bool) -> Option<T> {
        let mut state = self.lock();
        match std::mem::replace(&mut *state, if leaves { Met::Left } else { Met::Runs }) {
            Met::Done(value) => Some(value),
            _ => None,
        }
    }

    /// Gives the value to the caller. Gives it back if that has left.
    fn give(&self, value: T) -> Result<(), T> {
        let mut state = self.lock();
        if matches!(*state, Met::Left) {
            return Err(value);
        }
        *state = Met::Done(value);
        drop(state);
        self.caller.unpark();
        Ok(())
    }
}

impl Timeout {
    /// Calls what owns all it works on, on a thread of a bounded set, and leaves it behind when time is up, or when the run is
    /// stopped. Its context is cancelled then, it is among the [`abandoned`] until it ends, and what it holds, it holds
    /// until then.
    ///
    /// # Errors
    ///
    /// What `next` fails with; [`PolicyError::timed_out`]; [`PolicyError::stopped`], if the run was stopped meanwhile; or
    /// [`PolicyError::full`], if each of the 64 threads has a call.
    pub fn call_abandoning<T, E>(
        &self,
        next: impl FnOnce() -> Result<T, PolicyError<E>> + Abandonable,
    ) -> Result<T, PolicyError<E>>
    where
        T: Abandonable,
        E: Abandonable,
    {
        let run = Context::current();
        let context = self.context();
        let meeting = Meeting::new();
        let (inside, there) = (context.clone(), meeting.clone());
        let held = Around::here();
        let job = Box::new(move || {
            let outcome = held.lend(|| inside.scope(|| catch(next)));
            if let Err(late) = there.give(outcome) {
                SET.lock().abandoned -= 1;
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(late))) {
                    __discard(payload);
                }
            }
        });
        if SET.start(job).is_none() {
            return Err(PolicyError::full("abandoned calls", None));
        }
        let waker = Waker::from(meeting.clone());
        let mut watch = Watch::new(&context);
        watch.register(&waker);
        loop {
            let stopped = context.check();
            // Counted before the caller is gone, so that the call cannot end in between.
            if stopped.is_err() {
                SET.lock().abandoned += 1;
            }
            if let Some(outcome) = meeting.take(stopped.is_err()) {
                if stopped.is_err() {
                    SET.lock().abandoned -= 1;
                }
                return match outcome {
                    Err(failed) if !failed.is_panic() && Self::has_come(&context) => Err(self.timed_out()),
                    outcome => outcome,
                };
            }
            if stopped.is_err() {
                context.cancel();
                return match run.check() {
                    Err(why) => Err(PolicyError::stopped(why)),
                    Ok(()) => Err(self.timed_out()),
                };
            }
            match context.deadline() {
                Some(deadline) => context.clock().park_until(deadline),
                None => thread::park(),
            }
        }
    }
}
