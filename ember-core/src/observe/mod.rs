//! What runs do, as it happens: events, and those who observe them.
//!
//! A run asks its context once, when it starts, whether anybody observes it; and then, before each node, by the load that
//! it makes anyway to see whether it was stopped. So where nobody listens nothing is noted and no clock is read.
//!
//! In reading order: `event` is what is told, with `kind` and `display`; `observer` who is told, and `observers` all of one
//! context; `scope` what they have beside a run or a node; `recorder` an observer for tests. `run` tells of one run; `frame`
//! knows which node a thread is at, `straight` and `carried` are what is particular to straight lines and to nodes that wait;
//! `emit` and `since` serve policies, `values` operators that let their arguments be logged. `logs`, `otlp` and `metrics` are
//! made of all this, and `profile` of `statistics`. `chains` is where what is counted of a graph is found.

mod carried;
mod chains;
mod display;
mod emit;
mod event;
mod frame;
mod kind;
mod observer;
mod observers;
mod profile;
mod recorder;
mod run;
mod scope;
mod since;
mod statistics;
mod straight;
mod text;
mod timeline;
mod values;

#[cfg(feature = "tracing")]
mod logs;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "otel")]
mod otlp;

#[cfg(all(test, not(loom)))]
mod tests;

pub use self::event::{End, Event, Form, What};
pub use self::kind::EventKind;
#[cfg(feature = "tracing")]
pub use self::logs::{Logs, LogsBuilder};
#[cfg(feature = "metrics")]
pub use self::metrics::Metrics;
pub use self::observer::{AlreadyInstalled, IntoObservers, Observer, install};
pub use self::observers::observer_panics;
#[cfg(feature = "otel")]
pub use self::otlp::{Otlp, OtlpBuilder, OtlpError};
pub use self::profile::{Advice, Profile};
pub use self::recorder::{Recorded, Recorder};
pub use self::scope::Scope;
pub use self::statistics::{Failure, GraphStatistics, Latency, Statistics, Tally};
pub use self::timeline::{CriticalNode, CriticalPath, SaveError, Timeline};
pub use self::values::Logged;
#[doc(hidden)]
pub use self::values::{Shown, arguments as __arguments, returned as __returned};

pub(crate) use self::carried::{Carried, Lent};
pub(crate) use self::emit::{emit, is_heard};
pub(crate) use self::frame::{Frame, trace_at_hand};
#[cfg(all(feature = "isolate", feature = "tracing", unix))]
pub(crate) use self::logs::in_worker;
pub(crate) use self::observers::{Observers, installed};
pub(crate) use self::run::{Begun, Run, Teller};
pub(crate) use self::since::Since;
pub(crate) use self::straight::Straight;
#[cfg(all(test, not(loom)))]
pub(crate) use self::text::SAID;
pub(crate) use self::text::said;
#[cfg(feature = "isolate")]
pub(crate) use self::timeline::withhold as withhold_timeline;

/// Serves a call of an isolated operator. Without `tracing` there are no spans to do it in.
#[cfg(all(feature = "isolate", not(feature = "tracing"), unix))]
pub(crate) fn in_worker<R>(_: &str, serve: impl FnOnce() -> R) -> R {
    serve()
}
