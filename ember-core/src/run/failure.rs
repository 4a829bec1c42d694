//! How a failure finds its way from a node into the graph's error type.

use std::any::Any;
use std::cell::Cell;
use std::marker::PhantomData;

use crate::error::{At, Counts, Error, Site};

/// What `?` may stand behind.
#[diagnostic::on_unimplemented(
    message = "`?` stands behind something that cannot fail: it yields `{Self}`",
    label = "yields `{Self}`, not a `Result`",
    note = "remove the `?`, or let the operator return a `Result`"
)]
pub trait Fallible<T, E> {
    /// The value or the failure.
    ///
    /// # Errors
    ///
    /// The failure, if it is one.
    fn split(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible<T, E> for Result<T, E> {
    #[inline(always)]
    fn split(self) -> Self {
        self
    }
}

/// The value or the failure of what stands before a `?`.
///
/// # Errors
///
/// The failure, if it is one.
#[inline(always)]
pub fn split<R: Fallible<T, E>, T, E>(outcome: R) -> Result<T, E> {
    outcome.split()
}

/// What a graph with `?` returns.
#[diagnostic::on_unimplemented(
    message = "`?` is used in a graph that returns `{Self}`",
    label = "this failure has nowhere to go",
    note = "let the graph return `Result<{Self}, ember::Error>` and end with `Ok(..)`"
)]
pub trait Failing {
    /// The graph's error type.
    type Error;
    /// The graph's outcome when it fails.
    fn failed(error: Self::Error) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, E> Failing for Result<T, E> {
    type Error = E;
    #[inline]
    fn failed(error: E) -> Self {
        Err(error)
    }
}

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

/// Checks a graph's error type at the user's own token.
#[inline(always)]
pub const fn graph_error<G: GraphError>() {}

/// The error type of graphs that cannot fail.
#[derive(Debug)]
pub enum NoFailure {}

/// A failure on its way: already of the graph's type, or still to be converted when the run is over and its
/// other failures are known.
#[derive(Debug)]
pub enum Failure<G> {
    /// A failure that the graph's own error type took over typed.
    Typed(G),
    /// Anything else.
    Plain(Error),
}

impl<G: 'static> Failure<G> {
    /// Whether the node was stopped rather than failed.
    pub(crate) fn is_stop(&self) -> bool {
        let error = match self {
            Self::Plain(error) => Some(error),
            Self::Typed(error) => (error as &dyn Any).downcast_ref(),
        };
        error.is_some_and(|error| error.is_cancelled() || error.is_timeout())
    }

    fn into_plain(self) -> Result<Error, G> {
        match self {
            Self::Plain(error) => Ok(error),
            Self::Typed(error) => downcast(error),
        }
    }
}

fn downcast<G: 'static, T: 'static>(value: G) -> Result<T, G> {
    let mut value = Some(value);
    match (&mut value as &mut dyn Any).downcast_mut::<Option<T>>().and_then(Option::take) {
        Some(found) => Ok(found),
        None => match value {
            Some(value) => Err(value),
            // `take` emptied it, so it was found above.
            None => unreachable!(),
        },
    }
}

/// Makes the graph's error from its first failure and what is known about the rest of the run.
pub(crate) fn conclude<G: GraphError>(
    first: Failure<G>,
    others: Vec<Failure<G>>,
    omitted: usize,
    counts: Counts,
    correlation_id: &str,
) -> G {
    let error = match first.into_plain() {
        Ok(error) => error,
        Err(typed) => return typed,
    };
    let given = others.len();
    let others: Vec<Error> = others.into_iter().filter_map(|other| other.into_plain().ok()).collect();
    let omitted = omitted + given - others.len();
    let error = error.__with_run(others, omitted, counts, correlation_id);
    match downcast(error) {
        Ok(same) => same,
        Err(error) => G::from(error),
    }
}

/// A failure `X` together with the wish to become a `G`.
///
/// The traits below offer the ways; method lookup takes the first that the types allow, because each is
/// implemented for one reference less than the one before.
pub struct Raise<G, X> {
    failure: Cell<Option<At<X>>>,
    into: PhantomData<fn() -> G>,
}

impl<G, X> Raise<G, X> {
    /// A failure of the node at a site.
    #[cold]
    pub fn new(failure: X, site: Site) -> Self {
        Self { failure: Cell::new(Some(At::__new(failure, site))), into: PhantomData }
    }

    fn take(&self) -> At<X> {
        self.failure.take().expect("a failure is raised once")
    }
}

/// The error type takes the failure together with its node.
pub trait RaiseByNode<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G: From<At<X>>, X> RaiseByNode<G> for &&&Raise<G, X> {
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Typed(G::from(self.take()))
    }
}

/// The failure is of the graph's error type already.
pub trait RaiseSame<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G> RaiseSame<G> for &&Raise<G, G> {
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Typed(self.take().into_source())
    }
}

/// The failure goes into an [`Error`], which the graph's error type takes.
pub trait RaiseByBox<G> {
    /// Converts.
    fn raise(&self) -> Failure<G>;
}
impl<G, X> RaiseByBox<G> for &Raise<G, X>
where
    Error: From<At<X>>,
{
    #[cold]
    fn raise(&self) -> Failure<G> {
        Failure::Plain(Error::from(self.take()))
    }
}

/// Nothing takes the failure: names what is missing.
pub trait RaiseRefused<G, X> {
    /// Never runs: its bound does not hold where it is chosen.
    fn raise(&self) -> Failure<G>
    where
        G: Holds<X>;
}
impl<G, X> RaiseRefused<G, X> for Raise<G, X> {
    fn raise(&self) -> Failure<G>
    where
        G: Holds<X>,
    {
        Failure::Typed(G::hold(self.take()))
    }
}

/// An error type that can hold the failure `X` of a node.
#[diagnostic::on_unimplemented(
    message = "this fails with `{X}`, which the graph's error type `{Self}` cannot hold",
    label = "fails with `{X}`",
    note = "implement `std::error::Error` for `{X}` (and let it be `Send + Sync`), or write `impl From<ember::At<{X}>> for` the graph's error type"
)]
pub trait Holds<X> {
    /// Converts.
    fn hold(failure: At<X>) -> Self;
}
#[diagnostic::do_not_recommend]
impl<G: From<At<X>>, X> Holds<X> for G {
    fn hold(failure: At<X>) -> Self {
        G::from(failure)
    }
}

/// How a graph without `?` ends when one of its nodes panicked; `R` is what the graph returns.
pub struct Conclude<R>(PhantomData<fn() -> R>);

impl<R> Conclude<R> {
    /// For a return type.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The graph returns a `Result`: the panic becomes its error.
pub trait ConcludeByError<R> {
    /// The outcome.
    fn conclude(&self, panic: Error) -> R;
}
impl<T, E: GraphError> ConcludeByError<Result<T, E>> for &Conclude<Result<T, E>> {
    #[cold]
    fn conclude(&self, panic: Error) -> Result<T, E> {
        Err(match downcast(panic) {
            Ok(same) => same,
            Err(panic) => E::from(panic),
        })
    }
}

/// The graph returns anything else: the panic goes on, with the node's name.
pub trait ConcludeByPanic<R> {
    /// Does not return.
    fn conclude(&self, panic: Error) -> R;
}
impl<R> ConcludeByPanic<R> for Conclude<R> {
    #[cold]
    fn conclude(&self, panic: Error) -> R {
        panic.__resume()
    }
}
