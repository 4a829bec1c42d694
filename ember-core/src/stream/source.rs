//! Where the items of an `async` graph's stream come from: an iterator or a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

/// Items of an iterator or of a stream. `How` is found by the compiler: it tells which.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an iterator nor a stream",
    label = "no items come from here",
    note = "the items of an `async` graph's stream come from what implements `IntoIterator` or `futures_core::Stream`"
)]
pub trait Source<How> {
    /// What comes.
    type Item;
    /// How it comes.
    type Stream: Stream<Item = Self::Item>;

    /// The stream of the items.
    fn stream(self) -> Self::Stream;
}

/// Of an iterator.
#[derive(Debug)]
pub enum ByIterator {}
/// Of a stream.
#[derive(Debug)]
pub enum ByStream {}

impl<I: IntoIterator> Source<ByIterator> for I {
    type Item = I::Item;
    type Stream = Ready<I::IntoIter>;

    fn stream(self) -> Self::Stream {
        Ready(self.into_iter())
    }
}

impl<S: Stream> Source<ByStream> for S {
    type Item = S::Item;
    type Stream = S;

    fn stream(self) -> S {
        self
    }
}

/// Items that need not be waited for.
#[derive(Debug)]
pub struct Ready<I>(I);

impl<I> Unpin for Ready<I> {}

impl<I: Iterator> Stream for Ready<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

pin_project! {
    /// Each item by itself in a tuple, for a graph of one parameter.
    #[derive(Debug)]
    pub struct One<S> {
        #[pin]
        items: S,
    }
}

impl<S> One<S> {
    /// Of these items.
    pub const fn new(items: S) -> Self {
        Self { items }
    }
}

impl<S: Stream> Stream for One<S> {
    type Item = (S::Item,);

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<(S::Item,)>> {
        self.project().items.poll_next(cx).map(|item| item.map(|item| (item,)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}
