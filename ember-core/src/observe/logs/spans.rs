//! The spans of runs and nodes.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::super::{End, Event, Scope};
use super::remote;
use crate::context::{TraceContext, is_away};
use crate::error::{Error, Site};

/// The span of a run or a node.
pub(super) struct Traced(Span);

/// What all spans say when they end, to be filled in then. They are looked for by name, so these names stand first.
macro_rules! span {
    ($(parent: $parent:expr,)? $name:literal, $($fields:tt)*) => {
        tracing::info_span!(
            target: "ember", $(parent: $parent,)? $name,
            outcome = Empty, duration = Empty, $($fields)*
            "error.type" = Empty, "exception.message" = Empty,
            otel.status_code = Empty, otel.status_description = Empty,
        )
    };
}

/// That of a run, within the span that the thread is in: of the node that calls it, or of its caller's own.
///
/// With `otel`, spans also say what OpenTelemetry's layer wants to be told in its own words.
pub(super) fn of_run(event: &Event<'_>, otel: bool) -> Option<Box<dyn Scope>> {
    let (graph, correlation_id) = (event.graph(), event.correlation_id());
    let trace_id = event.trace().map(in_hex);
    macro_rules! run {
        ($($parent:tt)*) => {
            span!(
                $($parent)* "ember.run",
                otel.name = otel.then_some(graph), graph, run = event.run(), parent = event.parent(), correlation_id, trace_id,
            )
        };
    }
    // A thread that waits for others may do a job of somebody else, which is not what its span is about.
    let span = if is_away() { run!(parent: None::<tracing::Id>,) } else { run!() };
    if let Some(trace) = event.trace() {
        remote::join(&span, trace);
    }
    Traced::of(span)
}

/// That of a node, within its run's.
pub(super) fn of_node(event: &Event<'_>, site: &Site, otel: bool) -> Option<Box<dyn Scope>> {
    let (graph, correlation_id) = (event.graph(), event.correlation_id());
    let (operator, node) = (site.operator(), site.node());
    let shown = if operator.is_empty() { &*node } else { operator };
    macro_rules! node {
        ($($parent:tt)*) => {
            span!(
                $($parent)* "ember.node",
                attempt = Empty,
                otel.name = otel.then_some(shown), graph, run = event.run(), correlation_id, node = &*node, operator,
                "code.file.path" = site.file(), "code.line.number" = site.line(),
                arguments = Empty, returned = Empty,
            )
        };
    }
    let span = match event.run_scope::<Traced>() {
        Some(Traced(run)) => node!(parent: run,),
        None => node!(),
    };
    Traced::of(span)
}

/// That of a call in the process of an isolated operator, which has no runs and nodes: what the operator writes there
/// stands in it. `path` begins with the operator's.
#[cfg(all(feature = "isolate", unix))]
pub(crate) fn in_worker<R>(path: &str, serve: impl FnOnce() -> R) -> R {
    let context = crate::Context::current();
    let operator = path.split(' ').next().unwrap_or_default();
    let trace_id = context.trace().map(in_hex);
    let span = tracing::info_span!(
        target: "ember", "ember.isolated",
        otel.name = cfg!(feature = "otel").then_some(operator), operator, correlation_id = context.correlation_id(), trace_id,
    );
    if let Some(trace) = context.trace() {
        remote::join(&span, trace);
    }
    span.in_scope(serve)
}

fn in_hex(trace: &TraceContext) -> impl tracing::Value {
    tracing::field::display(format!("{:032x}", trace.trace_id()))
}

impl Traced {
    fn of(span: Span) -> Option<Box<dyn Scope>> {
        if span.is_disabled() { None } else { Some(Box::new(Self(span))) }
    }

    pub(super) const fn span(&self) -> &Span {
        &self.0
    }

    pub(super) fn called(&self, arguments: String) {
        self.0.record("arguments", arguments);
    }

    pub(super) fn returned(&self, value: String) {
        self.0.record("returned", value);
    }

    pub(super) fn ended(&self, attempt: u32, end: End<'_>, took: Duration, text: Option<&str>, otel: bool) {
        let (outcome, error) = match end {
            End::Finished => ("finished", None),
            End::Failed(error) => ("failed", Some(error.map_or("_OTHER", kind))),
            End::Panicked(_) => ("panicked", Some("panic")),
            End::Cancelled(_) => ("cancelled", None),
        };
        let duration = took.as_secs_f64();
        match error {
            None => {
                tracing::record_all!(self.0, attempt, outcome, duration);
            }
            Some(kind) => {
                tracing::record_all!(
                    self.0,
                    attempt,
                    outcome,
                    duration,
                    "error.type" = kind,
                    "exception.message" = text,
                    otel.status_code = otel.then_some("ERROR"),
                    otel.status_description = text.filter(|_| otel),
                );
            }
        }
    }
}

/// What kind of failure it is: one of few words, as `error.type` is to be. `_OTHER` is the operator's own.
fn kind(error: &Error) -> &'static str {
    if error.is_panic() {
        "panic"
    } else if error.is_timeout() {
        "timeout"
    } else if error.is_breaker_open() {
        "breaker_open"
    } else if error.is_limited() {
        "limited"
    } else if error.is_invalid() {
        "invalid"
    } else if error.isolation().is_some() {
        "isolation"
    } else if error.is_unavailable() {
        "unavailable"
    } else if error.is_loop_bound() {
        "loop_bound"
    } else {
        "_OTHER"
    }
}

impl Scope for Traced {
    fn enter(&self) {
        self.0.with_subscriber(|(id, subscriber)| subscriber.enter(id));
    }

    fn leave(&self) {
        self.0.with_subscriber(|(id, subscriber)| subscriber.exit(id));
    }

    fn trace(&self) -> Option<TraceContext> {
        remote::told(&self.0)
    }
}
