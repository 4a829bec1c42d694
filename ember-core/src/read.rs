//! Reading a value of a `Copy` type through a reference.
//!
//! A value that several nodes use by value must be `Copy`; the compiler says so in the straight-line form of the
//! graph. The parallel form, where the nodes see a reference, need not say it again: reading is resolved to a copy
//! where the type is `Copy` ([`ReadCopy`]) and to code that does not compile elsewhere ([`ReadNever`]).

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
    /// A copy of the value.
    fn read(self) -> Self::Value;
}

impl<T: Copy> ReadCopy for Read<'_, T> {
    type Value = T;
    #[inline(always)]
    fn read(self) -> T {
        *self.0
    }
}

/// Stands in for other types.
pub trait ReadNever {
    /// What would be read.
    type Value;
    /// Does not compile.
    fn read(&self) -> Self::Value;
}

impl<T> ReadNever for Read<'_, T> {
    type Value = T;
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
}
