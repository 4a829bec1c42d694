//! Those who want to be woken when a context is cancelled.

use std::task::Waker;

use super::Context;
use crate::sync::{Mutex, lock};

/// Of one context.
#[derive(Default)]
pub(super) struct Waiters(Mutex<Slots>);

#[derive(Default)]
struct Slots {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Waiters {
    fn add(&self) -> usize {
        let mut slots = lock(&self.0);
        slots.free.pop().unwrap_or_else(|| {
            slots.wakers.push(None);
            slots.wakers.len() - 1
        })
    }

    fn set(&self, slot: usize, waker: &Waker) {
        let old = lock(&self.0).wakers[slot].replace(waker.clone());
        drop(old);
    }

    fn remove(&self, slot: usize) {
        let mut slots = lock(&self.0);
        let old = slots.wakers[slot].take();
        slots.free.push(slot);
        drop(slots);
        drop(old);
    }

    pub(super) fn wake(&self) {
        let wakers: Vec<Waker> = lock(&self.0).wakers.iter_mut().filter_map(Option::take).collect();
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// A run's places among the waiters of its context and of those above it.
pub(crate) struct Watch {
    places: Vec<(Context, usize)>,
    known: Option<Waker>,
}

impl Watch {
    /// For runs in a context.
    pub(crate) fn new(context: &Context) -> Self {
        let watched = context.lineage().filter(|context| !context.is_default());
        let places = watched.map(|context| (context.clone(), context.0.waiters.add())).collect();
        Self { places, known: None }
    }

    /// Whether there is nothing to wait for.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.places.is_empty()
    }

    /// Leaves word whom to wake. Who asks the context afterwards misses nothing.
    pub(crate) fn register(&mut self, waker: &Waker) {
        if self.is_idle() {
            return;
        }
        let cancelled = self.places.iter().any(|(context, _)| context.is_cancelled_itself());
        if cancelled || self.known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            return;
        }
        for (context, slot) in &self.places {
            context.0.waiters.set(*slot, waker);
        }
        self.known = Some(waker.clone());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for (context, slot) in &self.places {
            context.0.waiters.remove(*slot);
        }
    }
}
