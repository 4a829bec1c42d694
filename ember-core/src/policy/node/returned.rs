//! Whether an operator with a cache returns a `Result` under another name.

use std::marker::PhantomData;

/// What an operator returns whose type is not written as a `Result`.
#[derive(Debug)]
pub struct Returned<T: ?Sized>(PhantomData<fn() -> T>);

impl<T: ?Sized> Returned<T> {
    /// Of an operator.
    #[inline(always)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: ?Sized> Default for Returned<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// What no type is.
#[diagnostic::on_unimplemented(
    message = "the cache would keep failures for as long as values: this is a `Result` under another name",
    label = "a `Result`",
    note = "write it as `Result<..>`, or under a name that ends with `Result`; then failures are not kept, or as long as `errors = \"1s\"` says"
)]
pub trait KeptWhole<'never> {}

/// It is a `Result` all the same.
pub trait IsResult {
    /// Never called: its bound does not hold.
    fn is_no_result(&self)
    where
        for<'never> Self: KeptWhole<'never>;
}
impl<T, E> IsResult for &Returned<Result<T, E>> {
    fn is_no_result(&self)
    where
        for<'never> Self: KeptWhole<'never>,
    {
    }
}

/// It is none.
pub trait IsValue {
    /// Nothing needs to be asked.
    fn is_no_result(&self) {}
}
impl<T: ?Sized> IsValue for Returned<T> {}
