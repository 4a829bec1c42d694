//! What became of a batch.

use std::mem;
use std::ops::Deref;
use std::{slice, vec};

use super::{BatchError, NotBegun};
use crate::raw::crossing::Holder;

/// The results of a batch, one for each input and in the order of the inputs.
///
/// It lends them as a slice, and gives them by `into_iter` or [`into_results`](Self::into_results).
///
/// Where a batch [was stopped](Self::stopped) it pulls no more inputs. If the number of inputs is known (their
/// [`size_hint`](Iterator::size_hint) is exact), each of those left has a result that says so; if not, there are results up
/// to the last input that was pulled.
#[derive(Debug)]
pub struct Report<T, E> {
    results: Vec<Result<T, BatchError<E>>>,
    stopped: Option<NotBegun>,
    /// Some of the results are errors.
    has_errors: bool,
}

impl<T, E> Report<T, E> {
    pub(super) fn new(
        results: Vec<Result<T, BatchError<E>>>,
        stopped: Option<NotBegun>,
        has_errors: bool,
    ) -> Self {
        Self { results, stopped, has_errors }
    }

    /// Why the batch ended before its inputs did; nothing if it came to their end.
    pub fn stopped(&self) -> Option<NotBegun> {
        self.stopped
    }

    /// The values of those that have one.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.results.iter().filter_map(|result| result.as_ref().ok())
    }

    /// The errors of the others.
    pub fn errors(&self) -> impl Iterator<Item = &BatchError<E>> {
        self.results.iter().filter_map(|result| result.as_ref().err())
    }

    /// The results, to keep.
    pub fn into_results(mut self) -> Vec<Result<T, BatchError<E>>> {
        mem::take(&mut self.results)
    }

    /// All values, if there are no errors.
    ///
    /// # Errors
    ///
    /// The first in the order of the inputs.
    pub fn all(self) -> Result<Vec<T>, BatchError<E>> {
        self.into_results().into_iter().collect()
    }
}

impl<T, E> Deref for Report<T, E> {
    type Target = [Result<T, BatchError<E>>];

    fn deref(&self) -> &Self::Target {
        &self.results
    }
}

impl<T, E> IntoIterator for Report<T, E> {
    type Item = Result<T, BatchError<E>>;
    type IntoIter = vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_results().into_iter()
    }
}

impl<T, E> Drop for Report<T, E> {
    /// Left to the compiler, each result costs a look and a call, also where all are numbers.
    fn drop(&mut self) {
        if !mem::needs_drop::<T>() && !self.has_errors {
            mem::take(&mut self.results).free();
        }
    }
}

impl<'r, T, E> IntoIterator for &'r Report<T, E> {
    type Item = &'r Result<T, BatchError<E>>;
    type IntoIter = slice::Iter<'r, Result<T, BatchError<E>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.results.iter()
    }
}
