//! The node of a line that has policies of its own: whether its operator has some too, method lookup tells.

use std::future::Future;
use std::marker::PhantomData;

use super::{Outcome, Overrides, Policed, operator, operator_async, through, through_async};

/// An operator with policies.
pub trait Behind: Sized {
    /// The node that knows what its line says.
    type Node;

    /// That node.
    fn behind(self, over: Overrides) -> Self::Node;
}

/// An operator, and how its value is made.
pub struct Own<N>(fn() -> N, PhantomData<N>);

impl<N> Own<N> {
    /// Of the operator that this makes.
    #[inline(always)]
    pub const fn new(make: fn() -> N) -> Self {
        Self(make, PhantomData)
    }
}

/// Calls of an operator that has policies: its node puts the line's into the place of those.
pub trait OwnBehind<N: Behind> {
    /// Makes the call of the line, or of its future.
    fn run<R>(&self, over: Overrides, call: impl FnOnce(N::Node) -> R) -> R;

    /// The same, which gives a future.
    fn run_async<R>(&self, over: Overrides, call: impl FnOnce(N::Node) -> R) -> R;
}

impl<N: Behind> OwnBehind<N> for &Own<N> {
    #[inline(always)]
    fn run<R>(&self, over: Overrides, call: impl FnOnce(N::Node) -> R) -> R {
        call((self.0)().behind(over))
    }

    #[inline(always)]
    fn run_async<R>(&self, over: Overrides, call: impl FnOnce(N::Node) -> R) -> R {
        call((self.0)().behind(over))
    }
}

/// Calls of an operator that has none: the line's stand around the call.
pub trait OwnPlain<N> {
    /// Makes the call of the line.
    ///
    /// # Errors
    ///
    /// The operator's own failure, or what a policy says in its place.
    fn run<R: Outcome>(&self, over: Overrides, call: impl FnOnce(N) -> R) -> Policed<R>;

    /// The same of an `async` operator.
    fn run_async<F: Future<Output: Outcome>>(
        &self,
        over: Overrides,
        call: impl FnOnce(N) -> F,
    ) -> impl Future<Output = Policed<F::Output>>;
}

impl<N> OwnPlain<N> for Own<N> {
    fn run<R: Outcome>(&self, over: Overrides, call: impl FnOnce(N) -> R) -> Policed<R> {
        let node = (self.0)();
        through(over.deadline(None), || through(over.timeout(None), || operator(|| call(node))))
    }

    fn run_async<F: Future<Output: Outcome>>(
        &self,
        over: Overrides,
        call: impl FnOnce(N) -> F,
    ) -> impl Future<Output = Policed<F::Output>> {
        let node = (self.0)();
        async move {
            through_async(over.deadline(None), || {
                through_async(over.timeout(None), || operator_async(call(node)))
            })
            .await
        }
    }
}
