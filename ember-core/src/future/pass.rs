//! Through the tasks of a region, eight at a time.
//!
//! What every task costs stands here, and little of it: of the eight tasks at hand the pass has a byte that says which are
//! to be polled, and bytes that say how their polls went. What is seldom goes to [`Order`] at once: a task that others wait
//! for, one that does not come to its end, or lingers, or is told of.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::order::{Order, Outcome};
use crate::raw::wakes::Wakers;

/// Through all tasks, to poll those that are to be.
///
/// Tasks stand behind those that they wait for: what becomes ready on the way is still to come.
pub struct Pass<'p, 'r> {
    order: Order<'p, 'r>,
    /// Nothing where all tasks get the caller's waker.
    wakers: Option<&'p mut Wakers>,
    caller: &'p Waker,
    /// The number of the first of the tasks at hand.
    first: usize,
    /// Of these, those that are to be polled.
    ready: u8,
    /// Those that are polled of which the order does not know yet how their polls went, and which of them came to their end
    /// well. The others wait.
    polled: u8,
    finished: u8,
    /// Which of them was polled last.
    at: u8,
    /// Nobody is told of the nodes. And besides, no other task may start when one has ended.
    untold: bool,
    unlinked: bool,
}

impl<'p, 'r> Pass<'p, 'r> {
    pub(super) fn new(order: Order<'p, 'r>, wakers: Option<&'p mut Wakers>, caller: &'p Waker) -> Self {
        let untold = order.is_untold();
        let unlinked = untold && !order.is_linked();
        Self { order, wakers, caller, first: 0, ready: 0, polled: 0, finished: 0, at: 0, untold, unlinked }
    }

    /// Who is to be polled, between two times through.
    #[inline]
    pub(super) fn order(&mut self) -> &mut Order<'p, 'r> {
        &mut self.order
    }

    /// Whether any of so many tasks is to be polled. If they are more than 64, they may be none.
    #[inline]
    pub(super) fn wants_any(&self, first: usize, count: usize) -> bool {
        self.order.wants_any(first, count)
    }

    /// Goes on to eight tasks, if any of them is to be polled.
    #[inline]
    pub(super) fn begin(&mut self, first: usize) -> bool {
        self.first = first;
        self.ready = self.order.take(first, u8::MAX);
        self.polled = self.ready;
        self.ready != 0
    }

    /// Polls a task of the eight if it is to be.
    #[inline]
    pub(super) fn drive<const PLACE: u8, F: Future<Output = Outcome>>(&mut self, future: Pin<&mut F>) {
        if self.ready & 1 << PLACE == 0 {
            return;
        }
        self.at = PLACE;
        let lent;
        let waker = match &mut self.wakers {
            None => self.caller,
            Some(wakers) => {
                lent = wakers.lend(self.first + usize::from(PLACE));
                &lent
            }
        };
        match future.poll(&mut Context::from_waker(waker)) {
            Poll::Ready(Ok(())) if self.unlinked => self.finished |= 1 << PLACE,
            Poll::Pending if self.untold && !self.order.is_settled() => {}
            polled => self.note(polled),
        }
    }

    /// Leaves the eight.
    #[inline]
    pub(super) fn end(&mut self) {
        self.tell(self.polled);
    }

    /// Tells the order how the polls of these went.
    #[inline]
    fn tell(&mut self, polled: u8) {
        self.order.went(self.first, self.finished, polled & !self.finished);
        self.finished = 0;
    }

    /// Notes how the task went that was polled last, and finds out which of those behind it can go on.
    #[inline(never)]
    fn note(&mut self, polled: Poll<Outcome>) {
        self.tell(self.polled & self.before());
        self.order.close();
        self.order.polled(self.first + usize::from(self.at), polled);
        self.order.unsettle();
        self.ready |= self.order.take(self.first, self.behind());
        self.polled = self.ready & self.behind();
    }

    /// Notes that the task has panicked that was polled last.
    #[cold]
    pub(super) fn panicked(&mut self, payload: Box<dyn Any + Send>) {
        self.tell(self.polled & self.before());
        self.order.give_back(self.first, self.ready & self.behind());
        self.order.panicked(self.first + usize::from(self.at), payload);
        self.order.unsettle();
    }

    /// The places before that of the task that was polled last.
    fn before(&self) -> u8 {
        (1 << self.at) - 1
    }

    /// The places behind that of the task that was polled last.
    fn behind(&self) -> u8 {
        0xfe << self.at
    }
}
