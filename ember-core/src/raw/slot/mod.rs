//! Where values wait between nodes: write-once cells that live on the stack of a run.
//!
//! A value that crosses from one task to another sits in one of three cells, chosen by the macro from how
//! the value is used:
//!
//! | cell | written | read |
//! |---|---|---|
//! | [`Slot`] | once, by its node | any number of times, by reference |
//! | [`Baton`] | once | once, by value |
//! | [`Lent`] | made from a borrowed value | any number of times, by reference |
//!
//! All three are `Sync` whatever they hold. That is sound because a cell of values that may not cross to
//! another thread cannot be made: the constructors carry the bound. The bound sits there, and not on the
//! closures that capture the cells, so that the compiler complains once and at the user's own name.
//!
//! Every cell checks its use at run time. Generated code never fails these checks; a hand that calls the
//! hidden interface wrongly gets a panic, not undefined behaviour.

use crate::bounds::{Crosses, CrossesByReference, CrossesByValue};
use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::sync::{AtomicU8, UnsafeCell};

mod open;

pub use open::{OpenBaton, OpenLent, OpenSlot};

const EMPTY: u8 = 0;
const BUSY: u8 = 1;
const FULL: u8 = 2;

/// The cell under `Slot` and `Baton`: a value and the state that guards it.
///
/// The state moves `EMPTY → BUSY → FULL` while a value is put in and `FULL → BUSY` when it is taken out
/// for good. Whoever moves the state to `BUSY` alone touches the value; `FULL` publishes it.
///
/// The value sits in an `Option` and there is no `Drop`: so the compiler sees through the cell when it
/// checks what a value's destructor may touch, exactly as for a plain local variable.
struct Cell<T> {
    state: AtomicU8,
    value: UnsafeCell<Option<T>>,
}

impl<T> Cell<T> {
    fn empty() -> Self {
        Self { state: AtomicU8::new(EMPTY), value: UnsafeCell::new(None) }
    }

    fn full(value: T) -> Self {
        Self { state: AtomicU8::new(FULL), value: UnsafeCell::new(Some(value)) }
    }

    #[inline(never)]
    fn put(&self, value: T) {
        if self.state.compare_exchange(EMPTY, BUSY, Acquire, Relaxed).is_err() {
            misused("a value was written twice");
        }
        // SAFETY: the exchange above succeeds for one caller ever, because no transition leads back to
        // `EMPTY`; nobody reads before `FULL` is stored. So this is the only access. The old value is
        // `None` and need not be dropped.
        self.value.with_mut(|old| unsafe { old.write(Some(value)) });
        self.state.store(FULL, Release);
    }

    #[inline]
    fn take(&self) -> T {
        if self.state.compare_exchange(FULL, BUSY, AcqRel, Relaxed).is_err() {
            misused("a value was taken that was not there");
        }
        // SAFETY: the exchange succeeds for one caller ever (`BUSY` is final here) and acquires the write of `put`.
        // `take` is reachable only through `Baton`, which never hands out references, so nothing aliases the value.
        match self.value.with_mut(|value| unsafe { (*value).take() }) {
            Some(value) => value,
            None => misused("a full cell held nothing"),
        }
    }

    /// # Safety
    ///
    /// `take` must never be called on this cell: the reference stays valid as long as the cell is borrowed.
    #[inline]
    unsafe fn get(&self) -> &T {
        if self.state.load(Acquire) != FULL {
            misused("a value was read before its node ran");
        }
        // SAFETY: `FULL` was stored after the write and is acquired here; after it nobody writes: `put` has
        // run, and the caller promises that `take` does not. Moving the cell away needs it unborrowed.
        match self.value.with(|value| unsafe { (*value).as_ref() }) {
            Some(value) => value,
            None => misused("a full cell held nothing"),
        }
    }

    fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    #[inline]
    fn into_value(self) -> T {
        match self.into_inner() {
            Some(value) => value,
            None => misused("a value was moved before its node ran"),
        }
    }
}

#[cold]
#[inline(never)]
fn misused(what: &str) -> ! {
    panic!("ember: {what}; this is a defect of ember, please report it")
}

/// A value written once by its node and read by reference from then on.
pub struct Slot<T>(Cell<T>);

// SAFETY: a `Slot<T>` is only made by `new`, which demands `T: Crosses` (`Send + Sync`), and by `asked_later`, whose users
// demand it: `Home` where a value is put in, `slot_of_settled` of the value in a `Kept` or `Owned`. Its readers on other
// threads share a `Sync` value, and its owner may receive what another thread wrote because it is `Send`.
unsafe impl<T> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// An empty slot.
    #[expect(clippy::new_without_default, reason = "the bound is to be reported at `new`")]
    #[inline]
    pub fn new() -> Self
    where
        T: Crosses,
    {
        Self(Cell::empty())
    }

    /// An empty slot of any type. Who writes it must have asked whether the value may cross.
    #[inline]
    pub(crate) fn asked_later() -> Self {
        Self(Cell::empty())
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
        // SAFETY: `Slot` has no method that takes through a shared reference.
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

    /// The value, if the slot has been written.
    #[inline]
    pub fn into_option(self) -> Option<T> {
        self.0.into_inner()
    }
}

/// A value handed from one task to another.
pub struct Baton<T>(Cell<T>);

// SAFETY: a `Baton<T>` is only made by `new` and `full`, which demand `T: Send`, and by `asked_later`, whose users demand
// it of the value in an `Owned`, or in a `Kept`, which is `Send` by itself; the value is never shared,
// it moves from the thread that put it in to the one thread whose `take` wins.
unsafe impl<T> Sync for Baton<T> {}

impl<T> Baton<T> {
    /// An empty baton.
    #[expect(clippy::new_without_default, reason = "the bound is to be reported at `new`")]
    #[inline]
    pub fn new() -> Self
    where
        T: CrossesByValue,
    {
        Self(Cell::empty())
    }

    /// An empty baton of any type. Who asks for it must have asked whether the value may cross.
    #[inline]
    pub(crate) fn asked_later() -> Self {
        Self(Cell::empty())
    }

    /// A baton that holds a value from the start.
    #[inline]
    pub fn full(value: T) -> Self
    where
        T: CrossesByValue,
    {
        Self(Cell::full(value))
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

/// A value of the surroundings, lent to tasks on other threads.
pub struct Lent<'a, T: ?Sized>(&'a T);

impl<T: ?Sized> Clone for Lent<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for Lent<'_, T> {}

// SAFETY: a `Lent<T>` is only made by `new`, which demands `T: Sync`; it is a shared reference, and those may
// be sent and shared if the target is `Sync`.
unsafe impl<T: ?Sized> Sync for Lent<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized> Send for Lent<'_, T> {}

impl<'a, T: ?Sized> Lent<'a, T> {
    /// Lends a value.
    #[inline]
    pub const fn new(value: &'a T) -> Self
    where
        T: CrossesByReference,
    {
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
