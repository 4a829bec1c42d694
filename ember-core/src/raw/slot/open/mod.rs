//! The cells of a future that polls all of its nodes itself: an open `async` graph.
//!
//! Nothing in them is atomic. All tasks of such a graph lie in its one future, and a future is polled through an exclusive
//! reference: so one thread at a time is in any of them, and when the future goes to another thread, whoever sends it there
//! orders what was done before with what comes after.
//!
//! This rests on generated code: it touches a cell in the poll of a task, at the end of the body, and nowhere else, and
//! never gives one to code of the user, who gets what is in it.

use super::misused;
use crate::sync::UnsafeCell;

/// The cell under both.
///
/// As in a cell between threads, there is no `Drop`, so that the compiler sees through it.
struct Cell<T>(UnsafeCell<Option<T>>);

impl<T> Cell<T> {
    #[inline]
    fn put(&self, value: T) {
        // SAFETY: no other thread is here (see above).
        if self.0.with(|cell| unsafe { (*cell).is_some() }) {
            misused("a value was written twice");
        }
        // SAFETY: no other thread is here, and no reference to a value is out: there is none before it is put in, and what
        // has been taken out was never lent. The old value is `None` and need not be dropped.
        self.0.with_mut(|cell| unsafe { cell.write(Some(value)) });
    }

    #[inline]
    fn take(&self) -> T {
        // SAFETY: no other thread is here (see above), and `take` is reachable only through `OpenBaton`, which never hands
        // out references.
        match self.0.with_mut(|cell| unsafe { (*cell).take() }) {
            Some(value) => value,
            None => misused("a value was taken that was not there"),
        }
    }

    /// # Safety
    ///
    /// `take` must never be called on this cell: the reference stays valid as long as the cell is borrowed.
    #[inline]
    unsafe fn get(&self) -> &T {
        // SAFETY: no other thread is here (see above). Once there is a value nobody writes: `put` refuses to, and the
        // caller promises that `take` is not called.
        match self.0.with(|cell| unsafe { (*cell).as_ref() }) {
            Some(value) => value,
            None => misused("a value was read before its node ran"),
        }
    }

    #[inline]
    fn into_value(self) -> T {
        match self.0.into_inner() {
            Some(value) => value,
            None => misused("a value was moved before its node ran"),
        }
    }
}

/// A [`Slot`](super::Slot) in a future that polls all of its nodes itself: what it holds stays with the future, and the future may go
/// to another thread if that may.
pub struct OpenSlot<T>(Cell<T>);

// SAFETY: one thread at a time is in the cell (see above). What it lends may be used by other threads at the same time,
// and what one thread has written another may take out.
unsafe impl<T: Send + Sync> Sync for OpenSlot<T> {}

impl<T> OpenSlot<T> {
    /// An empty slot.
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    #[inline]
    pub fn new() -> Self {
        Self(Cell(UnsafeCell::new(None)))
    }

    /// Writes the value.
    ///
    /// # Panics
    ///
    /// When the slot has been written before.
    #[inline]
    pub fn set(&self, value: T) {
        self.0.put(value);
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// When the slot has not been written yet.
    #[inline]
    pub fn get(&self) -> &T {
        // SAFETY: `OpenSlot` has no method that takes through a shared reference.
        unsafe { self.0.get() }
    }

    /// The value, moved out of the slot.
    ///
    /// # Panics
    ///
    /// When the slot has not been written.
    #[inline]
    pub fn into_inner(self) -> T {
        self.0.into_value()
    }
}

/// A [`Baton`](super::Baton) in a future that polls all of its nodes itself.
pub struct OpenBaton<T>(Cell<T>);

// SAFETY: one thread at a time is in the cell (see above). The value is never shared; it moves from who puts it in to the
// one who takes it out.
unsafe impl<T: Send> Sync for OpenBaton<T> {}

impl<T> OpenBaton<T> {
    /// An empty baton.
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    #[inline]
    pub fn new() -> Self {
        Self(Cell(UnsafeCell::new(None)))
    }

    /// A baton that holds a value from the start.
    #[inline]
    pub fn full(value: T) -> Self {
        Self(Cell(UnsafeCell::new(Some(value))))
    }

    /// Puts the value in.
    ///
    /// # Panics
    ///
    /// When a value has been put in before.
    #[inline]
    pub fn set(&self, value: T) {
        self.0.put(value);
    }

    /// Takes the value out.
    ///
    /// # Panics
    ///
    /// When there is none, or none any more.
    #[inline]
    pub fn take(&self) -> T {
        self.0.take()
    }

    /// The value, moved out for good: what it borrows is free again.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[inline]
    pub fn into_inner(self) -> T {
        self.0.into_value()
    }
}

/// A [`Lent`](super::Lent) in a future that polls all of its nodes itself.
pub struct OpenLent<'a, T: ?Sized>(pub &'a T);

impl<T: ?Sized> Clone for OpenLent<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for OpenLent<'_, T> {}

impl<'a, T: ?Sized> OpenLent<'a, T> {
    /// Lends a value.
    #[inline]
    pub const fn new(value: &'a T) -> Self {
        Self(value)
    }

    /// The value, for as long as it was lent.
    #[inline]
    pub const fn get(self) -> &'a T {
        self.0
    }
}

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;
