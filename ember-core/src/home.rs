//! Where a value belongs of which the last lines only take parts.
//!
//! `f(user.id)` as the last use of `user` moves the field out of it if the field's type is not `Copy`, so the task must
//! own the value. If it is `Copy`, nothing is moved: the value lives to the end of the run, and others may borrow from it
//! until then. A macro sees no types. So such a value is *settled* where it is made, in a way that the types of the parts
//! decide: it goes to its [`Home`] in the code around, and what is handed about is a reference ([`Kept`]); or it is
//! handed about itself ([`Owned`]). Both are used in the same words.

use std::marker::PhantomData;

use crate::slot::Slot;

/// The place of a value in the code around the tasks.
pub struct Home<T>(Slot<T>);

impl<T> Home<T> {
    /// An empty home.
    #[expect(clippy::new_without_default, reason = "like the cells")]
    #[inline]
    pub fn new() -> Self {
        Self(Slot::asked_later())
    }
}

/// A value that stays in its home.
pub struct Kept<'a, T>(&'a T);

impl<'a, T> Kept<'a, T> {
    /// The value.
    #[inline(always)]
    pub const fn get(&self) -> &'a T {
        self.0
    }

    /// The value, of which parts are copied.
    #[inline(always)]
    pub const fn into_inner(self) -> &'a T {
        self.0
    }
}

/// A value that belongs to whoever has it.
pub struct Owned<T>(T);

impl<T> Owned<T> {
    /// The value.
    #[inline(always)]
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// The value, of which parts are moved.
    #[inline(always)]
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// What a value is settled in. It may cross between threads where its value may: a [`Kept`] is only made of values that
/// are `Send + Sync`.
pub trait Settled: sealed::Sealed {
    /// The value's type.
    type Value;
}

impl<T> Settled for Kept<'_, T> {
    type Value = T;
}

impl<T> Settled for Owned<T> {
    type Value = T;
}

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for super::Kept<'_, T> {}
    impl<T> Sealed for super::Owned<T> {}
}

/// A value and the types of its parts that are used by value.
pub struct Parts<T, P>(PhantomData<fn() -> (T, P)>);

impl<T> Parts<T, ()> {
    /// Of a value, none.
    #[inline(always)]
    pub const fn of(_: &T) -> Self {
        Self(PhantomData)
    }
}

/// A part. A method of its own, so that where the part's type is a mistake the compiler knows nothing of what comes
/// behind, and tells the mistake once.
pub trait Part: Sized {
    /// The parts with this one.
    #[inline(always)]
    fn __part_of<T, P>(&self, _: Parts<T, P>) -> Parts<T, (P, Self)> {
        Parts(PhantomData)
    }
}

impl<T> Part for T {}

/// All parts are copied.
pub trait SettleCopied {
    /// The value's type.
    type Value;
    /// Brings the value home.
    fn settle<'a>(&self, value: Self::Value, home: &'a Home<Self::Value>) -> Kept<'a, Self::Value>;
}

impl<T: Send + Sync, P: Copy> SettleCopied for &Parts<T, P> {
    type Value = T;
    #[inline(always)]
    fn settle<'a>(&self, value: T, home: &'a Home<T>) -> Kept<'a, T> {
        home.0.set(value);
        Kept(home.0.get())
    }
}

/// A part may be moved, or other threads may not have a reference to the value.
pub trait SettleOwned {
    /// The value's type.
    type Value;
    /// Leaves the value where it is.
    fn settle(&self, value: Self::Value, home: &Home<Self::Value>) -> Owned<Self::Value>;
}

impl<T, P> SettleOwned for Parts<T, P> {
    type Value = T;
    #[inline(always)]
    fn settle(&self, value: T, _: &Home<T>) -> Owned<T> {
        Owned(value)
    }
}
