//! What is counted of one node, or of the runs of one graph.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::Failure;
use super::histogram::{Histogram, Latency};
use super::last::{Failures, Last};
use crate::observe::{End, What};
use crate::sync::nanos;

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What threads add to.
        pub(super) struct Counters {
            $($name: AtomicU64,)*
            permit_nanos: AtomicU64,
            rate_nanos: AtomicU64,
            memory_nanos: AtomicU64,
            limit_nanos: AtomicU64,
            failing: AtomicBool,
            last_failure: Last,
            latency: Histogram,
        }

        impl Counters {
            pub(super) fn new() -> Self {
                Self {
                    $($name: AtomicU64::new(0),)*
                    permit_nanos: AtomicU64::new(0),
                    rate_nanos: AtomicU64::new(0),
                    memory_nanos: AtomicU64::new(0),
                    limit_nanos: AtomicU64::new(0),
                    failing: AtomicBool::new(false),
                    last_failure: Last::new(),
                    latency: Histogram::new(),
                }
            }

            pub(super) fn snapshot(&self) -> Tally {
                // In this order what has ended is read before what has started.
                let latency = self.latency.snapshot();
                $(let $name = self.$name.load(Relaxed);)*
                let Failures { last: last_failure, cause: last_cause } = self.last_failure.get();
                Tally {
                    $($name,)*
                    permit_time: Duration::from_nanos(self.permit_nanos.load(Relaxed)),
                    rate_time: Duration::from_nanos(self.rate_nanos.load(Relaxed)),
                    memory_time: Duration::from_nanos(self.memory_nanos.load(Relaxed)),
                    timeout_limit: match self.limit_nanos.load(Relaxed) {
                        0 => None,
                        limit => Some(Duration::from_nanos(limit)),
                    },
                    failing: self.failing.load(Relaxed),
                    last_failure,
                    last_cause,
                    latency,
                }
            }
        }

        /// What was counted of one node, or of the runs of one graph: each number exact, and all of them read one after the
        /// other while others may count.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Tally {
            $($(#[$doc])* pub $name: u64,)*
            /// How long calls have waited for permits, together.
            pub permit_time: Duration,
            /// How long calls have waited for their turn in a rate, together.
            pub rate_time: Duration,
            /// How long calls have waited for room in a memory budget, together.
            pub memory_time: Duration,
            /// How long the last call that took too long may take; nothing if none did.
            pub timeout_limit: Option<Duration>,
            /// Whether the last that was not stopped has failed or panicked.
            pub failing: bool,
            /// The last that failed or panicked, however much went well since.
            pub last_failure: Option<Arc<Failure>>,
            /// The last that failed otherwise than by being turned away: while a breaker is open, what opened it.
            pub last_cause: Option<Arc<Failure>>,
            /// How long those took that have ended.
            pub latency: Latency,
        }
    };
}

counts! {
    /// How many gave their value.
    finished,
    /// How many failed.
    failed,
    /// How many panicked.
    panicked,
    /// How many were stopped.
    cancelled,
    /// How many started.
    started,
    /// Attempts that failed.
    attempts_failed,
    /// Waits of a retry before its next attempt.
    backoffs,
    /// Attempts started beside one that was slow.
    hedges,
    /// Values that a cache had.
    cache_hits,
    /// Values that it had not.
    cache_misses,
    /// Values that came of the call of another.
    cache_joined,
    /// Entries of a cache that gave way to others.
    cache_evicted,
    /// Calls that got a permit after they had waited.
    permit_waits,
    /// Calls that a concurrency limit turned away.
    permits_refused,
    /// Calls that got their turn in a rate after they had waited.
    rate_waits,
    /// Calls that a rate turned away.
    rates_refused,
    /// Calls that got room in a memory budget after they had waited.
    memory_waits,
    /// Calls that a memory budget turned away.
    memory_refused,
    /// Fallbacks that gave a value.
    fallbacks,
    /// Fallbacks that failed too.
    fallbacks_failed,
    /// Calls that took too long.
    timeouts,
    /// Calls that were left behind.
    abandoned,
    /// Changes of circuit breakers.
    breaker_changes,
    /// Calls that a circuit breaker turned away.
    breaker_refused,
}

impl Tally {
    /// How many have ended.
    pub fn ended(&self) -> u64 {
        self.finished + self.failed + self.panicked + self.cancelled
    }

    /// How many run.
    pub fn running(&self) -> u64 {
        self.started.saturating_sub(self.ended())
    }
}

impl Counters {
    pub(super) fn failed_last(&self, failure: &Arc<Failure>, is_rejected: bool) {
        self.last_failure.is(failure, is_rejected);
    }

    pub(super) fn add(&self, what: What<'_>) {
        let one = match what {
            What::RunStarted { .. } | What::NodeStarted => &self.started,
            What::RunEnded { end, took, .. } | What::NodeEnded { end, took } => {
                self.latency.add(took);
                let failing = matches!(end, End::Failed(_) | End::Panicked(_));
                // Read first, so that threads do not take the line from each other for what stays as it is.
                if !matches!(end, End::Cancelled(_)) && self.failing.load(Relaxed) != failing {
                    self.failing.store(failing, Relaxed);
                }
                match end {
                    End::Finished => &self.finished,
                    End::Failed(_) => &self.failed,
                    End::Panicked(_) => &self.panicked,
                    End::Cancelled(_) => &self.cancelled,
                }
            }
            What::AttemptFailed => &self.attempts_failed,
            What::Backoff { .. } => &self.backoffs,
            What::Hedged => &self.hedges,
            What::BreakerChanged { .. } => &self.breaker_changes,
            What::BreakerRefused => &self.breaker_refused,
            What::CacheHit => &self.cache_hits,
            What::CacheMiss => &self.cache_misses,
            What::CacheJoined => &self.cache_joined,
            What::CacheEvicted { entries } => {
                self.cache_evicted.fetch_add(entries as u64, Relaxed);
                return;
            }
            What::PermitWaited { took, granted } => {
                self.permit_nanos.fetch_add(nanos(took), Relaxed);
                if granted { &self.permit_waits } else { &self.permits_refused }
            }
            What::RateWaited { took, granted } => {
                self.rate_nanos.fetch_add(nanos(took), Relaxed);
                if granted { &self.rate_waits } else { &self.rates_refused }
            }
            What::MemoryWaited { took, granted } => {
                self.memory_nanos.fetch_add(nanos(took), Relaxed);
                if granted { &self.memory_waits } else { &self.memory_refused }
            }
            What::FallbackUsed { succeeded } => {
                if succeeded {
                    &self.fallbacks
                } else {
                    &self.fallbacks_failed
                }
            }
            What::TimedOut { after } => {
                self.limit_nanos.store(nanos(after), Relaxed);
                &self.timeouts
            }
            What::Abandoned => &self.abandoned,
            What::CalledWith { .. } | What::Gave { .. } => return,
        };
        one.fetch_add(1, Relaxed);
    }
}
