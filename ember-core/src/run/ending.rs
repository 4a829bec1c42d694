//! How a graph ends when it fails: in its own error type.
//!
//! What that type must be is asked once, where the graph's signature names it, and the answer is a value
//! ([`Errors`]) that all the rest works with. So a type that will not do is reported once, too.

use std::any::Any;
use std::marker::PhantomData;

use super::failure::{Failure, Fork};
use crate::error::{Counts, Error};

/// What a graph with `?` returns; `E` is its error type.
#[diagnostic::on_unimplemented(
    message = "`?` is used in a graph that returns `{Self}`",
    label = "this failure has nowhere to go",
    note = "let the graph return `Result<{Self}, ember::Error>` and end with `Ok(..)`"
)]
pub trait Failing<E> {
    /// The graph's outcome when it fails.
    fn failed(error: E) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, E> Failing<E> for Result<T, E> {
    #[inline]
    fn failed(error: E) -> Self {
        Err(error)
    }
}

/// What a graph with a bounded `loop` returns; `E` is its error type.
#[diagnostic::on_unimplemented(
    message = "`#[at_most(..)]` needs a graph that can fail, and this one returns `{Self}`",
    label = "a `loop` that reaches its bound has nowhere to say so",
    note = "past the bound the graph returns an error: let it return `Result<{Self}, ember::Error>` and end with `Ok(..)`"
)]
pub trait Bounded<E>: Failing<E> {}
#[diagnostic::do_not_recommend]
impl<T, E> Bounded<E> for Result<T, E> {}

/// What the error type of a graph must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error type of a graph",
    label = "the error type of this graph",
    note = "besides the operators' own errors a graph reports panics and cancellation: write `impl From<ember::Error> for {Self}`, or return `Result<_, ember::Error>`",
    note = "an error type of your own must also be `Send` and own its data (`'static`)"
)]
pub trait GraphError: From<Error> + Send + 'static {}
#[diagnostic::do_not_recommend]
impl<G: From<Error> + Send + 'static> GraphError for G {}

/// The error type of graphs that cannot fail.
#[derive(Debug)]
pub enum NoFailure {}

/// The value of a part of a graph.
#[inline(always)]
pub const fn same<T>(value: T) -> T {
    value
}

/// The value of a part of a graph, in a place from which it is taken. To the compiler that is one expression, of which it
/// expects nothing before it knows its type: so what it finds wrong is shown under all of the user's tokens.
#[derive(Debug)]
pub struct Given<T>(pub T);

/// The value of a graph, or of an item, that came about.
#[inline(always)]
#[expect(clippy::missing_errors_doc, reason = "what can fail is around it")]
pub const fn given<T, E>(value: T) -> Result<T, E> {
    Ok(value)
}

/// A failure on its way between threads.
pub(crate) type Packed = Box<dyn Any + Send>;

/// What can be done with the errors of a graph, as found where its error type is named.
pub struct Errors<G> {
    from_error: fn(Error) -> G,
    to_error: fn(G) -> Result<Error, G>,
    as_error: fn(&G) -> Option<&Error>,
    pack: fn(Failure<G>) -> Packed,
    unpack: fn(Packed) -> Option<Failure<G>>,
}

/// Asks, at the user's own token, whether a type can be a graph's error.
#[inline]
pub const fn graph_error<G: GraphError>() -> Errors<G> {
    Errors {
        from_error: |error| downcast(error).unwrap_or_else(G::from),
        to_error: downcast,
        as_error: |error| (error as &dyn Any).downcast_ref(),
        pack: |failure| Box::new(failure),
        unpack: |packed| packed.downcast().ok().map(|failure| *failure),
    }
}

/// How a graph that returns `R` ends with an error `G`.
pub struct Ending<R, G> {
    errors: Errors<G>,
    failed: fn(G) -> R,
    stoppable: bool,
}

/// The ending of a graph whose signature names its error type.
#[inline]
pub const fn ending<T, G>(errors: Errors<G>) -> Ending<Result<T, G>, G> {
    Ending { errors, failed: Err, stoppable: true }
}

/// The ending of a graph that returns an alias of some `Result`.
#[inline]
pub const fn failing<R: Failing<G>, G: GraphError>() -> Ending<R, G> {
    Ending { errors: graph_error(), failed: R::failed, stoppable: true }
}

/// The same for a graph that can fail because of a `loop` only.
#[inline]
pub const fn bounded<R: Bounded<G>, G: GraphError>() -> Ending<R, G> {
    failing()
}

