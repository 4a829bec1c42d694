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
