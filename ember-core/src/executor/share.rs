//! How many threads work for a run at the same time, if that is bounded.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;

use super::crew::Crew;
use super::pool;
use crate::sync::{AtomicUsize, Mutex, Ordering::SeqCst, lock};

/// What another thread is to do.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    /// The share that this thread works for; 0 if there is none.
    static MINE: Cell<usize> = const { Cell::new(0) };
}

/// The threads that may work for a run and all that it runs.
///
/// The threads that call graphs are counted, and none of them waits, as they are the caller's; others come only while there
/// is room. A job that finds none waits in line. Each is a call of a node, so the line is as long as the run has nodes
/// under way.
pub(crate) struct Share {
    most: usize,
    working: AtomicUsize,
    line: Mutex<VecDeque<(&'static Crew, Job)>>,
    /// How many are in the line.
    length: AtomicUsize,
}

impl Share {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            working: AtomicUsize::new(0),
            line: Mutex::new(VecDeque::new()),
            length: AtomicUsize::new(0),
        }
    }

    pub(crate) const fn most(&self) -> usize {
        self.most
    }

    pub(super) fn has_room(&self) -> bool {
        self.working.load(SeqCst) < self.most
    }

    /// Lets one more thread work, if there is room.
    pub(super) fn enter(self: &Arc<Self>) -> Option<AtWork> {
        self.take_seat().map(Seat::sit)
    }

    /// Counts a thread that works whether there is room or not.
    pub(super) fn enter_anyway(self: &Arc<Self>) -> AtWork {
        self.working.fetch_add(1, SeqCst);
        Seat(self.clone()).sit()
    }

    fn take_seat(self: &Arc<Self>) -> Option<Seat> {
        let more = |working| (working < self.most).then_some(working + 1);
        self.working.fetch_update(SeqCst, SeqCst, more).ok()?;
        Some(Seat(self.clone()))
    }

    /// Runs a job on a thread of a crew's pool, when there is room.
    pub(super) fn spawn(self: &Arc<Self>, crew: &'static Crew, job: Job) {
        // Who works for the run may wait for this one.
        if MINE.get() == Arc::as_ptr(self).addr() {
            let share = self.clone();
            return crew.pool().spawn(move || {
                let _at_work = share.enter_anyway();
                job();
            });
        }
        let mut line = lock(&self.line);
        line.push_back((crew, job));
        self.length.store(line.len(), SeqCst);
        drop(line);
        self.hire();
    }

    /// Sends a thread for the first in the line, if there is room.
    fn hire(self: &Arc<Self>) {
        while self.length.load(SeqCst) > 0
            && let Some(seat) = self.take_seat()
        {
            let mut line = lock(&self.line);
            let next = line.pop_front();
            self.length.store(line.len(), SeqCst);
            drop(line);
            if let Some((crew, job)) = next {
                crew.pool().spawn(move || {
                    // A thread of the pool does first what it has handed in itself. What others have is to have its turn.
                    pool::yield_now();
                    let _at_work = seat.sit();
                    job();
                });
            }
        }
    }
}

/// The place of a thread that works for a run. Who gives it back looks for one that waits.
struct Seat(Arc<Share>);

impl Seat {
    fn sit(self) -> AtWork {
        let around = MINE.replace(Arc::as_ptr(&self.0).addr());
        AtWork { around, _seat: self }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, SeqCst);
        self.0.hire();
    }
}

/// A thread that works for a run, until this is dropped.
pub(super) struct AtWork {
    around: usize,
    _seat: Seat,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        MINE.set(self.around);
    }
}

#[cfg(all(test, not(loom), feature = "parallel"))]
mod tests;
