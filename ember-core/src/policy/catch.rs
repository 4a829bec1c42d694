//! The innermost layer: a panic of the operator becomes a failure, which the layers around see.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::PolicyError;

/// Calls an operator, and catches its panic.
///
/// # Errors
///
/// The operator's own failure, or [`PolicyError::panicked`].
///
/// ```
/// use ember_core::policy::{PolicyError, catch};
///
/// let failed = catch(|| -> Result<u8, PolicyError<String>> { panic!("boom") }).unwrap_err();
/// assert!(failed.is_panic());
/// assert_eq!(failed.to_string(), "panicked: boom");
/// ```
#[inline]
pub fn catch<T, E>(next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
    catch_unwind(AssertUnwindSafe(next)).unwrap_or_else(|payload| Err(PolicyError::panicked(payload)))
}

pin_project! {
    /// A call of an `async` operator whose panic is caught.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Catch<F> {
        #[pin]
        call: F,
    }
}

/// The same for an `async` operator. After a panic the call is over.
#[inline]
pub const fn catch_async<F>(call: F) -> Catch<F> {
    Catch { call }
}

impl<T, E, F: Future<Output = Result<T, PolicyError<E>>>> Future for Catch<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let call = self.project().call;
        catch_unwind(AssertUnwindSafe(|| call.poll(cx)))
            .unwrap_or_else(|payload| Poll::Ready(Err(PolicyError::panicked(payload))))
    }
}
