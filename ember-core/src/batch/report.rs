//! What became of a batch.

use std::fmt;
use std::iter::{FusedIterator, Peekable};
use std::{slice, vec};

use super::{BatchError, NotBegun};

/// The results of a batch, one for each input and in the order of the inputs: [`values`](Self::values) side by side, and
/// [`errors`](Self::errors), each of which says which input it is of.
///
/// So values take no more room than they would alone. What became of one input, [`get`](Self::get) tells; and `for` goes through
/// all.
///
/// Where a batch [was stopped](Self::stopped) it pulls no more inputs. If the number of inputs is known (their
/// [`size_hint`](Iterator::size_hint) is exact), each of those left has a result that says so; if not, there are results up
/// to the last input that was pulled.
#[derive(Debug)]
pub struct Report<T, E> {
    values: Vec<T>,
    /// By their index.
    errors: Vec<BatchError<E>>,
    stopped: Option<NotBegun>,
}

impl<T, E> Report<T, E> {
    pub(super) fn new(values: Vec<T>, errors: Vec<BatchError<E>>, stopped: Option<NotBegun>) -> Self {
        Self { values, errors, stopped }
    }

    /// Why the batch ended before its inputs did; nothing if it came to their end.
    pub fn stopped(&self) -> Option<NotBegun> {
        self.stopped
    }

    /// How many results there are.
    pub fn len(&self) -> usize {
        self.values.len() + self.errors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What became of an input; nothing if there is no result for it. Takes time by the logarithm of how many failed.
    pub fn get(&self, index: usize) -> Option<Result<&T, &BatchError<E>>> {
        match self.errors.binary_search_by_key(&index, BatchError::index) {
            Ok(at) => self.errors.get(at).map(Err),
            Err(before) => self.values.get(index - before).map(Ok),
        }
    }

    /// The values of those that have one.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The errors of the others.
    pub fn errors(&self) -> &[BatchError<E>] {
        &self.errors
    }

    /// The results, one after the other.
    pub fn iter(&self) -> Results<slice::Iter<'_, T>, slice::Iter<'_, BatchError<E>>> {
        Results::new(self.values.iter(), self.errors.iter())
    }

    /// Values and errors, to keep.
    pub fn into_parts(self) -> (Vec<T>, Vec<BatchError<E>>) {
        (self.values, self.errors)
    }

    /// The results, to keep.
    pub fn into_results(self) -> Vec<Result<T, BatchError<E>>> {
        self.into_iter().collect()
    }

    /// All values, if there are no errors.
    ///
    /// # Errors
    ///
    /// The first in the order of the inputs.
    pub fn all(self) -> Result<Vec<T>, BatchError<E>> {
        self.errors.into_iter().next().map_or(Ok(self.values), Err)
    }
}

impl<T, E> IntoIterator for Report<T, E> {
    type Item = Result<T, BatchError<E>>;
    type IntoIter = Results<vec::IntoIter<T>, vec::IntoIter<BatchError<E>>>;

    fn into_iter(self) -> Self::IntoIter {
        Results::new(self.values.into_iter(), self.errors.into_iter())
    }
}

impl<'r, T, E> IntoIterator for &'r Report<T, E> {
    type Item = Result<&'r T, &'r BatchError<E>>;
    type IntoIter = Results<slice::Iter<'r, T>, slice::Iter<'r, BatchError<E>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The results of a [`Report`], one after the other: values, and errors where there are none.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Results<V, F: Iterator> {
    values: V,
    errors: Peekable<F>,
    /// Of the next result.
    index: usize,
}

impl<V: ExactSizeIterator, F: ExactSizeIterator> Results<V, F> {
    fn new(values: V, errors: F) -> Self {
        Self { values, errors: errors.peekable(), index: 0 }
    }

    #[inline]
    fn advance(&mut self, index_of: impl Fn(&F::Item) -> usize) -> Option<Result<V::Item, F::Item>> {
        let index = self.index;
        let result = match self.errors.next_if(|error| index_of(error) == index) {
            Some(error) => Err(error),
            None => Ok(self.values.next()?),
        };
        self.index += 1;
        Some(result)
    }

    fn left(&self) -> usize {
        self.values.len() + self.errors.len()
    }
}

macro_rules! iterators {
    ($(<$($lifetime:lifetime)? T, E> $values:ty, $errors:ty;)*) => { $(
        impl<$($lifetime,)? T, E> Iterator for Results<$values, $errors> {
            type Item = Result<<$values as Iterator>::Item, <$errors as Iterator>::Item>;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                self.advance(|error| error.index())
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.left(), Some(self.left()))
            }
        }

        impl<$($lifetime,)? T, E> ExactSizeIterator for Results<$values, $errors> {}
        impl<$($lifetime,)? T, E> FusedIterator for Results<$values, $errors> {}
    )* };
}
iterators! {
    <T, E> vec::IntoIter<T>, vec::IntoIter<BatchError<E>>;
    <'r T, E> slice::Iter<'r, T>, slice::Iter<'r, BatchError<E>>;
}

impl<V: fmt::Debug, F: Iterator<Item: fmt::Debug> + fmt::Debug> fmt::Debug for Results<V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { values, errors, index } = self;
        f.debug_struct("Results")
            .field("values", values)
            .field("errors", errors)
            .field("index", index)
            .finish()
    }
}
