//! The names of what happens.

/// The name of what happened, as a label for a metric or the field of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is that of `What`, with the end in its name")]
pub enum EventKind {
    RunStarted,
    RunFinished,
    RunFailed,
    RunPanicked,
    RunCancelled,
    NodeStarted,
    NodeFinished,
    NodeFailed,
    NodePanicked,
    NodeCancelled,
    AttemptFailed,
    Backoff,
    Hedged,
    BreakerChanged,
    BreakerRefused,
    CacheHit,
    CacheMiss,
    CacheJoined,
    CacheEvicted,
    PermitWaited,
    RateWaited,
    MemoryWaited,
    FallbackUsed,
    TimedOut,
    Abandoned,
    CalledWith,
    Gave,
}

impl EventKind {
    /// Whether it ends a node.
    pub const fn is_node_end(self) -> bool {
        matches!(self, Self::NodeFinished | Self::NodeFailed | Self::NodePanicked | Self::NodeCancelled)
    }

    /// Whether it ends a run.
    pub const fn is_run_end(self) -> bool {
        matches!(self, Self::RunFinished | Self::RunFailed | Self::RunPanicked | Self::RunCancelled)
    }
}
