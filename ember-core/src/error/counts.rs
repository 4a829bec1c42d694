//! What became of a run's nodes.

use std::fmt;

/// What became of the nodes of a run that failed.
///
/// Nodes of a body count once for each item or round; what no item asked for is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Counts {
    /// Nodes that gave their value.
    pub finished: usize,
    /// Nodes that failed or panicked.
    pub failed: usize,
    /// Nodes that had started and were stopped.
    pub cancelled: usize,
    /// Nodes that never started.
    pub not_started: usize,
}

impl Counts {
    #[doc(hidden)]
    pub const fn __new(finished: usize, failed: usize, cancelled: usize, not_started: usize) -> Self {
        Self { finished, failed, cancelled, not_started }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { finished, failed, cancelled, not_started } = self;
        write!(f, "{finished} finished, {failed} failed, {cancelled} cancelled, {not_started} not started")
    }
}
