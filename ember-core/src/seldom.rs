//! What most runs do not have.
//!
//! Of an `Option<T>` the compiler makes one function that drops it, which each run would call to find nothing.

use std::mem::ManuallyDrop;

/// A value that is seldom there. That it is not costs one look when it is dropped.
pub(crate) struct Seldom<T>(ManuallyDrop<Option<T>>);

impl<T> Seldom<T> {
    /// None.
    #[inline(always)]
    pub(crate) const fn none() -> Self {
        Self(ManuallyDrop::new(None))
    }

    /// What may be there.
    #[inline]
    pub(crate) const fn new(value: Option<T>) -> Self {
        Self(ManuallyDrop::new(value))
    }

    /// The value.
    #[inline]
    pub(crate) fn get(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }

    /// Puts a value in place of any other.
    pub(crate) fn insert(&mut self, value: T) -> &mut T {
        self.0.insert(value)
    }

    /// The value, which is made if there is none.
    pub(crate) fn get_or_insert_with(&mut self, make: impl FnOnce() -> T) -> &mut T {
        self.0.get_or_insert_with(make)
    }

    /// Takes the value out.
    pub(crate) fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    /// Whether there is a value.
    #[inline]
    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl<T> Drop for Seldom<T> {
    #[inline(always)]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn end<T>(value: Option<T>) {
            drop(value);
        }
        // Nothing else drops what is taken out here.
        if self.0.is_some() {
            end(self.0.take());
        }
    }
}

/// A value that is seldom there, and that whoever has it drops, so that he looks once for several. If he does not, nobody does.
pub(crate) struct Rare<T>(ManuallyDrop<Option<T>>);

impl<T> Rare<T> {
    /// What may be there.
    #[inline(always)]
    pub(crate) const fn new(value: Option<T>) -> Self {
        Self(ManuallyDrop::new(value))
    }

    /// The value.
    #[inline(always)]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// Where it is, to be written or taken.
    #[inline]
    pub(crate) fn place(&mut self) -> &mut Option<T> {
        &mut self.0
    }

    /// Whether there is a value.
    #[inline(always)]
    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }
}
