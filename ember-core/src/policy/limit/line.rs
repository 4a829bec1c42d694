//! A number of permits, and the line of those who wait for one.
//!
//! One word says how many permits are out, and whether anybody stands in the line. While nobody does, a permit is taken
//! and given back by one exchange of that word. While somebody does, the word changes under the lock of the line only:
//! who gives a permit back hands it to the first in the line, so it never lies about where others could snatch it.
//!
//! Two things hold whenever the lock is free: if somebody stands in the line, the word says so, and all permits are out.
//! Hence no wake-up is lost: who comes to the line marks the word and finds all permits out in one exchange, so each
//! permit that comes back after that is handed on.
//!
//! A place in the line is a number and a waker. Who finds its number gone has been given a permit, whether it knows or not;
//! so who leaves looks first, and hands on what it was given. One who *steps aside* keeps the number, comes back to
//! where it stood, and is passed over meanwhile.

use std::collections::BTreeMap;
use std::task::{Poll, Waker};

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{AtomicU32, Mutex, MutexGuard, lock};

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

/// Somebody stands in the line. The other bits count the permits that are out.
const QUEUED: u32 = 1;
const ONE: u32 = 2;
/// More permits than that cannot be counted.
pub(super) const MOST: u32 = u32::MAX >> 1;

pub(super) struct Line {
    state: AtomicU32,
    permits: u32,
    most_waiting: usize,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    next: u64,
    line: BTreeMap<u64, Waker>,
    /// Those in the line and those who stepped aside.
    waiting: usize,
}

/// Whether a permit was had from what was free.
enum Had {
    Permit,
    /// And somebody stands in the line by now.
    None,
}

impl Line {
    pub(super) fn new(permits: u32, most_waiting: usize) -> Self {
        Self { state: AtomicU32::new(0), permits, most_waiting, queue: Mutex::new(Queue::default()) }
    }

    pub(super) fn permits(&self) -> u32 {
        self.permits
    }

    pub(super) fn most_waiting(&self) -> usize {
        self.most_waiting
    }

    pub(super) fn in_use(&self) -> u32 {
        self.state.load(Relaxed) / ONE
    }

    pub(super) fn waiting(&self) -> usize {
        lock(&self.queue).waiting
    }

    /// Takes a permit, if there is one and nobody waits for it.
    #[inline]
    pub(super) fn take(&self) -> bool {
        let mut state = self.state.load(Relaxed);
        loop {
            if state & QUEUED != 0 || state / ONE >= self.permits {
                return false;
            }
            match self.state.compare_exchange_weak(state, state + ONE, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
    }

    /// Gives a permit back.
    #[inline]
    pub(super) fn give_back(&self) {
        let mut state = self.state.load(Relaxed);
        loop {
            if state & QUEUED != 0 {
                return self.hand_on();
            }
            match self.state.compare_exchange_weak(state, state - ONE, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => state = now,
            }
        }
    }

    /// Gives a permit to the first in the line, or back if there is none any more.
    #[cold]
    fn hand_on(&self) {
        let mut queue = lock(&self.queue);
        let first = queue.line.pop_first();
        if first.is_some() {
            queue.waiting -= 1;
        } else {
            self.state.fetch_sub(ONE, Release);
        }
        self.left(&queue);
        drop(queue);
        if let Some((_, waker)) = first {
            waker.wake();
        }
    }

    /// Notes that nobody stands in the line, if so.
    fn left(&self, queue: &MutexGuard<'_, Queue>) {
        if queue.line.is_empty() {
            self.state.fetch_and(!QUEUED, Relaxed);
        }
    }

    /// Takes a permit, or marks that somebody stands in the line.
    fn take_or_mark(&self, _: &MutexGuard<'_, Queue>) -> Had {
        let mut state = self.state.load(Relaxed);
        loop {
            let free = state / ONE < self.permits;
            let to = if free { state + ONE } else { state | QUEUED };
            match self.state.compare_exchange_weak(state, to, Acquire, Relaxed) {
                Ok(_) if free => return Had::Permit,
                Ok(_) => return Had::None,
                Err(now) => state = now,
            }
        }
    }
}

/// The line is full.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Somebody who wants a permit.
pub(super) struct Ticket<'l> {
    line: &'l Line,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    /// Has not come to the line.
    Outside,
    /// Stands in the line, or has been given a permit.
    InLine(u64),
    /// Has the number, and does not stand there.
    Aside(u64),
}

impl<'l> Ticket<'l> {
    pub(super) const fn new(line: &'l Line) -> Self {
        Self { line, place: Place::Outside }
    }

    /// Takes a permit, or stands in the line. Once it has been given a permit, that is the caller's to give back.
    pub(super) fn poll(&mut self, waker: &Waker) -> Poll<Result<(), Full>> {
        let line = self.line;
        if matches!(self.place, Place::Outside) && line.take() {
            return Poll::Ready(Ok(()));
        }
        // Whose code runs when a waker is cloned or dropped is not known, so that is done outside of the lock.
        let waker = waker.clone();
        let mut queue = lock(&line.queue);
        let number = match self.place {
            Place::InLine(number) => {
                let old = queue.line.get_mut(&number).map(|old| std::mem::replace(old, waker));
                drop(queue);
                if old.is_some() {
                    return Poll::Pending;
                }
                self.place = Place::Outside;
                return Poll::Ready(Ok(()));
            }
            Place::Aside(number) => number,
            Place::Outside if queue.waiting >= line.most_waiting => {
                drop(queue);
                return if line.take() { Poll::Ready(Ok(())) } else { Poll::Ready(Err(Full)) };
            }
            Place::Outside => {
                queue.waiting += 1;
                queue.next += 1;
                queue.next
            }
        };
        match line.take_or_mark(&queue) {
            Had::Permit => {
                queue.waiting -= 1;
                self.place = Place::Outside;
                drop(queue);
                Poll::Ready(Ok(()))
            }
            Had::None => {
                self.place = Place::InLine(number);
                queue.line.insert(number, waker);
                Poll::Pending
            }
        }
    }

    /// Whether it stands in the line, or has been given a permit unseen.
    pub(super) const fn is_waiting(&self) -> bool {
        !matches!(self.place, Place::Outside)
    }

    /// Lets others pass until it is polled again. Tells whether it has not been given a permit before.
    pub(super) fn step_aside(&mut self) -> bool {
        let Place::InLine(number) = self.place else { return true };
        let mut queue = lock(&self.line.queue);
        let waker = queue.line.remove(&number);
        if waker.is_some() {
            self.place = Place::Aside(number);
        }
        self.line.left(&queue);
        drop(queue);
        waker.is_some()
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.is_waiting() {
            return;
        }
        let stands = self.step_aside();
        if stands {
            lock(&self.line.queue).waiting -= 1;
        } else {
            self.line.give_back();
        }
    }
}
