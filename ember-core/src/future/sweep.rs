//! Through the tasks of a region of which none waits for another, while nobody is told of them.
//!
//! At first each is to be polled, and later each that has not ended, one after the other; and all there is to know of it is
//! whether it has ended. So nothing is noted of it but a bit. Where one does not come to its end well, those behind it go the
//! general way, through [`Pass`](super::pass::Pass).

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::group::Task;
use super::order::{Sixty4, word};
use crate::run::{Halted, Level, Signs};

/// Once through all tasks, which `BEGIN` or go on. Of a `FEW`, at most those of a word, all is known where it is compiled but
/// who waits.
pub struct Sweep<'p, 'r, const BEGIN: bool, const FEW: bool> {
    level: &'r Level<'r>,
    signs: Signs<'r>,
    /// How far the first 64 tasks are, and the others.
    word: &'p mut Sixty4,
    more: &'p mut [Sixty4],
    /// Of the word at hand: those that are to be polled, of many from the eight at hand on, and those before that wait.
    left: u64,
    waiting: u64,
    /// Of the eight at hand: those that wait.
    waits: u8,
    /// And the one that was polled last.
    at: u8,
    /// The number of the first of the eight at hand.
    first: usize,
    /// Whether any task waits of the words before.
    any_waits: bool,
}

impl<'p, 'r, const BEGIN: bool, const FEW: bool> Sweep<'p, 'r, BEGIN, FEW> {
    #[inline(always)]
    pub(super) fn new(level: &'r Level<'r>, word: &'p mut Sixty4, more: &'p mut [Sixty4]) -> Self {
        let (signs, left) = (level.core.signs(), word.of_a_sweep(BEGIN));
        Self { level, signs, word, more, left, waiting: 0, waits: 0, at: 0, first: 0, any_waits: false }
    }

    /// Begins a task of the eight, or goes on with it if it has not ended. Says whether those behind it may go on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn poll<const PLACE: u8, T: Task>(
        &mut self,
        task: Pin<&mut T>,
        caller: &mut Context<'_>,
    ) -> bool {
        let bit = 1 << if FEW { self.first + usize::from(PLACE) } else { usize::from(PLACE) };
        if T::IS_NOBODY || !BEGIN && self.left & bit == 0 {
            return true;
        }
        self.at = PLACE;
        let polled = if BEGIN {
            task.begin(self.level, self.signs, caller)
        } else {
            task.go_on(self.level, self.signs, caller)
        };
        match polled {
            Poll::Ready(Ok(())) => {}
            Poll::Pending => {
                if FEW {
                    self.waiting |= bit;
                } else {
                    self.waits |= 1 << PLACE;
                }
                // Of a task of several nodes one may have failed, while others end what they have begun.
                if T::NODE.is_none() {
                    self.signs = self.level.core.signs();
                }
            }
            Poll::Ready(Err(Halted)) => return false,
        }
        debug_assert!(self.signs == self.level.core.signs(), "what fails in a task comes out of it");
        true
    }

    /// Whether any of the eight at hand is to be polled.
    #[inline(always)]
    pub(super) const fn wants_any(&self) -> bool {
        BEGIN || FEW || self.left & 0xff != 0
    }

    /// Goes on to the next eight.
    #[inline(always)]
    pub(super) fn leave(&mut self) {
        self.first += 8;
        if FEW {
            return;
        }
        self.waiting |= u64::from(mem::take(&mut self.waits)) << ((self.first - 8) % 64);
        self.left >>= 8;
        if self.first.is_multiple_of(64) {
            self.turn();
        }
    }

    /// Goes on to the next word.
    #[inline(never)]
    fn turn(&mut self) {
        let waiting = mem::take(&mut self.waiting);
        word(self.word, self.more, self.first / 64 - 1).swept(BEGIN, u64::MAX, waiting);
        self.any_waits |= waiting != 0;
        self.left = word(self.word, self.more, self.first / 64).of_a_sweep(BEGIN);
    }

    /// Ends when all came to their end well, or wait. Says whether any does. If none does of those that have just begun, there is
    /// nothing to note: nobody asks again.
    #[inline(always)]
    pub(super) fn end(&mut self) -> bool {
        let any_waits = self.any_waits || self.waiting != 0;
        if (any_waits || !BEGIN) && (FEW || !self.first.is_multiple_of(64)) {
            word(self.word, self.more, self.first / 64).swept(BEGIN, u64::MAX, self.waiting);
        }
        any_waits
    }

    /// Ends at the task that did not come to its end well, and tells its number. Those behind it are to be polled.
    #[inline(always)]
    pub(super) fn stop(&mut self) -> usize {
        let at = self.first + usize::from(self.at);
        let waiting =
            if FEW { self.waiting } else { self.waiting | u64::from(self.waits) << (self.first % 64) };
        stop(self.word, self.more, BEGIN, at, waiting);
        at
    }
}

/// Notes how far a sweep has come that has stopped at a task, and who of its word waits. Those behind it are to be polled. It is no
/// method, so that what a sweep of a few knows need not be in memory.
#[cold]
#[inline(never)]
fn stop(first: &mut Sixty4, more: &mut [Sixty4], begins: bool, at: usize, waiting: u64) {
    let before = (1 << (at % 64)) - 1;
    word(first, more, at / 64).swept(begins, before, waiting);
    for (number, word) in std::iter::once(first).chain(more).enumerate() {
        word.poll_from(at + 1, 64 * number);
    }
}
