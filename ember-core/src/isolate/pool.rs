//! The workers of an operator.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::attendant::{Desk, Order, attend};
use super::limits::Limits;
use super::process::{self, Program};
use crate::policy::IsolationError;

/// How long a call waits for the burial of a worker whose place it needs. What was killed is buried at once, unless the
/// kernel cannot end it, as while it waits for a disk.
const BURIAL: Duration = Duration::from_secs(5);

pub(super) struct Pool {
    /// How many workers there may be.
    most: usize,
    age: Duration,
    limits: Limits,
    program: Program,
    state: Mutex<State>,
    buried: Condvar,
}

struct State {
    /// Those without work, the last used one last.
    idle: Vec<Worker>,
    /// How many there are, those among them that are not yet buried.
    alive: usize,
    started: u64,
}

/// A worker, in the hands of who may give it orders.
pub(super) struct Worker {
    number: u64,
    desk: Arc<Desk>,
    /// Closed with this, which dismisses the worker.
    bell: UnixStream,
    /// How many calls it has made.
    pub(super) calls: u32,
    /// When it was started, by the clock of the call that started it.
    pub(super) born: Instant,
}

impl Worker {
    /// Gives it something to do. The frame comes back if it takes no orders any more.
    pub(super) fn order(&self, order: Order) -> Option<(IsolationError, Vec<u8>)> {
        let refused = self.desk.order(order);
        if refused.is_none() {
            // A bell that is full of rings rings already, and one that is closed has its desk looked at once more.
            let _ = (&self.bell).write(&[1]);
        }
        refused
    }

    /// Ends it, whatever it does.
    pub(super) fn kill(self) {
        self.desk.life.kill();
    }
}

impl Pool {
    pub(super) const fn new(most: usize, age: Duration, limits: Limits) -> Self {
        Self::of(process::this_program, most, age, limits)
    }

    /// With another program for its workers.
    pub(super) const fn of(program: Program, most: usize, age: Duration, limits: Limits) -> Self {
        let state = State { idle: Vec::new(), alive: 0, started: 0 };
        Self { most, age, limits, program, state: Mutex::new(state), buried: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of others runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are, and how many have been started since the beginning.
    pub(super) fn counts(&self) -> (usize, u64) {
        let state = self.lock();
        (state.alive, state.started)
    }

    /// One that has nothing to do and is not too old. Those that are, are dismissed.
    pub(super) fn idle(&self, now: Instant) -> Option<Worker> {
        loop {
            let worker = self.lock().idle.pop()?;
            if !self.is_old(&worker, now) {
                return Some(worker);
            }
        }
    }

    /// Whether one is to make no further call.
    pub(super) fn is_old(&self, worker: &Worker, now: Instant) -> bool {
        now.saturating_duration_since(worker.born) >= self.age
    }

    /// Takes one back that may be used again.
    pub(super) fn take_back(&self, worker: Worker) {
        self.lock().idle.push(worker);
    }

    /// Starts one.
    ///
    /// # Errors
    ///
    /// If there is no place for it, or the thread cannot be started.
    pub(super) fn start(self: &Arc<Self>, now: Instant) -> Result<Worker, IsolationError> {
        let state = self.lock();
        let waited = self.buried.wait_timeout_while(state, BURIAL, |state| state.alive >= self.most);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.alive >= self.most {
            return Err(IsolationError::NotStarted(io::ErrorKind::ResourceBusy));
        }
        state.alive += 1;
        state.started += 1;
        let number = state.started;
        drop(state);
        self.employ(number, now).map_err(|failed| {
            self.leave(number);
            IsolationError::NotStarted(failed.kind())
        })
    }

    fn employ(self: &Arc<Self>, number: u64, now: Instant) -> io::Result<Worker> {
        let (bell, rung) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        let desk = Arc::new(Desk::new());
        let (pool, at) = (self.clone(), desk.clone());
        let thread = thread::Builder::new().name("ember-isolate".to_owned());
        thread.spawn(move || {
            attend(pool.program, &at, rung, pool.limits, Instant::now().checked_add(pool.age));
            pool.leave(number);
        })?;
        Ok(Worker { number, desk, bell, calls: 0, born: now })
    }

    /// One is buried.
    fn leave(&self, number: u64) {
        let mut state = self.lock();
        let place = state.idle.iter().position(|worker| worker.number == number);
        let worker = place.map(|place| state.idle.remove(place));
        state.alive -= 1;
        drop(state);
        drop(worker);
        self.buried.notify_one();
    }

    /// Dismisses all that have nothing to do.
    pub(super) fn dismiss(&self) {
        let idle = std::mem::take(&mut self.lock().idle);
        drop(idle);
    }
}
