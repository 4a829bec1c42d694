//! Through the tasks of a region of which none waits for another, while nobody is told of them.
//!
//! At first each is to be polled, and later each that has not ended, one after the other; and all there is to know of it is
//! whether it has ended. So nothing is noted of it but a bit. Where one does not come to its end well, those behind it go the
//! general way, through [`Pass`](super::pass::Pass).

use std::pin::Pin;
use std::task::{Context, Poll};

use super::group::Task;
use super::order::{Outcome, Sixty4, eight, word};
use crate::run::{Halted, Level};

/// Once through all tasks.
pub struct Sweep<'p, 'r> {
    level: &'r Level<'r>,
    /// How far the first 64 tasks are, and the others.
    word: &'p mut Sixty4,
    more: &'p mut [Sixty4],
    /// The number of the first of the eight at hand. Of these: those that are to be polled, those that came to their end well,
    /// and those that wait.
    first: usize,
    taken: u8,
    finished: u8,
    waiting: u8,
    /// Whether any task waits.
    any_waits: bool,
}

impl<'p, 'r> Sweep<'p, 'r> {
    #[inline]
    pub(super) const fn new(level: &'r Level<'r>, word: &'p mut Sixty4, more: &'p mut [Sixty4]) -> Self {
        Self { level, word, more, first: 0, taken: u8::MAX, finished: 0, waiting: 0, any_waits: false }
    }

    /// Begins a task of the eight, or goes on with it if it has not ended. Says whether those behind it may go on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn poll<const PLACE: u8, const BEGINS: bool, T: Task>(
        &mut self,
        task: Pin<&mut T>,
        caller: &mut Context<'_>,
    ) -> bool {
        if T::IS_NOBODY || !BEGINS && self.taken & 1 << PLACE == 0 {
            return true;
        }
        let polled = if BEGINS { task.begin(self.level, caller) } else { task.go_on(self.level, caller) };
        self.note::<PLACE>(polled)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn note<const PLACE: u8>(&mut self, polled: Poll<Outcome>) -> bool {
        match polled {
            Poll::Ready(Ok(())) => self.finished |= 1 << PLACE,
            Poll::Pending => self.waiting |= 1 << PLACE,
            Poll::Ready(Err(Halted)) => return false,
        }
        true
    }

    /// Comes to eight tasks. Says whether any of them is to be polled.
    #[inline(always)]
    pub(super) fn comes_to<const BEGINS: bool>(&mut self) -> bool {
        if !BEGINS {
            self.taken = eight(self.word().running(), self.first);
        }
        self.taken != 0
    }

    /// Goes on to the next eight.
    #[inline(always)]
    pub(super) fn leave(&mut self) {
        let (finished, waiting) = (u64::from(self.finished), u64::from(self.waiting));
        let place = self.first % 64;
        self.word().swept(finished << place, waiting << place);
        self.first += 8;
        self.any_waits |= waiting != 0;
        (self.finished, self.waiting) = (0, 0);
    }

    /// The word of the eight at hand.
    #[inline(always)]
    fn word(&mut self) -> &mut Sixty4 {
        word(self.word, self.more, self.first / 64)
    }

    /// Whether any task waits.
    pub(super) const fn any_waits(&self) -> bool {
        self.any_waits
    }

    /// Leaves the eight at hand at the task that did not come to its end well, and tells its number. Those behind it are to be
    /// polled.
    #[cold]
    pub(super) fn stop(&mut self) -> usize {
        let left = self.taken & !(self.finished | self.waiting);
        let at = self.first + left.trailing_zeros() as usize;
        self.leave();
        for (number, word) in std::iter::once(&mut *self.word).chain(&mut *self.more).enumerate() {
            word.poll_from(at + 1, 64 * number);
        }
        at
    }
}
