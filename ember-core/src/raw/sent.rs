//! Futures of graphs inside of graphs, of which it is known that they may cross threads.
//!
//! Whether a future may cross threads the compiler finds out from all that it is made of. Of graphs in one another that is a
//! dozen types for each, and it gives up at a depth of 128. So it is asked at each graph inside of another, and the answer
//! is kept in a type: what is around need not ask again.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// A future that may cross threads.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Sent<F> {
        #[pin]
        future: F,
    }
}

// SAFETY: a `Sent<F>` is only made by `new`, which demands `F: Send`.
unsafe impl<F> Send for Sent<F> {}

impl<F: Future + Send> Sent<F> {
    /// The same future.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Sent<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}
