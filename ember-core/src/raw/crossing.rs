//! The items of a `for` on their way to its results.
//!
//! Whoever works on a `for` claims a *lot*, which is a range of items, and turns each into a result. Results stand in the
//! vector that the `for` gives, from the start; items stand where the caller had them, if that can be had.
//!
//! A lot that does not come to its end drops what it has made and what it has not taken, and leaves a hole.

use std::array;
use std::iter;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::slice;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use crate::bounds::CrossesByValue;

/// Items that can be taken in any order.
///
/// # Safety
///
/// `take` may be called on several threads at once, for different items.
pub unsafe trait Items {
    /// One of them.
    type Item;

    /// How many there are.
    fn count(&self) -> usize;

    /// Takes an item.
    ///
    /// # Safety
    ///
    /// `index` is below the count, and no index is taken twice.
    unsafe fn take(&self, index: usize) -> Self::Item;
}

// SAFETY: reading a slice changes nothing; whether its items may be shared is asked of `&T`, which is sent.
unsafe impl<'a, T> Items for &'a [T] {
    type Item = &'a T;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    unsafe fn take(&self, index: usize) -> &'a T {
        &self[index]
    }
}

/// What holds items of its own side by side.
///
/// # Safety
///
/// The items are valid and stay where they are while the holder is not moved or changed. `free` does not touch them.
pub unsafe trait Holder: Sized {
    /// One of the items.
    type Item;

    /// Where they are.
    fn items(&self) -> &[Self::Item];

    /// Frees what holds the items, and leaves them alone.
    fn free(self);
}

// SAFETY: a vector's items stand in memory of its own. With its length at zero it frees that alone.
unsafe impl<T> Holder for Vec<T> {
    type Item = T;

    #[inline]
    fn items(&self) -> &[T] {
        self
    }

    fn free(mut self) {
        // SAFETY: zero is below any capacity, and leaves no item to be valid.
        unsafe { self.set_len(0) };
    }
}

// SAFETY: what is left of an array stands in the iterator, which owns no memory besides.
unsafe impl<T, const N: usize> Holder for array::IntoIter<T, N> {
    type Item = T;

    #[inline]
    fn items(&self) -> &[T] {
        self.as_slice()
    }

    fn free(self) {
        std::mem::forget(self);
    }
}

/// The items of a holder, each of which is taken or leaked.
pub struct Owned<H: Holder>(ManuallyDrop<H>);

impl<H: Holder> Owned<H> {
    #[inline]
    fn new(holder: H) -> Self {
        Self(ManuallyDrop::new(holder))
    }
}

// SAFETY: each call reads an item of its own. Whether items may be sent is asked of their type.
unsafe impl<H: Holder> Items for Owned<H> {
    type Item = H::Item;

    #[inline]
    fn count(&self) -> usize {
        self.0.items().len()
    }

    #[inline]
    unsafe fn take(&self, index: usize) -> H::Item {
        let item = &raw const self.0.items()[index];
        // SAFETY: the item is valid, and the caller takes each index once; the holder is freed without its items. So
        // the item is moved out once and its place is not used again.
        unsafe { item.read() }
    }
}

impl<H: Holder> Drop for Owned<H> {
    fn drop(&mut self) {
        // SAFETY: `self` ends here, so the holder is not used again.
        unsafe { ManuallyDrop::take(&mut self.0) }.free();
    }
}

/// What a `for` goes through, asked how its items can be had. Method lookup takes the first way that the type allows.
pub struct Through<I>(Option<I>);

impl<I> Through<I> {
    /// Of an iterator.
    #[inline]
    pub const fn new(iterator: I) -> Self {
        Self(Some(iterator))
    }
}

/// Items that are somewhere already.
pub trait InPlace {
    /// How they are had.
    type Items: Items;
    /// The items.
    fn items(self) -> Self::Items;
}

/// Items that have to be collected first. What is no iterator is refused at the method, in the compiler's own words.
pub trait Collected<I> {
    /// The items.
    fn items(self) -> Owned<Vec<I::Item>>
    where
        I: Iterator;
}

