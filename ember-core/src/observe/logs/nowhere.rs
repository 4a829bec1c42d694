//! Where nothing is exported, there are no traces of OpenTelemetry to join.

use tracing::Span;

use crate::context::TraceContext;

pub(super) const fn join(_: &Span, _: &TraceContext) {}

pub(super) const fn told(_: &Span) -> Option<TraceContext> {
    None
}
