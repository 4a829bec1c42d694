//! Futures that stay where they were put, several in one allocation.

use std::pin::Pin;

/// How many stand in the first row at least.
const FEW: usize = 16;

/// How many bytes the first row takes at most, if these are not few.
const BYTES: usize = 1 << 20;

/// Futures at places that are numbered from zero.
pub(crate) struct Pinned<F> {
    /// Each has room for twice as many as the one before. It has that from the start, and never holds more, so what is in it
    /// never moves.
    rows: Vec<Vec<Option<F>>>,
    /// How many the first has room for, as a power of two. And how many there are at most.
    first: u32,
    most: usize,
}

impl<F> Pinned<F> {
    /// For so many futures at most, of which there may be so many at the same time.
    pub(crate) fn new(likely: usize, most: usize) -> Self {
        let fit = (BYTES / size_of::<Option<F>>().max(1)).max(FEW);
        let first = likely.min(most).clamp(FEW, fit);
        Self { rows: Vec::new(), first: first.ilog2(), most }
    }

    /// The row of a place, and which one it is there.
    #[inline(always)]
    const fn find(&self, place: usize) -> (usize, usize) {
        let from_first = place + (1 << self.first);
        let power = from_first.ilog2();
        ((power - self.first) as usize, from_first - (1 << power))
    }

    /// Puts a future at a place that was used before, or at the next one. What was there is dropped.
    ///
    /// # Panics
    ///
    /// If a place was left out, or there are more than said.
    #[inline]
    pub(crate) fn put(&mut self, place: usize, future: F) {
        let (row, at) = self.find(place);
        if row == self.rows.len() && at == 0 {
            self.add_row(place);
        }
        let row = self.rows.get_mut(row).expect("a place was left out");
        if let Some(old) = row.get_mut(at) {
            *old = Some(future);
            return;
        }
        assert!(row.len() == at && at < row.capacity(), "a place was left out");
        row.push(Some(future));
    }

    #[cold]
    fn add_row(&mut self, place: usize) {
        let room = 1 << (self.first as usize + self.rows.len());
        self.rows.push(Vec::with_capacity(room.min(self.most.saturating_sub(place))));
    }

    /// The future at a place, if there is one.
    #[inline]
    pub(crate) fn get(&mut self, place: usize) -> Option<Pin<&mut F>> {
        let (row, at) = self.find(place);
        let future = self.rows.get_mut(row)?.get_mut(at)?.as_mut()?;
        // SAFETY: what has been put into a row stays there until it is dropped: rows are private, `put` and `clear` drop
        // what is at a place where it is, and the vector of a row never grows beyond the room that it was made with.
        Some(unsafe { Pin::new_unchecked(future) })
    }

    /// Drops the future at a place.
    #[inline]
    pub(crate) fn clear(&mut self, place: usize) {
        let (row, at) = self.find(place);
        if let Some(future) = self.rows.get_mut(row).and_then(|row| row.get_mut(at)) {
            *future = None;
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::cell::Cell;
    use std::marker::PhantomPinned;

    use super::*;

    /// Notes where it was when it was first seen, and that it is dropped there.
    struct Stays<'d> {
        at: Cell<usize>,
        dropped: &'d Cell<usize>,
        _pinned: PhantomPinned,
    }

    impl<'d> Stays<'d> {
        fn new(dropped: &'d Cell<usize>) -> Self {
            Self { at: Cell::new(0), dropped, _pinned: PhantomPinned }
        }

        fn see(self: Pin<&mut Self>) {
            let here = std::ptr::from_ref(&*self).addr();
            let before = self.at.replace(here);
            assert!(before == 0 || before == here, "it was moved");
        }
    }

    impl Drop for Stays<'_> {
        fn drop(&mut self) {
            assert!(self.at.get() == 0 || self.at.get() == std::ptr::from_ref(self).addr(), "it was moved");
            self.dropped.set(self.dropped.get() + 1);
        }
    }

    #[test]
    fn futures_stay_where_they_are_and_are_dropped_there_once() {
        let dropped = Cell::new(0);
        let count = if cfg!(miri) { 3 * FEW + 1 } else { 100 * FEW + 1 };
        let mut all = Pinned::new(0, usize::MAX >> 1);
        for place in 0..count {
            all.put(place, Stays::new(&dropped));
            (0..=place).for_each(|place| all.get(place).expect("it was put there").see());
        }
        assert_eq!(dropped.get(), 0);
        all.clear(3);
        all.put(5, Stays::new(&dropped));
        assert!(all.get(3).is_none() && all.get(count).is_none());
        assert_eq!(dropped.get(), 2);
        all.put(3, Stays::new(&dropped));
        drop(all);
        assert_eq!(dropped.get(), count + 2);
    }

    #[test]
    fn rows_grow_and_have_room_for_no_more_than_are_said() {
        let mut all = Pinned::new(20, 100);
        (0..100).for_each(|place| all.put(place, place));
        let rooms: Vec<usize> = all.rows.iter().map(Vec::capacity).collect();
        assert_eq!(rooms, [16, 32, 52]);
        assert!((0..100).all(|place| all.get(place).as_deref() == Some(&place)));
        let large = Pinned::<[u8; BYTES / 64]>::new(1 << 20, 1 << 20);
        assert_eq!(1 << large.first, 32);
    }

    #[test]
    #[should_panic(expected = "a place was left out")]
    fn places_are_taken_one_after_the_other() {
        Pinned::new(0, 16).put(1, ());
    }

    #[test]
    #[should_panic(expected = "a place was left out")]
    fn there_are_no_more_than_are_said() {
        let mut all = Pinned::new(0, 2);
        (0..3).for_each(|place| all.put(place, [0_u64; 4]));
    }
}
