//! Log lines: what happens to runs and nodes, and what policies do.

use std::fmt;
use std::time::Duration;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Span};

use super::super::{End, Event, EventKind, What};
use super::spans::Traced;
use crate::policy::BreakerState;
use crate::rounded::Rounded;

/// Writes the line of an event, in the span of its node or run. `error` is the text of its error.
pub(super) fn write(event: &Event<'_>, error: Option<&str>) {
    let level = level(event);
    // Asked first, as most are not wanted.
    if level > LevelFilter::current() {
        return;
    }
    macro_rules! at {
        ($level:ident) => {
            match event.scope().map(Traced::span) {
                Some(span) => line!(event, error, $level, parent: span),
                None if event.run().is_some() => line!(event, error, $level, parent: Span::current()),
                // Nothing around it tells the id.
                None => line!(event, error, $level, parent: Span::current(), event.correlation_id()),
            }
        };
    }
    match level {
        Level::ERROR => at!(ERROR),
        Level::WARN => at!(WARN),
        Level::INFO => at!(INFO),
        Level::DEBUG => at!(DEBUG),
        Level::TRACE => at!(TRACE),
    }
}

macro_rules! line {
    ($event:ident, $error:ident, $level:ident, parent: $parent:expr $(, $correlation_id:expr)?) => {{
        let fields = || Fields::of($event);
        if tracing::enabled!(target: "ember", Level::$level) {
            let Fields { delay, waited, granted, limit, entries } = fields();
            tracing::event!(
                target: "ember", parent: $parent, Level::$level,
                event = name($event.kind()), attempt = $event.site().map(|_| $event.attempt()),
                $(correlation_id = $correlation_id,)? delay, waited, granted, limit, entries,
                "exception.message" = $error,
                "{}", Message($event)
            );
        }
    }};
}
use line;

/// How much it matters. The table is in the guide.
fn level(event: &Event<'_>) -> Level {
    match event.what() {
        What::RunEnded { end, .. } => match end {
            End::Finished => Level::DEBUG,
            End::Cancelled(_) => Level::INFO,
            End::Failed(_) => Level::WARN,
            End::Panicked(_) => Level::ERROR,
        },
        What::NodeEnded { end, .. } => match end {
            End::Finished => Level::TRACE,
            End::Cancelled(_) => Level::DEBUG,
            End::Failed(_) => Level::WARN,
            End::Panicked(_) => Level::ERROR,
        },
        What::BreakerChanged { to: BreakerState::Open { .. }, .. }
        | What::FallbackUsed { .. }
        | What::TimedOut { .. }
        | What::Abandoned
        | What::PermitWaited { granted: false, .. }
        | What::RateWaited { granted: false, .. }
        | What::MemoryWaited { granted: false, .. } => Level::WARN,
        What::BreakerChanged { .. } | What::AttemptFailed => Level::INFO,
        What::RunStarted { .. }
        | What::Backoff { .. }
        | What::Hedged
        | What::BreakerRefused
        | What::CacheEvicted { .. } => Level::DEBUG,
        _ => Level::TRACE,
    }
}

/// What lines of some kinds say beside their text. Times are in seconds.
#[derive(Default)]
struct Fields {
    delay: Option<f64>,
    waited: Option<f64>,
    granted: Option<bool>,
    limit: Option<f64>,
    entries: Option<u64>,
}

impl Fields {
    fn of(event: &Event<'_>) -> Self {
        let seconds = |time: Duration| Some(time.as_secs_f64());
        match event.what() {
            What::Backoff { delay } => Self { delay: seconds(delay), ..Self::default() },
            What::PermitWaited { took, granted }
            | What::RateWaited { took, granted }
            | What::MemoryWaited { took, granted } => {
                Self { waited: seconds(took), granted: Some(granted), ..Self::default() }
            }
            What::TimedOut { after } => Self { limit: seconds(after), ..Self::default() },
            What::CacheEvicted { entries } => {
                Self { entries: u64::try_from(entries).ok(), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}

/// What has happened, without the text of an error, which stands in a field of its own and may not be wanted.
struct Message<'a, 'e>(&'a Event<'e>);

impl fmt::Display for Message<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.site().is_some() { "node " } else { "run " })?;
        match self.0.what() {
            What::RunEnded { end, took, .. } | What::NodeEnded { end, took } => match end {
                End::Failed(_) => write!(f, "failed after {}", Rounded(took)),
                End::Panicked(_) => write!(f, "panicked after {}", Rounded(took)),
                end => write!(f, "{end} after {}", Rounded(took)),
            },
            what => what.fmt(f),
        }
    }
}

const fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::RunStarted => "run_started",
        EventKind::RunFinished => "run_finished",
        EventKind::RunFailed => "run_failed",
        EventKind::RunPanicked => "run_panicked",
        EventKind::RunCancelled => "run_cancelled",
        EventKind::NodeStarted => "node_started",
        EventKind::NodeFinished => "node_finished",
        EventKind::NodeFailed => "node_failed",
        EventKind::NodePanicked => "node_panicked",
        EventKind::NodeCancelled => "node_cancelled",
        EventKind::AttemptFailed => "attempt_failed",
        EventKind::Backoff => "backoff",
        EventKind::Hedged => "hedged",
        EventKind::BreakerChanged => "breaker_changed",
        EventKind::BreakerRefused => "breaker_refused",
        EventKind::CacheHit => "cache_hit",
        EventKind::CacheMiss => "cache_miss",
        EventKind::CacheJoined => "cache_joined",
        EventKind::CacheEvicted => "cache_evicted",
        EventKind::PermitWaited => "permit_waited",
        EventKind::RateWaited => "rate_waited",
        EventKind::MemoryWaited => "memory_waited",
        EventKind::FallbackUsed => "fallback_used",
        EventKind::TimedOut => "timed_out",
        EventKind::Abandoned => "abandoned",
        EventKind::CalledWith => "called_with",
        EventKind::Gave => "gave",
    }
}
