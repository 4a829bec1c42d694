//! What the contexts of a runtime have in common.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::executor::{Crew, Placement, Pool};
use crate::future::Blocking;

/// A number of things that others wait to become zero.
#[derive(Default)]
pub(super) struct Tally {
    count: Mutex<usize>,
    fewer: Condvar,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, usize> {
        // No code of others runs under the lock.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self) {
        *self.lock() += 1;
    }

    pub(super) fn sub(&self) {
        *self.lock() -= 1;
        self.fewer.notify_all();
    }

    fn get(&self) -> usize {
        *self.lock()
    }

    /// Waits until there are none, or a moment comes. Gives how many are left.
    fn wait(&self, until: Instant) -> usize {
        let mut count = self.lock();
        while *count > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            count = self.fewer.wait_timeout(count, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *count
    }
}

pub(crate) struct Shared {
    pub(super) name: Option<String>,
    /// None where rayon's global pool serves.
    pub(super) crew: Option<&'static Crew>,
    /// The threads of a pool of its own.
    pub(super) threads: Arc<Tally>,
    pub(super) blocking: Blocking,
    pub(super) running: Tally,
}

impl Shared {
    pub(crate) fn crew(&self) -> &'static Crew {
        Placement::new(self.crew, false, false).crew()
    }

    /// Its own crew, if it has one.
    pub(crate) const fn own_crew(&self) -> Option<&'static Crew> {
        self.crew
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) const fn has_own_pool(&self) -> bool {
        self.crew.is_some()
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn blocking(&self) -> &Blocking {
        &self.blocking
    }

    pub(super) fn running(&self) -> usize {
        self.running.get()
    }

    pub(super) fn wait_for_runs(&self, until: Instant) -> usize {
        self.running.wait(until)
    }

    /// Gives the calls that block up, and tells how many.
    pub(super) fn close_blocking(&self) -> usize {
        self.blocking.close()
    }

    /// Lets the pool go, and waits for its threads, unless this is one of them. Gives how many are left.
    pub(super) fn close_pool(&self, until: Instant) -> usize {
        let Some(crew) = self.crew else { return 0 };
        let is_one = crew.pool().is_mine();
        drop::<Option<Pool>>(crew.close());
        if is_one { self.threads.get() } else { self.threads.wait(until) }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(crew) = self.crew {
            crew.close();
            crew.give_back();
        }
    }
}

/// A run, or a scope, that is under way in a runtime.
pub(crate) struct Running(Arc<Shared>);

impl Running {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        shared.running.add();
        Self(shared.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.sub();
    }
}
