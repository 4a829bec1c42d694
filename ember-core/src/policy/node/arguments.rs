//! The arguments of an operator that is called again and again.

/// An argument that each attempt can be given one of.
#[diagnostic::on_unimplemented(
    message = "`retry` needs this argument for each attempt, and a `{Self}` can be given away only once",
    label = "`{Self}` is used up by the first attempt",
    note = "let the operator borrow it, `&{Self}`, or let it be `Clone`: each attempt but the last gets a clone"
)]
pub trait Repeatable: Sized {
    /// One for the next attempt.
    #[must_use]
    fn repeat(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Repeatable for T {
    #[inline(always)]
    fn repeat(&self) -> Self {
        self.clone()
    }
}

/// One of an argument for the next attempt.
#[inline(always)]
pub fn repeat<T: Repeatable>(argument: &T) -> T {
    argument.repeat()
}

/// An argument that the operator and its fallback can be given one of each.
#[diagnostic::on_unimplemented(
    message = "the fallback needs this argument as well, and a `{Self}` can be given away only once",
    label = "`{Self}` is used up by the operator",
    note = "let both borrow it, `&{Self}`, or let it be `Clone`; a fallback that needs no arguments is a value, `fallback(value = ..)`, or a function of the failure, `fallback(with = |failure| ..)`"
)]
pub trait Shareable: Sized {
    /// One for the fallback.
    #[must_use]
    fn share(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Shareable for T {
    #[inline(always)]
    fn share(&self) -> Self {
        self.clone()
    }
}

/// One of an argument for the fallback.
#[inline(always)]
pub fn repeat_for_fallback<T: Shareable>(argument: &T) -> T {
    argument.share()
}

/// The arguments of a call, for as many attempts as there will be.
#[derive(Debug)]
pub struct Arguments<A>(Option<A>);

impl<A> Arguments<A> {
    /// Of a call.
    #[inline(always)]
    pub const fn new(arguments: A) -> Self {
        Self(Some(arguments))
    }

    /// Those of the next attempt: the last gets the originals, the others get what `repeat` makes of them.
    ///
    /// # Panics
    ///
    /// If there was a last attempt.
    #[inline(always)]
    pub fn next(&mut self, last: bool, repeat: impl FnOnce(&A) -> A) -> A {
        let given = if last { self.0.take() } else { self.0.as_ref().map(repeat) };
        given.expect("no attempt follows the last")
    }
}
