//! What is told.

use std::fmt;
use std::time::{Duration, Instant};

use ember_graph::Description;

use super::run::Run;
use crate::context::Stopped;
use crate::error::{Counts, Error, Site};
use crate::explain::Reason;
use crate::policy::BreakerState;

/// Something that happened in a run.
///
/// It tells where and when, and never what a node was called with or gave. What a failure or a panic says is the operator's
/// own text. As text (`{}`) it is one line for a log.
pub struct Event<'a> {
    pub(super) run: Option<&'a Run>,
    pub(super) correlation_id: &'a str,
    pub(super) site: Option<&'a Site>,
    pub(super) attempt: u32,
    pub(super) at: Instant,
    pub(super) what: What<'a>,
}

/// What an [`Event`] tells of.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum What<'a> {
    /// A graph was called.
    RunStarted {
        /// How it runs.
        form: Form,
        /// Why so. Now and then a run goes another way than its figures say, to measure it.
        reason: Reason,
    },
    /// It is over. For a future that was dropped this is [`End::Cancelled`].
    RunEnded {
        /// How.
        end: End<'a>,
        /// How long it took, by the context's clock.
        took: Duration,
        /// What became of its nodes: those that were not started are told here.
        counts: Counts,
    },
    /// An operator is called.
    NodeStarted,
    /// It is over.
    NodeEnded {
        /// How.
        end: End<'a>,
        /// How long it took, by the context's clock: all attempts, and what else its line does.
        took: Duration,
    },
    /// An attempt at a node failed, whether or not another follows.
    AttemptFailed,
    /// Before the next attempt a retry waits so long.
    Backoff {
        /// How long.
        delay: Duration,
    },
    /// A further attempt was started beside one that is slow.
    Hedged,
    /// A circuit breaker has changed. It is told where the change was noticed, which is not always the call that caused it.
    BreakerChanged {
        /// What it was.
        from: BreakerState,
        /// What it is.
        to: BreakerState,
    },
    /// A cache had the value.
    CacheHit,
    /// It had not, so the operator is called.
    CacheMiss,
    /// It had not, and waits for the call of another.
    CacheJoined,
    /// Entries gave way to a new one.
    CacheEvicted {
        /// How many.
        entries: usize,
    },
    /// A call has waited for a permit of a concurrency limit, or was turned away.
    PermitWaited {
        /// How long.
        took: Duration,
        /// Whether it has one.
        granted: bool,
    },
    /// A call has waited for its turn in a rate, or was turned away.
    RateWaited {
        /// How long.
        took: Duration,
        /// Whether it may go on.
        granted: bool,
    },
    /// Something took the place of a value that was not to be had.
    FallbackUsed {
        /// Whether that went well.
        succeeded: bool,
    },
    /// A call took longer than it may.
    TimedOut {
        /// How long it may take.
        after: Duration,
    },
    /// A call that took too long goes on by itself, and nobody waits for it.
    Abandoned,
}

/// How a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// One node after the other on the thread that called.
    StraightLine,
    /// In parts that may run beside each other.
    Parallel,
    /// It is `async`.
    Async,
}

/// How a node or a run has ended.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum End<'a> {
    /// It gave its value.
    Finished,
    /// It failed. The error is there unless the graph's own error type has taken it over.
    Failed(Option<&'a Error>),
    /// It panicked.
    Panicked(&'a Error),
    /// It was stopped: by its context, or as nobody wants its value any more.
    Cancelled(Option<Stopped>),
}

impl fmt::Debug for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("Finished"),
            Self::Failed(error) => {
                f.debug_tuple("Failed").field(&error.map(|error| format!("{error:#}"))).finish()
            }
            Self::Panicked(error) => f.debug_tuple("Panicked").field(&format!("{error:#}")).finish(),
            Self::Cancelled(why) => f.debug_tuple("Cancelled").field(why).finish(),
        }
    }
}

impl<'a> End<'a> {
    /// How something ended that failed with this.
    pub(crate) fn failed(error: Option<&'a Error>) -> Self {
        match error {
            Some(error) if error.is_panic() => Self::Panicked(error),
            Some(error) if error.stopped().is_some() => Self::Cancelled(error.stopped()),
            error => Self::Failed(error),
        }
    }
}

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
    CacheHit,
    CacheMiss,
    CacheJoined,
    CacheEvicted,
    PermitWaited,
    RateWaited,
    FallbackUsed,
    TimedOut,
    Abandoned,
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

impl<'a> Event<'a> {
    /// The number of the run, counted in this process; nothing where a policy is used outside of graphs.
    pub fn run(&self) -> Option<u64> {
        self.run.map(Run::id)
    }

    /// The number of the run whose node called the graph.
    pub fn parent(&self) -> Option<u64> {
        self.run.and_then(Run::parent)
    }

