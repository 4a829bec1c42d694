//! Places for values that several threads make.
//!
//! Who makes some claims their places, and fills them from the first one on. Not all need come of it: a place that stays empty is a
//! gap, and gaps are closed when all have come to their end. So values stand side by side, where they stay, whichever are missing.

use std::ops::Range;
use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use crate::bounds::CrossesByValue;

/// A vector that several threads fill.
pub(crate) struct Places<T> {
    /// Empty, with room for all; and where that is.
    values: Vec<T>,
    room: *mut T,
    count: usize,
    /// The first place that nobody has claimed.
    next: AtomicUsize,
    /// Places that were claimed and hold nothing.
    gaps: Mutex<Vec<Range<usize>>>,
}

// SAFETY: `new` demands that values are `Send`. A place is written by the one thread that claimed it, and read when all threads
// are done. Nothing is shared.
unsafe impl<T> Sync for Places<T> {}

impl<T> Places<T> {
    pub(crate) fn new(count: usize) -> Self
    where
        T: CrossesByValue,
    {
        let mut values = Vec::with_capacity(count);
        let room = values.as_mut_ptr();
        Self { values, room, count, next: AtomicUsize::new(0), gaps: Mutex::new(Vec::new()) }
    }

    /// Claims so many places from this one on, if it is the first that nobody has claimed and there are as many.
    pub(crate) fn claim(&self, first: usize, count: usize) -> Option<Claimed<'_, T>> {
        let end = first.checked_add(count).filter(|&end| end <= self.count && count > 0)?;
        // Nothing but the number itself is handed over here.
        self.next.compare_exchange(first, end, Relaxed, Relaxed).ok()?;
        Some(Claimed { of: self, left: first..end })
    }

    /// The values, in the order of their places.
    pub(crate) fn into_values(mut self) -> Vec<T> {
        self.close_gaps();
        std::mem::take(&mut self.values)
    }

    /// Makes the values those of the vector.
    fn close_gaps(&mut self) {
        let claimed = std::mem::take(self.next.get_mut());
        let mut gaps = std::mem::take(self.gaps.get_mut().unwrap_or_else(PoisonError::into_inner));
        gaps.sort_unstable_by_key(|gap| gap.start);
        // Up to the first gap all stand where they should.
        let mut made = gaps.first().map_or(claimed, |gap| gap.start);
        for (at, gap) in gaps.iter().enumerate() {
            let end = gaps.get(at + 1).map_or(claimed, |next| next.start);
            // SAFETY: places are claimed one behind the other, and no claim is left, as each borrows `self`: so those between
            // two gaps hold values. They are moved down, to places that hold nothing or were moved before; all of them are
            // places of the vector, as only such are claimed.
            unsafe { ptr::copy(self.room.add(gap.end), self.room.add(made), end - gap.end) };
            made += end - gap.end;
        }
        // SAFETY: as many values stand at the start. What other threads wrote happened before, as they have been waited for.
        // If it is done again, nothing is claimed, and the vector of which the values were taken has none.
        unsafe { self.values.set_len(made) };
    }
}

impl<T> Drop for Places<T> {
    /// Lets the vector drop its values.
    fn drop(&mut self) {
        if *self.next.get_mut() > 0 {
            self.close_gaps();
        }
    }
}

/// Some places that one thread has to itself.
pub(crate) struct Claimed<'p, T> {
    of: &'p Places<T>,
    /// Those that hold nothing yet.
    left: Range<usize>,
}

impl<T> Claimed<'_, T> {
    /// Fills the next.
    ///
    /// # Panics
    ///
    /// If all are full.
    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        assert!(self.left.start < self.left.end, "no place is left");
        // SAFETY: the place is below the count, of this claim alone, and holds nothing.
        unsafe { self.of.room.add(self.left.start).write(value) };
        self.left.start += 1;
    }
}

impl<T> Drop for Claimed<'_, T> {
    fn drop(&mut self) {
        if self.left.start < self.left.end {
            self.of.gaps.lock().unwrap_or_else(PoisonError::into_inner).push(self.left.clone());
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
