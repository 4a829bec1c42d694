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

    /// The future, if it is there.
    #[inline(always)]
    pub(crate) fn made(self: Pin<&mut Self>) -> Option<Made<'_, M, F>> {
        // SAFETY: what comes out moves no future.
        let this = unsafe { self.get_unchecked_mut() };
        if let Stage::Made = this.stage { Some(Made(this)) } else { None }
    }

    /// The future that is still to be made.
    ///
    /// # Panics
    ///
    /// When it has been made.
    #[inline(always)]
    pub(crate) fn to_be_made(self: Pin<&mut Self>) -> New<'_, M, F> {
        // SAFETY: what makes a future is not pinned, and what comes out moves no future.
        let this = unsafe { self.get_unchecked_mut() };
        let Stage::New = this.stage else { misused() };
        New(this)
    }
}

#[cold]
#[inline(never)]
fn misused() -> ! {
    panic!("ember: a node was begun that had begun before; this is a defect of ember, please report it")
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

/// A future that is to be made. While there is one, its [`Lazy`] is pinned and holds what makes it.
pub(crate) struct New<'l, M, F>(&'l mut Lazy<M, F>);

impl<M: FnOnce() -> F, F> New<'_, M, F> {
    /// Makes the future and polls it. It is over when it is ready, and if anything panics: so meanwhile it counts as over, and
    /// [`Unnoted`] has the future.
    #[inline(always)]
    pub(crate) fn poll<T>(self, poll: impl FnOnce(Pin<&mut F>) -> Poll<T>) -> Poll<T> {
        let Lazy { stage, content } = &mut *self.0;
        *stage = Stage::Over;
        // SAFETY: it is there. It is not looked at again: the stage is another from here on.
        let make = unsafe { ManuallyDrop::take(&mut content.make) };
        content.future = ManuallyDrop::new(make());
        // SAFETY: it is there since the line above.
        let polled = Unnoted(unsafe { &mut content.future }).poll(poll);
        if polled.is_pending() {
            *stage = Stage::Made;
        }
        polled
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

/// A future that is there, of a pinned [`Lazy`] that does not know of it.
struct Unnoted<'l, F>(&'l mut ManuallyDrop<F>);

impl<F> Unnoted<'_, F> {
    /// Polls it. It is left there if it waits; else, and when it panics, it is dropped.
    #[inline(always)]
    fn poll<T>(self, poll: impl FnOnce(Pin<&mut F>) -> Poll<T>) -> Poll<T> {
        // SAFETY: it is there, and stays where it is: nothing moves a future out of a pinned `Lazy`.
        let polled = poll(unsafe { Pin::new_unchecked(&mut **self.0) });
        if polled.is_pending() {
            mem::forget(self);
        }
        polled
    }
}

impl<F> Drop for Unnoted<'_, F> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: it was there, and is not looked at again, as no stage tells of it. It is dropped where it stays.
        unsafe { ManuallyDrop::drop(self.0) };
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
