//! The futures of items, polled together: each when it was woken.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::batch::memory::Charge;
use crate::raw::wakes::Wakers;

/// How many may be under way in any case.
const MOST: usize = 1 << 20;

/// Which item it is, and what that keeps.
pub(crate) type Note<C> = (usize, C);

/// Futures under way, each with a note of which item it is.
pub(crate) struct Driver<F, C> {
    slots: Vec<Slot<F, C>>,
    /// Places that are free.
    free: Vec<usize>,
    woken: Vec<usize>,
    wakers: Wakers,
    room: usize,
}

struct Slot<F, C> {
    /// Nothing when the item has ended: a run is under way until its future is gone.
    future: Pin<Box<Option<F>>>,
    /// Nothing when the item has ended. It goes behind the future, whose memory it may stand for.
    note: Option<Note<C>>,
}

/// What an item's future gave, or panicked with.
pub(crate) type Ended<T> = Result<T, Box<dyn Any + Send>>;

impl<F: Future, C: Charge> Driver<F, C> {
    /// For so many at the same time.
    pub(crate) fn new(room: usize) -> Self {
        let room = room.clamp(1, MOST);
        Self { slots: Vec::new(), free: Vec::new(), woken: Vec::new(), wakers: Wakers::new(room), room }
    }

    pub(crate) fn running(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.running() < self.room
    }

    /// Whether some were woken since they were polled.
    pub(crate) fn has_woken(&self) -> bool {
        self.wakers.has_woken()
    }

    /// Polls those that were woken, and leaves word whom to wake for the others.
    pub(crate) fn poll(&mut self, waker: &Waker, mut ended: impl FnMut(Note<C>, Ended<F::Output>)) {
        self.wakers.register(waker);
        let mut woken = std::mem::take(&mut self.woken);
        self.wakers.take(|slot| woken.push(slot));
        for slot in woken.drain(..) {
            self.poll_slot(slot, &mut ended);
        }
        self.woken = woken;
    }

    /// Takes a future up, if there is room, and tells its place, in which it is to be polled now. It is made where it stays, as
    /// far as the compiler can see to that: to copy it would take longer than to poll it.
    #[inline]
    pub(crate) fn take_up(&mut self, note: Note<C>, make: impl FnOnce() -> F) -> usize {
        match self.free.last() {
            Some(&slot) => {
                let place = &mut self.slots[slot];
                place.future.as_mut().set(Some(make()));
                place.note = Some(note);
                self.free.pop();
                slot
            }
            None => {
                self.slots.push(Slot { note: Some(note), future: Box::pin(Some(make())) });
                self.slots.len() - 1
            }
        }
    }

    /// Polls the future in a place.
    pub(crate) fn poll_slot(&mut self, slot: usize, ended: &mut impl FnMut(Note<C>, Ended<F::Output>)) {
        let Slot { note, future } = &mut self.slots[slot];
        // A waker may be late.
        let (Some((_, charge)), Some(run)) = (&*note, future.as_mut().as_pin_mut()) else { return };
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let waker = self.wakers.lend(slot);
            C::during(Some(charge), || run.poll(&mut Context::from_waker(&waker)))
        }));
        let outcome = match polled {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(outcome)) => Ok(outcome),
            Err(payload) => Err(payload),
        };
        future.set(None);
        let note = note.take();
        self.free.push(slot);
        if let Some(note) = note {
            ended(note, outcome);
        }
    }
}
