//! What a stream of the other kind would have: methods that cannot be called, and say what there is instead.

use std::future::ready;
use std::iter::Empty;
use std::marker::PhantomData;

use super::{BatchError, Stream};
use crate::batch::call::{Failure, Graph, Reading, Value, Waiting, Working};

/// A graph that is not `async`.
#[diagnostic::on_unimplemented(
    message = "the results of an `async` graph are awaited, and do not come by an iterator",
    label = "of an `async` graph",
    note = "take them one by one, `let mut results = answer::stream(items).results();` and `while let Some(result) = results.next().await {{ .. }}`; or all at once, `answer::batch(items).run().await`"
)]
pub trait Iterates {}

/// A graph that is `async`.
#[diagnostic::on_unimplemented(
    message = "the results of a graph that is not `async` come by an iterator, and are not awaited",
    label = "of a graph that is not `async`",
    note = "take them one by one, `for result in answer::stream(items) {{ .. }}`; where items borrow, `answer::stream(items).for_each(|result| ..)`"
)]
pub trait Awaited {}

type Outcome<G, R> = Result<Value<G, R>, BatchError<Failure<G, R>>>;

#[doc(hidden)]
impl<S, G: Graph<Reading: Reading<R>>, P, R, W> Stream<S, Waiting<G, P, R>, W> {
    #[expect(clippy::should_implement_trait, reason = "it is there to say that the trait is not implemented")]
    pub fn into_iter(self) -> Empty<Outcome<G, R>>
    where
        G: Iterates,
    {
        std::iter::empty()
    }

    pub fn for_each(self, _: impl FnMut(Outcome<G, R>))
    where
        G: Iterates,
    {
    }
}

#[doc(hidden)]
impl<S, G: Graph<Reading: Reading<R>>, P, R, W> Stream<S, Working<G, P, R>, W> {
    pub fn results(self) -> NoResults<Outcome<G, R>>
    where
        G: Awaited,
    {
        NoResults(PhantomData)
    }
}

/// What is never there.
#[derive(Debug)]
pub struct NoResults<T>(PhantomData<T>);

#[doc(hidden)]
impl<T> NoResults<T> {
    #[expect(clippy::unused_self, reason = "it stands for one that takes a result out")]
    pub fn next(&mut self) -> impl Future<Output = Option<T>> + use<T> {
        ready(None)
    }
}
