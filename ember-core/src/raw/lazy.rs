//! Futures that are made where they stay, in the place of what makes them.
//!
//! A safe enum of the two would be asked which it holds when the future has been made, when it has been polled, and when it is
//! dropped. Here who has looked once knows it until it is over.

use std::mem::{self, ManuallyDrop};
use std::pin::Pin;
use std::task::Poll;

/// A future, or what makes it, or neither when that is over.
pub(crate) struct Lazy<M, F> {
    stage: Stage,
    content: Content<M, F>,
}

/// What there is.
enum Stage {
    /// What makes the future.
    New,
    /// The future.
    Made,
    /// Nothing.
    Over,
}

union Content<M, F> {
    make: ManuallyDrop<M>,
    future: ManuallyDrop<F>,
}

impl<M, F> Lazy<M, F> {
    /// A future that is to be made.
    #[inline]
    pub(crate) const fn new(make: M) -> Self {
        Self { stage: Stage::New, content: Content { make: ManuallyDrop::new(make) } }
    }

    /// How far it is.
    #[inline(always)]
    pub(crate) fn look(self: Pin<&mut Self>) -> Look<'_, M, F> {
        // SAFETY: what makes a future is not pinned, and what comes out moves no future.
        let this = unsafe { self.get_unchecked_mut() };
        match this.stage {
            Stage::New => Look::New(New(this)),
            Stage::Made => Look::Made(Made(this)),
            Stage::Over => Look::Over,
        }
    }
}

impl<M, F> Drop for Lazy<M, F> {
    #[inline]
    fn drop(&mut self) {
        match self.stage {
            // SAFETY: it is there, as the stage says, and this is the last that is done with it.
            Stage::New => unsafe { ManuallyDrop::drop(&mut self.content.make) },
            // SAFETY: as above. It is dropped where it stays.
            Stage::Made => unsafe { ManuallyDrop::drop(&mut self.content.future) },
            Stage::Over => {}
        }
    }
}

/// How far a future is.
pub(crate) enum Look<'l, M, F> {
    /// It is to be made.
    New(New<'l, M, F>),
    /// It is there.
    Made(Made<'l, M, F>),
    /// It has been dropped.
    Over,
}

/// A future that is to be made. While there is one, its [`Lazy`] is pinned and holds what makes it.
pub(crate) struct New<'l, M, F>(&'l mut Lazy<M, F>);

impl<'l, M: FnOnce() -> F, F> New<'l, M, F> {
    /// Makes the future. If that panics, it is over.
    #[inline(always)]
    pub(crate) fn make(self) -> Made<'l, M, F> {
        let Lazy { stage, content } = &mut *self.0;
        let over = Over(stage);
        // SAFETY: it is there. It is not looked at again: the stage is another when this returns, and when it panics.
        let make = unsafe { ManuallyDrop::take(&mut content.make) };
        content.future = ManuallyDrop::new(make());
        *over.0 = Stage::Made;
        mem::forget(over);
        Made(self.0)
    }

    /// Drops what would have made it.
    #[inline]
    pub(crate) fn end(self) {
        self.0.stage = Stage::Over;
        // SAFETY: it was there, and is not looked at again, as the stage says.
        unsafe { ManuallyDrop::drop(&mut self.0.content.make) };
    }
}

/// A future that is there. While there is one, its [`Lazy`] is pinned and holds the future.
pub(crate) struct Made<'l, M, F>(&'l mut Lazy<M, F>);

impl<M, F> Made<'_, M, F> {
    /// Polls the future. It is dropped when it is ready, and when it panics.
    #[inline(always)]
    pub(crate) fn poll<T>(self, poll: impl FnOnce(Pin<&mut F>) -> Poll<T>) -> Poll<T> {
        let end = End(self.0);
        // SAFETY: it is there, and stays where it is: nothing moves a future out of a pinned `Lazy`.
        let polled = poll(unsafe { Pin::new_unchecked(&mut *end.0.content.future) });
        if polled.is_pending() {
            mem::forget(end);
        }
        polled
    }

    /// Drops the future.
    #[inline]
    pub(crate) fn end(self) {
        drop(End(self.0));
    }
}

/// Notes that nothing is there any more.
struct Over<'l>(&'l mut Stage);

impl Drop for Over<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.0 = Stage::Over;
    }
}

/// Drops a future that is there.
struct End<'l, M, F>(&'l mut Lazy<M, F>);

impl<M, F> Drop for End<'_, M, F> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.stage = Stage::Over;
        // SAFETY: it was there, and is not looked at again, as the stage says. It is dropped where it stays.
        unsafe { ManuallyDrop::drop(&mut self.0.content.future) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