impl<'a, T> InPlace for Through<slice::Iter<'a, T>> {
    type Items = &'a [T];

    #[inline]
    fn items(self) -> &'a [T] {
        self.0.map_or(&[], |iterator| iterator.as_slice())
    }
}

impl<T, const N: usize> InPlace for Through<array::IntoIter<T, N>> {
    type Items = Owned<array::IntoIter<T, N>>;

    #[inline]
    fn items(self) -> Self::Items {
        Owned::new(self.0.expect("made with one"))
    }
}

/// Numbers whose ranges are short enough to be counted.
pub trait Number: Copy {
    /// How many numbers a range has.
    fn count(range: &Range<Self>) -> usize;
    /// The number so far behind this one, in a range that has it.
    #[must_use]
    fn behind(self, index: usize) -> Self;
}

macro_rules! numbers {
    ($($int:ty)*) => { $(
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            reason = "what is cut off an index comes back in the sum"
        )]
        impl Number for $int {
            #[inline]
            fn count(range: &Range<Self>) -> usize {
                range.size_hint().0
            }

            #[inline]
            fn behind(self, index: usize) -> Self {
                // The sum is in the range; only the index may be out of the type's.
                self.wrapping_add(index as $int)
            }
        }
    )* };
}
numbers! { u8 i8 u16 i16 u32 i32 usize isize }
#[cfg(target_pointer_width = "64")]
numbers! { u64 i64 }

// SAFETY: numbers are made anywhere.
unsafe impl<N: Number> Items for Range<N> {
    type Item = N;

    #[inline]
    fn count(&self) -> usize {
        N::count(self)
    }

    #[inline]
    unsafe fn take(&self, index: usize) -> N {
        self.start.behind(index)
    }
}

// For all numbers at once: a literal's type may be settled later, by what takes the item.
impl<N: Number> InPlace for Through<Range<N>> {
    type Items = Range<N>;

    #[inline]
    fn items(self) -> Range<N> {
        self.0.expect("made with one")
    }
}

impl<I> Collected<I> for &mut Through<I> {
    #[inline]
    fn items(self) -> Owned<Vec<I::Item>>
    where
        I: Iterator,
    {
        // A vector's own iterator gives its memory on.
        Owned::new(self.0.take().map_or_else(Vec::new, Iterator::collect))
    }
}

/// The items of a `for` and what becomes of them.
pub(crate) struct Crossing<S: Items, T> {
    items: S,
    count: usize,
    /// The first item that nobody has claimed.
    next: AtomicUsize,
    /// Empty, with room for all; and where that is.
    results: Vec<T>,
    room: *mut T,
    /// Lots that did not come to their end.
    holes: Mutex<Vec<Range<usize>>>,
}

// SAFETY: `new` demands that items and results are `Send`. Each is touched by the one thread that claimed it: items are
// moved to it, results are moved from it and read when all threads are done. Nothing is shared.
unsafe impl<S: Items, T> Sync for Crossing<S, T> {}

impl<S: Items, T> Crossing<S, T> {
    pub(crate) fn new(items: S) -> Self
    where
        S::Item: CrossesByValue,
        T: CrossesByValue,
    {
        let count = items.count();
        let mut results = Vec::with_capacity(count);
        let room = results.as_mut_ptr();
        Self { items, count, next: AtomicUsize::new(0), results, room, holes: Mutex::new(Vec::new()) }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Whether all items have been claimed.
    pub(crate) fn is_claimed(&self) -> bool {
        self.next.load(Relaxed) >= self.count
    }

    /// Claims some of the items that are left, as `size` tells of their number; at least one.
    pub(crate) fn claim(&self, size: impl Fn(usize) -> usize) -> Option<Lot<'_, S, T>> {
        let mut start = self.next.load(Relaxed);
        loop {
            let left = self.count.checked_sub(start).filter(|&left| left > 0)?;
            let end = start + size(left).clamp(1, left);
            // Nothing but the number itself is handed over here.
            match self.next.compare_exchange_weak(start, end, Relaxed, Relaxed) {
                Ok(_) => return Some(Lot { of: self, claimed: start..end, at: None }),
                Err(now) => start = now,
            }
        }
    }

