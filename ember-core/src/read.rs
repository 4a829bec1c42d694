//! Reading a value of a `Copy` type through a reference.
//!
//! A value that several nodes use by value must be `Copy`; the compiler says so in the straight-line form of the
//! graph. The parallel form, where the nodes see a reference, need not say it again: reading is resolved to a copy
//! where the type is `Copy` ([`ReadCopy`]) and to code that does not compile elsewhere ([`ReadNever`]).
//!
//! What `move` closures and `async move` blocks take of a value they shall own, as in the plain function, although the
//! name stands for a reference: they take a copy that stands for its value as the reference did ([`Held`]).

use std::fmt;
use std::ops::Deref;

/// A reference to be read by value.
pub struct Read<'a, T>(&'a T);

impl<'a, T> Read<'a, T> {
    /// Of a value.
    #[inline(always)]
    pub const fn new(value: &'a T) -> Self {
        Self(value)
    }
}

/// Reads a `Copy` type. It takes the reference with it, so that nothing of it is kept while what it is read for waits.
pub trait ReadCopy {
    /// What is read.
    type Value;
    /// What a closure takes with it.
    type Held;
    /// A copy of the value.
    fn read(self) -> Self::Value;
    /// A copy of the value in the place of a reference.
    fn hold(self) -> Self::Held;
}

impl<T: Copy> ReadCopy for Read<'_, T> {
    type Value = T;
    type Held = Held<T>;
    #[inline(always)]
    fn read(self) -> T {
        *self.0
    }
    #[inline(always)]
    fn hold(self) -> Held<T> {
        Held(*self.0)
    }
}

/// A copy of a value, read as through a reference.
#[derive(Clone, Copy)]
pub struct Held<T>(T);

impl<T> Deref for Held<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}

/// A name in a format string stays as it is, so what it means must be shown as the value is.
macro_rules! shown {
    ($($way:ident)*) => {$(
        impl<T: fmt::$way> fmt::$way for Held<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
shown!(Debug Display Binary Octal LowerHex UpperHex LowerExp UpperExp Pointer);

/// Stands in for other types.
pub trait ReadNever {
    /// What would be read.
    type Value;
    /// What a closure takes with it.
    type Held;
    /// Does not compile.
    fn read(&self) -> Self::Value;
    /// The reference: of a value that is not `Copy`, a closure that leaves something for others takes a part.
    fn hold(&self) -> Self::Held;
}

impl<'a, T> ReadNever for Read<'a, T> {
    type Value = T;
    type Held = &'a T;
    fn read(&self) -> T {
        // The straight-line form has refused such a program before this is compiled. Should ever a program get
        // here, it must not be built.
        const {
            assert!(
                size_of::<T>() == usize::MAX,
                "a closure of a graph moves a value that is not `Copy`; write `move` before the closure"
            );
        }
        unreachable!()
    }
    #[inline(always)]
    fn hold(&self) -> &'a T {
        self.0
    }
}