    /// The graph; empty where a policy is used outside of graphs.
    pub fn graph(&self) -> &'static str {
        self.run.map_or("", |run| run.description().name)
    }

    /// What the graph looks like.
    pub fn description(&self) -> Option<&'static Description<'static>> {
        self.run.map(Run::description)
    }

    /// The correlation id of the run's context.
    pub fn correlation_id(&self) -> &'a str {
        self.correlation_id
    }

    /// The node with the items and turns around it, as in `drafts[3]`; nothing for what happens to the run as a whole.
    pub fn site(&self) -> Option<&'a Site> {
        self.site
    }

    /// Which attempt at the node it is, counted from one. At its end, how many there were.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When it happened, by the clock of the context.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// What happened.
    pub fn what(&self) -> What<'a> {
        self.what
    }

    /// The name of what happened.
    pub fn kind(&self) -> EventKind {
        match self.what {
            What::RunStarted { .. } => EventKind::RunStarted,
            What::RunEnded { end, .. } => match end {
                End::Finished => EventKind::RunFinished,
                End::Failed(_) => EventKind::RunFailed,
                End::Panicked(_) => EventKind::RunPanicked,
                End::Cancelled(_) => EventKind::RunCancelled,
            },
            What::NodeStarted => EventKind::NodeStarted,
            What::NodeEnded { end, .. } => match end {
                End::Finished => EventKind::NodeFinished,
                End::Failed(_) => EventKind::NodeFailed,
                End::Panicked(_) => EventKind::NodePanicked,
                End::Cancelled(_) => EventKind::NodeCancelled,
            },
            What::AttemptFailed => EventKind::AttemptFailed,
            What::Backoff { .. } => EventKind::Backoff,
            What::Hedged => EventKind::Hedged,
            What::BreakerChanged { .. } => EventKind::BreakerChanged,
            What::CacheHit => EventKind::CacheHit,
            What::CacheMiss => EventKind::CacheMiss,
            What::CacheJoined => EventKind::CacheJoined,
            What::CacheEvicted { .. } => EventKind::CacheEvicted,
            What::PermitWaited { .. } => EventKind::PermitWaited,
            What::RateWaited { .. } => EventKind::RateWaited,
            What::FallbackUsed { .. } => EventKind::FallbackUsed,
            What::TimedOut { .. } => EventKind::TimedOut,
            What::Abandoned => EventKind::Abandoned,
        }
    }

    /// How long what has ended took.
    pub fn took(&self) -> Option<Duration> {
        match self.what {
            What::RunEnded { took, .. }
            | What::NodeEnded { took, .. }
            | What::PermitWaited { took, .. }
            | What::RateWaited { took, .. } => Some(took),
            _ => None,
        }
    }

    /// The error of what has failed or panicked, unless the graph's own error type has taken it over.
    pub fn error(&self) -> Option<&'a Error> {
        match self.what {
            What::RunEnded { end, .. } | What::NodeEnded { end, .. } => match end {
                End::Failed(error) => error,
                End::Panicked(error) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("run", &self.run())
            .field("graph", &self.graph())
            .field("node", &self.site.map(Site::node))
            .field("attempt", &self.attempt)
            .field("correlation_id", &self.correlation_id)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// In one line.
impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run {
            Some(run) => write!(f, "run {} of graph `{}`: ", run.id(), run.description().name)?,
            None => f.write_str("outside of graphs: ")?,
        }
        if let Some(site) = self.site {
            write!(f, "node `{}` (operator `{}`) ", site.node(), site.operator())?;
        }
        fmt::Display::fmt(&self.what, f)
    }
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let granted = |granted| if granted { "" } else { " in vain" };
        match self {
            Self::RunStarted { form, reason } => write!(f, "started as {form}: {reason}"),
            Self::RunEnded { end, took, counts } => write!(f, "{end} after {took:?}: {counts}"),
            Self::NodeStarted => f.write_str("started"),
            Self::NodeEnded { end, took } => write!(f, "{end} after {took:?}"),
            Self::AttemptFailed => f.write_str("failed in one attempt"),
            Self::Backoff { delay } => write!(f, "waits {delay:?} for the next attempt"),
            Self::Hedged => f.write_str("is slow, so another attempt was started"),
            Self::BreakerChanged { from, to } => {
                write!(f, "changed its breaker from {} to {}", breaker(*from), breaker(*to))
            }
            Self::CacheHit => f.write_str("had its value in the cache"),
            Self::CacheMiss => f.write_str("had no value in the cache"),
            Self::CacheJoined => f.write_str("waits for a call that is under way"),
            Self::CacheEvicted { entries } => write!(f, "put {entries} entries out of the cache"),
            Self::PermitWaited { took, granted: has } => {
                write!(f, "waited {took:?} for a permit{}", granted(*has))
            }
            Self::RateWaited { took, granted: has } => {
                write!(f, "waited {took:?} for its turn{}", granted(*has))
            }
            Self::FallbackUsed { succeeded: true } => f.write_str("took its fallback"),
            Self::FallbackUsed { succeeded: false } => f.write_str("took its fallback, which failed too"),
            Self::TimedOut { after } => write!(f, "took longer than {after:?}"),
            Self::Abandoned => f.write_str("goes on although nobody waits for it"),
        }
    }
}

fn breaker(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "closed",
        BreakerState::Open { .. } => "open",
        BreakerState::HalfOpen => "half open",
        BreakerState::ForcedOpen => "forced open",
        BreakerState::ForcedClosed => "forced closed",
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StraightLine => "a straight line",
            Self::Parallel => "parallel parts",
            Self::Async => "a future",
        })
    }
}

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Failed(None) => f.write_str("failed"),
            Self::Failed(Some(error)) => write!(f, "failed ({error:#})"),
            Self::Panicked(error) => write!(f, "panicked ({error:#})"),
            Self::Cancelled(None) => f.write_str("was dropped"),
            Self::Cancelled(Some(why)) => write!(f, "was cancelled ({why})"),
        }
    }
}
