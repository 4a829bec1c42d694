//! What an operator behind policies returns.

use std::future::Future;

use crate::policy::{PolicyError, catch, catch_async};

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
///
/// # Errors
///
/// The operator's own failure, or its panic.
#[inline(always)]
pub async fn operator_async<F: Future<Output: Outcome>>(call: F) -> Policed<F::Output> {
    catch_async(async { call.await.outcome().map_err(PolicyError::from) }).await
}
