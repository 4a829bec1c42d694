//! Reading a value of a `Copy` type through a reference.
//!
//! A value that several nodes use by value must be `Copy`; the compiler says so in the straight-line form of the
//! graph. The parallel form, where the nodes see a reference, need not say it again: reading is resolved to a copy
//! where the type is `Copy` ([`ReadCopy`]) and to code that never runs elsewhere ([`ReadNever`]).

/// A reference to be read by value.
pub struct Read<'a, T>(&'a T);

impl<'a, T> Read<'a, T> {
    /// Of a value.
    #[inline(always)]
    pub const fn new(value: &'a T) -> Self {
        Self(value)
    }
}

/// Reads a `Copy` type.
pub trait ReadCopy {
    /// What is read.
    type Value;
    /// A copy of the value.
    fn read(&self) -> Self::Value;
}

impl<T: Copy> ReadCopy for &Read<'_, T> {
    type Value = T;
    #[inline(always)]
    fn read(&self) -> T {
        *self.0
    }
}

/// Stands in for other types.
pub trait ReadNever {
    /// What would be read.
    type Value;
    /// Never runs: the straight-line form does not compile.
    ///
    /// # Panics
    ///
    /// Always.
    fn read(&self) -> Self::Value;
}

impl<T> ReadNever for Read<'_, T> {
    type Value = T;
    fn read(&self) -> T {
        unreachable!("a value that is not `Copy` is moved once")
    }
}
