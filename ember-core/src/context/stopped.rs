//! Why a run must not go on.

use thiserror::Error;

/// Why a run must not go on.
///
/// An operator hands it on with `cx.check()?`; the graph's error then says so itself
/// (`is_cancelled()`, `is_timeout()`), however deep the operator's own error holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Stopped {
    /// The context, or one above it, was cancelled.
    #[error("the run was cancelled")]
    Cancelled,
    /// The context's deadline has come.
    #[error("the deadline passed")]
    DeadlineExceeded,
}
