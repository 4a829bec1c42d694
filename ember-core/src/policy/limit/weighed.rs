//! Calls that hold room of a budget while they run.

use std::future::{Future, poll_fn};
use std::pin::pin;

use super::{Admission, MemoryBudget, Refused};

/// As a layer around a call.
impl MemoryBudget {
    /// Makes a call when there is room for so many bytes, and holds them until it has ended. What it runs, helpers and batches among it,
    /// never waits for the room that it holds.
    ///
    /// # Errors
    /// As [`admit`](Self::admit).
    ///
    /// ```
    /// use ember_core::policy::{MemoryBudget, Refused};
    ///
    /// let budget = MemoryBudget::builder().bytes(100).build()?;
    /// let inner = |weight| budget.call(weight, || "done");
    ///
    /// assert_eq!(budget.call(60, || inner(40)), Ok(Ok("done")));
    /// assert_eq!(budget.call(60, || inner(41)), Ok(Err(Refused::Nested)), "it would wait for itself");
    /// # Ok::<(), ember_core::policy::Invalid>(())
    /// ```
    pub fn call<R>(&self, weight: usize, next: impl FnOnce() -> R) -> Result<R, Refused> {
        let admission = self.admit(weight)?;
        Ok(admission.during(next))
    }

    /// The same for a call that is a future.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_async<F: Future>(&self, weight: usize, next: F) -> Result<F::Output, Refused> {
        let admission = self.admit_async(weight).await?;
        let mut next = pin!(next);
        Ok(poll_fn(|cx| admission.during(|| next.as_mut().poll(cx))).await)
    }
}

impl Admission {
    /// Runs what holds it, on this thread.
    pub(crate) fn during<R>(&self, next: impl FnOnce() -> R) -> R {
        let _inside = self.enter();
        next()
    }
}
