//! What the call of a batch gives, and what each of its items gets of that.

use std::any::Any;
use std::iter;

use thiserror::Error;

use crate::policy::PolicyError;

/// What the call of a batch may return: a vector with a value or a `Result` for each item, in their order, or a `Result` of
/// such a vector.
///
/// A failure of the whole call is each item's, so it is cloned; an error that cannot be cloned can be returned as an
/// `Arc` of it.
#[diagnostic::on_unimplemented(
    message = "the call of a batch gives a vector with one result for each item, and this is a `{Self}`",
    label = "not `Vec<_>`, `Vec<Result<_, _>>` or a `Result` of one of the two with an error that is `Clone`",
    note = "a failure of the whole call goes to each item, so its error is `Clone`: `Result<Vec<_>, Arc<MyError>>` if yours is not"
)]
pub trait Answers<O, E>: Sized {
    /// The answer of each of so many items. If there is another number of results, it is [`WrongCount`] for all.
    fn spread(self, items: usize) -> Vec<Result<O, PolicyError<E>>>;
}

#[diagnostic::do_not_recommend]
impl<O, E> Answers<O, E> for Vec<O> {
    fn spread(self, items: usize) -> Vec<Result<O, PolicyError<E>>> {
        counted(self, items, Ok)
    }
}

#[diagnostic::do_not_recommend]
impl<O, E> Answers<O, E> for Vec<Result<O, E>> {
    fn spread(self, items: usize) -> Vec<Result<O, PolicyError<E>>> {
        counted(self, items, |result| result.map_err(PolicyError::from))
    }
}

#[diagnostic::do_not_recommend]
impl<O, E: From<F>, F: Clone> Answers<O, E> for Result<Vec<O>, F> {
    fn spread(self, items: usize) -> Vec<Result<O, PolicyError<E>>> {
        self.map_or_else(|failure| all_failed(failure, items), |results| results.spread(items))
    }
}

#[diagnostic::do_not_recommend]
impl<O, E: From<F>, F: Clone> Answers<O, E> for Result<Vec<Result<O, E>>, F> {
    fn spread(self, items: usize) -> Vec<Result<O, PolicyError<E>>> {
        self.map_or_else(|failure| all_failed(failure, items), |results| results.spread(items))
    }
}

/// A batch was given so many items, and gave another number of results: nobody knows whose they are. It stands behind the
/// [`PolicyError`] of each item, as its source.
///
/// ```
/// use ember_core::policy::{Batcher, WrongCount};
/// use std::error::Error;
///
/// let doubled: Batcher<u32, u32, std::fmt::Error> = Batcher::builder().build()?;
/// let failed = doubled.call(7, |_| vec![14, 16]).unwrap_err();
///
/// assert!(failed.is_invalid());
/// let count: &WrongCount = failed.source().unwrap().downcast_ref().unwrap();
/// assert_eq!((count.items, count.results), (1, 2));
/// assert_eq!(count.to_string(), "a batch of 1 gave 2 results");
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a batch of {items} gave {results} results")]
#[non_exhaustive]
pub struct WrongCount {
    /// How many items the batch had.
    pub items: usize,
    /// How many results it gave.
    pub results: usize,
}

fn counted<R, O, E>(
    results: Vec<R>,
    items: usize,
    answer: impl Fn(R) -> Result<O, PolicyError<E>>,
) -> Vec<Result<O, PolicyError<E>>> {
    if results.len() == items {
        return results.into_iter().map(answer).collect();
    }
    let count = WrongCount { items, results: results.len() };
    iter::repeat_with(|| Err(PolicyError::invalid(count))).take(items).collect()
}

fn all_failed<O, E: From<F>, F: Clone>(failure: F, items: usize) -> Vec<Result<O, PolicyError<E>>> {
    iter::repeat_n(failure, items).map(|failure| Err(PolicyError::from(E::from(failure)))).collect()
}

/// Each item's error of a call that panicked. A payload that is text is each item's; of any other the first gets it, and the
/// others a text that says so.
pub(super) fn panicked<O, E>(payload: Box<dyn Any + Send>, items: usize) -> Vec<Result<O, PolicyError<E>>> {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the call of the batch panicked".to_owned());
    let others = iter::repeat_with(|| Box::new(text.clone()) as Box<dyn Any + Send>);
    let payloads = iter::once(payload).chain(others).take(items);
    payloads.map(|payload| Err(PolicyError::panicked(payload))).collect()
}
