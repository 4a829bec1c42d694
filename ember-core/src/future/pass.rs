//! Through the tasks of a region, eight at a time.
//!
//! What every task costs stands here, and little of it: of the eight tasks at hand the pass has a byte that says which are
//! still to be polled, and one for those that came to their end well. What is seldom goes to [`Order`] at once: a task that
//! others wait for, one that does not come to its end, or lingers, or is told of.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::group::Task;
use super::order::{Order, Outcome, eight};
use crate::observe::Carried;
use crate::raw::wakes::Wakers;
use crate::run::Level;

/// Through all tasks, to poll those that are to be.
///
/// Tasks stand behind those that they wait for: what becomes ready on the way is still to come.
pub struct Pass<'p, 'r> {
    order: &'p mut Order<'p, 'r>,
    /// Nothing where all tasks get the caller's waker.
    wakers: Option<&'p mut Wakers>,
    /// Where each task may be while it waits, if somebody observes the run.
    carried: &'p mut [Option<Carried>],
    level: &'r Level<'r>,
    /// Which word of tasks is at hand, and those of it that are to be polled. The order counts them among the running.
    word: usize,
    ready: u64,
    /// Those that came to their end well, of which the order does not know yet.
    ended: u64,
    /// The number of the first of the eight at hand. Of these: those that are to be polled, and the one that was
    /// polled last.
    first: usize,
    taken: u8,
    at: u8,
    /// Those that came to their end well.
    finished: u8,
    /// Who waits waits for no calls that linger, and nobody is told of it. And besides, no other task may start when one has
    /// ended.
    quiet: bool,
    unlinked: bool,
}

impl<'p, 'r> Pass<'p, 'r> {
    #[inline]
    pub(super) fn new(
        order: &'p mut Order<'p, 'r>,
        wakers: Option<&'p mut Wakers>,
        carried: &'p mut [Option<Carried>],
    ) -> Self {
        let (quiet, unlinked) = (order.region.is_quiet(), order.is_unlinked());
        Self {
            level: order.region.level,
            order,
            wakers,
            carried,
            word: 0,
            ready: 0,
            ended: 0,
            first: 0,
            taken: 0,
            at: 0,
            finished: 0,
            quiet,
            unlinked,
        }
    }

    /// Begins with the first tasks.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.ready = self.order.take(0, u64::MAX);
        self.word = 0;
    }

    /// Who is to be polled, when all tasks have been shown.
    #[inline]
    pub(super) fn order(&mut self) -> &mut Order<'p, 'r> {
        self.tell();
        self.order
    }

    /// Whether any of so many tasks is to be polled. If they are more than 64, they may be none.
    #[inline]
    pub(super) fn wants_any(&mut self, first: usize, count: usize) -> bool {
        if count <= 64 && first / 64 != self.word && !self.order.wants_any(first / 64) {
            return false;
        }
        self.turn_to(first);
        // Groups of up to 64 do not reach across words: all but the last are of a power of two.
        count > 64 || self.ready >> (first % 64) << (64 - count) != 0
    }

    /// Goes on to eight tasks, if any of them is to be polled.
    #[inline]
    pub(super) fn goes_to(&mut self, first: usize) -> bool {
        self.turn_to(first);
        self.first = first;
        self.taken = eight(self.ready, first);
        self.taken != 0
    }

    /// Goes on to the word of a task, if that is another.
    #[inline]
    fn turn_to(&mut self, first: usize) {
        if first / 64 != self.word {
            self.turn(first / 64);
        }
    }

    #[inline(never)]
    fn turn(&mut self, word: usize) {
        self.tell();
        self.ready = self.order.take(word, u64::MAX);
        self.word = word;
    }

    /// Polls a task of the eight if it is to be.
    #[inline]
    pub(super) fn drive<const PLACE: u8, const MANY: bool, T: Task>(
        &mut self,
        task: Pin<&mut T>,
        caller: &mut Context<'_>,
    ) {
        if T::IS_NOBODY || self.taken & 1 << PLACE == 0 {
            return;
        }
        self.at = PLACE;
        let (level, at) = (self.level, self.at());
        let carried = self.carried.get_mut(at);
        let polled = if MANY {
            let lent;
            let waker = match &mut self.wakers {
                Some(wakers) => {
                    lent = wakers.lend(at);
                    &lent
                }
                None => caller.waker(),
            };
            task.poll(level, carried, &mut Context::from_waker(waker))
        } else {
            task.poll(level, carried, caller)
        };
        match polled {
            Poll::Ready(Ok(())) if self.unlinked => self.finished |= 1 << PLACE,
            Poll::Pending if self.quiet => {}
            polled => self.note(polled),
        }
    }

    /// Leaves the eight.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.ended |= u64::from(self.finished) << (self.first % 64);
        self.finished = 0;
    }

    /// Tells the order who came to their end well.
    #[inline]
    fn tell(&mut self) {
        self.order.ended_well(self.word, std::mem::take(&mut self.ended));
    }

    /// Notes how the task went that was polled last, and finds out which of those behind it can go on.
    #[inline(never)]
    fn note(&mut self, polled: Poll<Outcome>) {
        if polled.is_pending() && self.order.region.is_untold() && !self.order.is_settled() {
            return;
        }
        let at = self.at();
        self.leave();
        self.tell();
        self.order.close();
        self.order.polled(at, polled);
        self.order.unsettle();
        let behind = self.order.take(self.word, u64::MAX << (at % 64));
        self.ready |= behind;
        self.taken |= eight(behind, self.first);
    }

    /// Notes that the task has panicked that was polled last. Those behind it that were to be polled count as running, so all
    /// of them are asked now that something has come up.
    #[cold]
    pub(super) fn panicked(&mut self, payload: Box<dyn Any + Send>) {
        let at = self.at();
        self.leave();
        self.tell();
        self.order.panicked(at, payload);
        self.order.unsettle();
    }

    /// The task that was polled last.
    fn at(&self) -> usize {
        self.first + usize::from(self.at)
    }
}
