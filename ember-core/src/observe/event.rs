//! What is told.

use std::time::{Duration, Instant};

use ember_graph::Description;

use super::run::Run;
use super::scope::Scopes;
use super::{EventKind, Logged, Scope};
use crate::context::{Stopped, TraceContext};
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
    /// Those of the node.
    pub(super) scopes: Option<&'a Scopes>,
    /// The number of the observer that is told, among those of its context.
    pub(super) observer: usize,
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
    /// A circuit breaker turned a call away.
    BreakerRefused,
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
    /// A call has waited for room in a memory budget, or was turned away. Inputs of batches and streams that wait are no event:
    /// they belong to no node.
    MemoryWaited {
        /// How long.
        took: Duration,
        /// Whether it has room.
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
    /// An operator is called with these arguments, which it lets be logged: `#[operator(log(args = [name]))]`. Told to those
    /// only who [want](super::Observer::wants_values) it.
    CalledWith {
        /// In the order in which they were said.
        arguments: &'a [Logged<'a>],
    },
    /// It gave a value, which it lets be logged: `#[operator(log(returned))]`.
    Gave {
        /// The value, or the failure.
        value: Logged<'a>,
    },
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

impl<'a> Event<'a> {
    /// What happened to a run as a whole, or outside of graphs.
    pub(super) fn new(run: Option<&'a Run>, correlation_id: &'a str, at: Instant, what: What<'a>) -> Self {
        Self { run, correlation_id, site: None, attempt: 1, at, what, scopes: None, observer: 0 }
    }

    /// The number of the run, counted in this process; nothing where a policy is used outside of graphs.
    pub fn run(&self) -> Option<u64> {
        self.run.map(Run::id)
    }

    /// The number of the run whose node called the graph.
    pub fn parent(&self) -> Option<u64> {
        self.run.and_then(Run::parent)
    }

    /// The node of [that run](Self::parent) that called the graph.
    pub fn caller(&self) -> Option<&'a Site> {
        self.run.and_then(Run::caller)
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

    /// The trace of the caller, if the run's context was [told](crate::ContextBuilder::traceparent), and no run around this
    /// one has it already.
    pub fn trace(&self) -> Option<&'a TraceContext> {
        self.run.and_then(Run::trace)
    }

    /// What the observer that is told [has](super::Observer::scope) beside the node, or else beside the run.
    pub fn scope<T: Scope>(&self) -> Option<&'a T> {
        self.scopes.and_then(|scopes| scopes.of(self.observer)).or_else(|| self.run_scope())
    }

    /// What the observer that is told has beside the run.
    pub fn run_scope<T: Scope>(&self) -> Option<&'a T> {
        self.run.and_then(|run| run.scopes().of(self.observer))
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
            What::BreakerRefused => EventKind::BreakerRefused,
            What::CacheHit => EventKind::CacheHit,
            What::CacheMiss => EventKind::CacheMiss,
            What::CacheJoined => EventKind::CacheJoined,
            What::CacheEvicted { .. } => EventKind::CacheEvicted,
            What::PermitWaited { .. } => EventKind::PermitWaited,
            What::RateWaited { .. } => EventKind::RateWaited,
            What::MemoryWaited { .. } => EventKind::MemoryWaited,
            What::FallbackUsed { .. } => EventKind::FallbackUsed,
            What::TimedOut { .. } => EventKind::TimedOut,
            What::Abandoned => EventKind::Abandoned,
            What::CalledWith { .. } => EventKind::CalledWith,
            What::Gave { .. } => EventKind::Gave,
        }
    }

    /// How long what has ended took.
    pub fn took(&self) -> Option<Duration> {
        match self.what {
            What::RunEnded { took, .. }
            | What::NodeEnded { took, .. }
            | What::PermitWaited { took, .. }
            | What::RateWaited { took, .. }
            | What::MemoryWaited { took, .. } => Some(took),
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