/// How a graph ends that has no `?`, and whose return type `R` has a name that does not tell whether it is a `Result`.
///
/// Method lookup takes the first of the traits below that the types allow.
pub struct End<R>(PhantomData<fn() -> R>);

impl<R> End<R> {
    /// For a return type.
    #[allow(clippy::new_without_default)]
    #[inline]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The graph returns a `Result`: panics and cancellation become its error.
pub trait EndAsResult<R> {
    /// The error type.
    type Error;

    /// The ending.
    fn ending(&self) -> Ending<R, Self::Error>;
}
impl<T, E: GraphError> EndAsResult<Result<T, E>> for &End<Result<T, E>> {
    type Error = E;

    #[inline]
    fn ending(&self) -> Ending<Result<T, E>, E> {
        ending(graph_error())
    }
}

/// The graph returns anything else: a panic goes on, with the node's name.
pub trait EndByPanic<R> {
    /// The ending.
    fn ending(&self) -> Ending<R, NoFailure>;
}
impl<R> EndByPanic<R> for End<R> {
    #[inline]
    fn ending(&self) -> Ending<R, NoFailure> {
        let errors = Errors {
            from_error: |error| error.__resume(),
            to_error: Err,
            as_error: |_| None,
            pack: |failure| Box::new(failure),
            unpack: |packed| packed.downcast().ok().map(|failure| *failure),
        };
        Ending { errors, failed: |never| match never {}, stoppable: false }
    }
}

/// Whether the context may keep nodes of a graph from starting that returns such a type.
#[inline(always)]
pub const fn stoppable<R, G>(ending: &Ending<R, G>) -> bool {
    ending.stoppable()
}

impl<R, G> Ending<R, G> {
    /// Whether the context may keep nodes from starting: not in graphs that could not say so.
    #[inline(always)]
    pub const fn stoppable(&self) -> bool {
        self.stoppable
    }

    /// The way of a node's failure: the one that its type allows.
    #[inline(always)]
    pub const fn way<X>(&self, _: &X) -> Fork<G, X> {
        Fork::new()
    }

    /// The outcome of a run whose straight line panicked.
    #[cold]
    pub fn panicked(&self, error: Error) -> R {
        (self.failed)((self.errors.from_error)(error))
    }

    pub(super) fn pack(&self, failure: Failure<G>) -> Packed {
        (self.errors.pack)(failure)
    }

    pub(super) fn unpack(&self, packed: Packed) -> Option<Failure<G>> {
        (self.errors.unpack)(packed)
    }

    /// The outcome of a run, from its first failure and what is known about the rest.
    #[cold]
    pub(super) fn conclude(
        &self,
        first: Failure<G>,
        others: Vec<Failure<G>>,
        omitted: usize,
        counts: Counts,
        correlation_id: &str,
    ) -> R {
        let error = match self.plain(first) {
            Ok(error) => error,
            Err(typed) => return (self.failed)(typed),
        };
        let given = others.len();
        let others: Vec<Error> = others.into_iter().filter_map(|other| self.plain(other).ok()).collect();
        // What only fits the user's own error type cannot stand beside an error of another type.
        let omitted = omitted + given - others.len();
        self.panicked(error.__with_run(others, omitted, counts, correlation_id))
    }

    /// Whether a failure only says that the node was stopped by its context.
    pub(super) fn is_stop(&self, failure: &Failure<G>) -> bool {
        self.error(failure).is_some_and(|error| error.stopped().is_some())
    }

    /// The error that a failure is, unless it is of another type.
    pub(super) fn error<'f>(&self, failure: &'f Failure<G>) -> Option<&'f Error> {
        match failure {
            Failure::Plain(error) => Some(error),
            Failure::Typed(error) => (self.errors.as_error)(error),
        }
    }

    fn plain(&self, failure: Failure<G>) -> Result<Error, G> {
        match failure {
            Failure::Plain(error) => Ok(error),
            Failure::Typed(error) => (self.errors.to_error)(error),
        }
    }
}

/// The same value, if the two types are one.
pub(super) fn downcast<G: 'static, T: 'static>(value: G) -> Result<T, G> {
    let mut value = Some(value);
    let found = (&mut value as &mut dyn Any).downcast_mut::<Option<T>>().and_then(Option::take);
    match (found, value) {
        (Some(found), _) => Ok(found),
        (None, Some(value)) => Err(value),
        (None, None) => unreachable!("what was taken was found"),
    }
}
