//! What an operator behind policies returns.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::policy::{PolicyError, catch};

/// What policies can stand around: a `Result`, under whatever name.
#[diagnostic::on_unimplemented(
    message = "policies need an operator that can fail, and this one returns `{Self}`",
    label = "`{Self}` is not a `Result`",
    note = "a policy may refuse a call or give up on it, and says so by an error: let the operator return `Result<{Self}, E>`, with any `E`"
)]
pub trait Outcome {
    /// What it is if all goes well.
    type Value;
    /// The operator's own failure.
    type Failure;

    /// The `Result`.
    ///
    /// # Errors
    ///
    /// The failure, if it is one.
    fn outcome(self) -> Result<Self::Value, Self::Failure>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Outcome for Result<T, E> {
    type Value = T;
    type Failure = E;

    #[inline(always)]
    fn outcome(self) -> Self {
        self
    }
}

/// What a node gives whose operator returns `R` and has policies.
pub type Policed<R> = Result<<R as Outcome>::Value, PolicyError<<R as Outcome>::Failure>>;

/// Makes the operator's plain call, the innermost layer.
///
/// # Errors
///
/// The operator's own failure, or its panic.
#[inline(always)]
pub fn operator<R: Outcome>(call: impl FnOnce() -> R) -> Policed<R> {
    catch(|| call().outcome().map_err(PolicyError::from))
}

/// The same of an `async` operator.
#[inline(always)]
pub const fn operator_async<F: Future<Output: Outcome>>(call: F) -> Operated<F> {
    Operated { call }
}

pin_project! {
    /// The plain call of an `async` operator. Its output is the operator's own failure, or its panic, if it has no value.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Operated<F> {
        #[pin]
        call: F,
    }
}

impl<F: Future<Output: Outcome>> Future for Operated<F> {
    type Output = Policed<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let call = self.project().call;
        match catch_unwind(AssertUnwindSafe(|| call.poll(cx))) {
            Ok(polled) => polled.map(|outcome| outcome.outcome().map_err(PolicyError::from)),
            Err(payload) => Poll::Ready(Err(PolicyError::panicked(payload))),
        }
    }
}
