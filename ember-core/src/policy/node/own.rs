//! The node of a line that has policies of its own: whether its operator has some too, method lookup tells.

use std::future::Future;
use std::marker::PhantomData;

use super::{
    MaybeTimed, Operated, Outcome, Overrides, Policed, Retrying, operator, operator_async, retry, retrying,
    through, through_timeout,
};
use crate::future::Idempotent;
use crate::policy::retry::Next;
use crate::policy::{Class, PolicyError, Timers};

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

    /// Of an operator that is made elsewhere.
    #[inline(always)]
    pub const fn named() -> Self {
        Self(|| unreachable!(), PhantomData)
    }
}

/// An operator that a line may call again.
#[diagnostic::on_unimplemented(
    message = "`#[retry(..)]` may call the operator `{Self}` twice, and nothing says that this does no harm",
    label = "not known to be idempotent",
    note = "if it is safe to call it twice with the same arguments, say so: `#[operator(idempotent)]`; if not, remove the `#[retry(..)]`"
)]
pub trait CalledAgain {}
#[diagnostic::do_not_recommend]
impl<N: Idempotent> CalledAgain for N {}

/// What can be given to each attempt of a line.
#[diagnostic::on_unimplemented(
    message = "`#[retry(..)]` needs this argument for each attempt, and a `{T}` can be given away only once",
    label = "`{T}` is used up by the first attempt",
    note = "let the operator borrow it, `&value`, or give each attempt one of its own, `value.clone()`; or write `retry` on the operator, where each attempt gets a clone"
)]
pub trait Again<T> {}
#[diagnostic::do_not_recommend]
impl<T: Copy> Again<T> for Argument {}

/// What an operator is called with. Of it, and not of its type, is asked whether it can be used again, since the compiler
/// would propose to borrow what is not `Copy`, whatever the operator takes.
#[derive(Debug)]
pub struct Argument;

/// An operator whose policies make further attempts.
#[diagnostic::on_unimplemented(
    message = "`#[retry(..)]` on a line needs an operator with a `retry` of its own, or one without any policies",
    label = "`{Self}` has policies, and none of them is `retry`",
    note = "write `retry` on the operator too, `#[operator(idempotent, retry, ..)]`: there it is known what each attempt is given"
)]
pub trait Retries {}

/// Calls of an operator that has policies: its node puts the line's into the place of those.
pub trait OwnBehind<N: Behind> {
    /// Makes the call of the line, or of its future.
    fn run<R>(&self, over: Overrides, call: impl FnOnce(N::Node) -> R) -> R;

    /// The same, which gives a future.
    fn run_async<R>(&self, over: Overrides, call: impl FnOnce(N::Node) -> R) -> R;

    /// The same of a line with a retry: the operator knows how to repeat its arguments, and which failures are tried again.
    ///
    /// # Errors
    ///
    /// As the call.
    fn run_retrying<T, E>(
        &self,
        over: Overrides,
        call: impl FnOnce(N::Node) -> Result<T, PolicyError<E>>,
        _: impl Fn(&E) -> Class,
    ) -> Result<T, PolicyError<E>>
    where
        N: Retries;

    /// The same, which gives a future.
    fn run_retrying_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
        &self,
        over: Overrides,
        call: impl FnOnce(N::Node) -> F,
        _: impl Fn(&E) -> Class,
    ) -> F
    where
        N: Retries;

    /// Nothing needs to be asked of the arguments.
    fn again<T: ?Sized>(&self, _: &T) {}
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

    #[inline(always)]
    fn run_retrying<T, E>(
        &self,
        over: Overrides,
        call: impl FnOnce(N::Node) -> Result<T, PolicyError<E>>,
        _: impl Fn(&E) -> Class,
    ) -> Result<T, PolicyError<E>>
    where
        N: Retries,
    {
        call((self.0)().behind(over))
    }

    #[inline(always)]
    fn run_retrying_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
        &self,
        over: Overrides,
        call: impl FnOnce(N::Node) -> F,
        _: impl Fn(&E) -> Class,
    ) -> F
    where
        N: Retries,
    {
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
    ) -> MaybeTimed<MaybeTimed<Operated<F>>>;

    /// The same with attempts.
    ///
    /// # Errors
    ///
    /// As there.
    fn run_retrying<R: Outcome>(
        &self,
        over: Overrides,
        call: impl FnMut(N) -> R,
        classify: impl Fn(&R::Failure) -> Class,
    ) -> Policed<R>
    where
        N: CalledAgain;

    /// The same of an `async` operator.
    fn run_retrying_async<C, K, F>(&self, over: Overrides, call: C, classify: K) -> Line<N, C, K, F>
    where
        C: FnMut(N) -> F,
        K: Fn(&<F::Output as Outcome>::Failure) -> Class,
        F: Future<Output: Outcome>,
        N: CalledAgain,
        for<'never> (): Timers<'never>;

    /// Asks that an argument can be given to each attempt.
    fn again<T>(&self, _: &T)
    where
        Argument: Again<T>,
    {
    }
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
    ) -> MaybeTimed<MaybeTimed<Operated<F>>> {
        let call = operator_async(call((self.0)()));
        through_timeout(over.deadline(None), through_timeout(over.timeout(None), call))
    }

    fn run_retrying<R: Outcome>(
        &self,
        over: Overrides,
        mut call: impl FnMut(N) -> R,
        classify: impl Fn(&R::Failure) -> Class,
    ) -> Policed<R>
    where
        N: CalledAgain,
    {
        through(over.deadline(None), || {
            let attempt = |_| through(over.timeout(None), || operator(|| call((self.0)())));
            retry(over.added_retry(), attempt, classify)
        })
    }

    fn run_retrying_async<C, K, F>(&self, over: Overrides, call: C, classify: K) -> Line<N, C, K, F>
    where
        C: FnMut(N) -> F,
        K: Fn(&<F::Output as Outcome>::Failure) -> Class,
        F: Future<Output: Outcome>,
        N: CalledAgain,
        for<'never> (): Timers<'never>,
    {
        let calls = Calls { make: self.0, call, over };
        through_timeout(over.deadline(None), retrying(over.added_retry(), calls, classify))
    }
}

/// The future of a line with attempts around an operator that has no policies.
pub type Line<N, C, K, F> = MaybeTimed<
    Retrying<Calls<N, C>, K, MaybeTimed<Operated<F>>, <<F as Future>::Output as Outcome>::Failure>,
>;

/// What makes the call of each attempt of a line.
pub struct Calls<N, C> {
    make: fn() -> N,
    call: C,
    over: Overrides,
}

impl<N, C, F> Next<MaybeTimed<Operated<F>>> for Calls<N, C>
where
    C: FnMut(N) -> F,
    F: Future<Output: Outcome>,
{
    fn next(&mut self, _: u32, _: u32) -> MaybeTimed<Operated<F>> {
        through_timeout(self.over.timeout(None), operator_async((self.call)((self.make)())))
    }
}
