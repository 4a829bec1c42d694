//! An operator that takes many items, and is called with one.

use std::future::Future;

use super::{Kept, Key, built, configured};
use crate::policy::{Answers, Batcher, BatcherBuilder, PolicyError};

/// What goes to and comes from a batch, whose call is made by one of its callers.
#[diagnostic::on_unimplemented(
    message = "a batch is the call of several, on the thread of one of them, and a `{Self}` cannot go there",
    label = "`{Self}` is not `Send + 'static`",
    note = "items, results and failures of a batch operator are owned and `Send`: use `Arc` for `Rc`, and `T: Send + 'static` for a type parameter"
)]
pub trait Gathered: Send + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Gathered for T {}

/// How the settings of a batcher are said.
type Settings<I, O, E, K> = fn(BatcherBuilder<I, O, E, K>) -> BatcherBuilder<I, O, E, K>;

/// What finds the batcher of an operator in its place, or makes it with these settings.
pub fn batcher<I: Gathered, O: Gathered, E: Gathered, K: Key>(
    operator: &'static str,
    settings: Settings<I, O, E, K>,
) -> impl FnOnce(&'static Kept, &K) -> &'static Batcher<I, O, E, K> {
    move |kept, _| kept.watched(|| built(configured(operator, settings(Batcher::builder())).build()))
}

/// How many items a batch of an operator has at most.
pub fn most(operator: &'static str, settings: Settings<(), (), (), ()>) -> usize {
    configured(operator, settings(Batcher::builder())).most()
}

/// The call of an operator with one item.
///
/// # Errors
///
/// The operator's own failure, or what is said in its place.
pub fn batched<I, O, E, K: Key, A: Answers<O, E>>(
    batcher: &'static Batcher<I, O, E, K>,
    key: K,
    item: I,
    next: impl FnOnce(Vec<I>) -> A,
) -> Result<O, PolicyError<E>> {
    batcher.call_with(key, item, next)
}

/// The same of an `async` operator.
///
/// # Errors
///
/// As there.
pub async fn batched_async<I, O, E, K, N, F>(
    batcher: &'static Batcher<I, O, E, K>,
    key: K,
    item: I,
    next: N,
) -> Result<O, PolicyError<E>>
where
    I: Gathered,
    O: Gathered,
    E: Gathered,
    K: Key,
    N: FnOnce(Vec<I>) -> F + Send + 'static,
    F: Future<Output: Answers<O, E>> + Send + 'static,
{
    batcher.call_with_async(key, item, next).await
}