    /// The results, if each item came to its end.
    pub(crate) fn into_results(mut self) -> Option<Vec<T>> {
        if !self.is_claimed() || !self.holes().is_empty() {
            return None;
        }
        let mut results = std::mem::take(&mut self.results);
        // SAFETY: all items are claimed and no lot left a hole, so each lot has written all its results. Lots borrow
        // `self`, which is owned here: none is at work. What other threads wrote happened before, as they have been
        // waited for.
        unsafe { results.set_len(self.count) };
        self.count = 0;
        Some(results)
    }

    fn holes(&mut self) -> &mut Vec<Range<usize>> {
        self.holes.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn result(&self, index: usize) -> *mut T {
        debug_assert!(index < self.count);
        // SAFETY: the vector has room for `count` results, and an index is below that.
        unsafe { self.room.add(index) }
    }
}

impl<S: Items, T> Drop for Crossing<S, T> {
    /// Drops what was claimed and made, and the items that nobody claimed.
    fn drop(&mut self) {
        let count = self.count;
        let claimed = self.next.load(Relaxed).min(count);
        let mut holes = std::mem::take(self.holes());
        holes.sort_unstable_by_key(|hole| hole.start);
        let mut made = 0;
        for hole in holes.into_iter().chain(iter::once(claimed..claimed)) {
            for index in made..hole.start {
                // SAFETY: the index was claimed and is in no hole, so its result was written; the vector counts none,
                // so it is dropped here alone.
                unsafe { self.result(index).drop_in_place() };
            }
            made = hole.end;
        }
        if count > 0 {
            for index in claimed..count {
                // SAFETY: nobody has claimed the item, and nobody can any more.
                drop(unsafe { self.items.take(index) });
            }
        }
    }
}

/// Some items that one worker has to itself.
pub(crate) struct Lot<'c, S: Items, T> {
    of: &'c Crossing<S, T>,
    claimed: Range<usize>,
    /// The item at hand: it has been taken, and has no result. Those before it have, those behind it have not been taken.
    /// None before the first; the end of the lot behind the last.
    at: Option<usize>,
}

impl<S: Items, T> Lot<'_, S, T> {
    /// The first of its items.
    pub(crate) fn first(&self) -> usize {
        self.claimed.start
    }

    /// The item at hand.
    pub(crate) fn at(&self) -> usize {
        self.at.unwrap_or(self.claimed.start)
    }

    /// How many items it has.
    pub(crate) fn len(&self) -> usize {
        self.claimed.len()
    }

    /// Makes results of the items, in order, up to the first that fails.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    #[inline]
    pub(crate) fn run<E>(&mut self, mut make: impl FnMut(usize, S::Item) -> Result<T, E>) -> Result<(), E> {
        for index in self.claimed.clone() {
            self.at = Some(index);
            // SAFETY: the index is within the count and was claimed by this lot alone, which comes by it once.
            let item = unsafe { self.of.items.take(index) };
            let result = make(index, item)?;
            // SAFETY: the place is this lot's own, and nothing has been written there.
            unsafe { self.of.result(index).write(result) };
        }
        self.at = Some(self.claimed.end);
        Ok(())
    }
}

impl<S: Items, T> Drop for Lot<'_, S, T> {
    fn drop(&mut self) {
        if self.at == Some(self.claimed.end) {
            return;
        }
        let (made, left) = self.at.map_or((self.claimed.start, self.claimed.start), |at| (at, at + 1));
        let mut holes = self.of.holes.lock().unwrap_or_else(PoisonError::into_inner);
        holes.push(self.claimed.clone());
        drop(holes);
        for index in self.claimed.start..made {
            // SAFETY: the result was written by this lot, and the hole keeps others from it.
            unsafe { self.of.result(index).drop_in_place() };
        }
        for index in left..self.claimed.end {
            // SAFETY: the item was claimed by this lot and has not been taken.
            drop(unsafe { self.of.items.take(index) });
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
