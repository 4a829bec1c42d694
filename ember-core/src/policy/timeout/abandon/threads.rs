//! The threads on which calls run that may be left behind.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::PoisonError;
use std::time::Duration;

use crate::sync::{Condvar, Mutex, MutexGuard, lock, thread};
use crate::watch;

/// How long a thread without work stays.
const LINGER: Duration = Duration::from_secs(10);

thread_local! {
    /// Whether this thread is one of them.
    static IS_ONE: Cell<bool> = const { Cell::new(false) };
}

pub(super) type Job = Box<dyn FnOnce() + Send>;

/// A bounded set of threads, which come when there is work and go when there has been none for a while.
pub(super) struct Threads {
    most: usize,
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    /// At most one for each thread that waits for it.
    jobs: VecDeque<(Ticket, Job)>,
    next: u64,
    threads: usize,
    idle: usize,
    abandoned: usize,
    /// Threads without work go at once. In models no time passes, and every thread comes to an end.
    #[cfg(all(loom, test))]
    over: bool,
}

/// A job that was handed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// The job cannot be had: no thread is free, and none will be soon.
#[derive(Debug)]
pub(super) struct Full;

impl Threads {
    pub(super) fn new(most: usize) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            next: 0,
            threads: 0,
            idle: 0,
            abandoned: 0,
            #[cfg(all(loom, test))]
            over: false,
        };
        Self { most, state: Mutex::new(state), work: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Gives a job to a thread that is free, or to a new one; else it waits in line until a call ends.
    ///
    /// # Errors
    ///
    /// If nothing is to be waited for: all threads run calls that were abandoned, or it is one of these threads that asks,
    /// which others would wait for in turn.
    pub(super) fn start(&'static self, job: Job) -> Result<Ticket, Full> {
        let mut state = self.lock();
        let is_free = state.idle > state.jobs.len();
        let is_full = state.threads >= self.most;
        if !is_free && is_full && (state.abandoned >= self.most || IS_ONE.get()) {
            drop(state);
            return Err(Full);
        }
        let ticket = Ticket(state.next);
        state.next += 1;
        state.jobs.push_back((ticket, job));
        if is_free || is_full {
            drop(state);
            self.work.notify_one();
            return Ok(ticket);
        }
        state.threads += 1;
        drop(state);
        let thread = thread::Builder::new().name("ember-abandonable".to_owned());
        if thread.spawn(|| self.serve()).is_err() {
            self.lock().threads -= 1;
            // Another thread may have taken it meanwhile.
            if self.withdraw(ticket) {
                return Err(Full);
            }
        }
        Ok(ticket)
    }

    /// Takes a job back, unless it has begun.
    pub(super) fn withdraw(&self, ticket: Ticket) -> bool {
        let mut state = self.lock();
        let place = state.jobs.iter().position(|(other, _)| *other == ticket);
        let job = place.and_then(|place| state.jobs.remove(place));
        drop(state);
        job.is_some()
    }

    /// Counts a call that was left behind, until [`ended`](Self::ended).
    pub(super) fn abandon(&self) {
        self.lock().abandoned += 1;
    }

    pub(super) fn ended(&self) {
        self.lock().abandoned -= 1;
    }

    pub(super) fn abandoned(&self) -> usize {
        self.lock().abandoned
    }

    /// Calls that wait for a thread are those that none is free for.
    pub(super) fn seen(&self) -> watch::State {
        let state = self.lock();
        let is_full = state.threads >= self.most;
        watch::State::Threads {
            threads: self.most,
            in_use: state.threads - state.idle,
            waiting: if is_full { state.jobs.len().saturating_sub(state.idle) } else { 0 },
        }
    }

    #[cfg(test)]
    pub(super) fn threads(&self) -> usize {
        self.lock().threads
    }

    #[cfg(all(test, not(loom)))]
    pub(super) fn in_line(&self) -> usize {
        self.lock().jobs.len()
    }

    fn serve(&self) {
        // Models run all their threads on one.
        #[cfg(not(all(loom, test)))]
        IS_ONE.set(true);
        let mut state = self.lock();
        loop {
            if let Some((_, job)) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.lock();
                continue;
            }
            state.idle += 1;
            let lingered;
            (state, lingered) = self.linger(state);
            state.idle -= 1;
            if lingered && state.jobs.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }

    /// Waits for work, and tells whether that was for long.
    fn linger<'t>(&'t self, state: MutexGuard<'t, State>) -> (MutexGuard<'t, State>, bool) {
        #[cfg(all(loom, test))]
        if state.over {
            return (state, true);
        }
        let (state, wait) = self.work.wait_timeout(state, LINGER).unwrap_or_else(PoisonError::into_inner);
        (state, wait.timed_out())
    }

    /// Lets threads without work go.
    #[cfg(all(loom, test))]
    pub(super) fn end(&self) {
        self.lock().over = true;
        self.work.notify_all();
    }
}
