//! Traces of OpenTelemetry: that of the caller, and that of a span of ours.

use std::str::FromStr;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::context::{TraceContext, is_away};

/// Makes the span of a run one of the caller's trace, unless it is within it by the span around.
pub(super) fn join(span: &Span, trace: &TraceContext) {
    let trace_id = TraceId::from(trace.trace_id());
    if !is_away() && Span::current().context().span().span_context().trace_id() == trace_id {
        return;
    }
    let flags = if trace.is_sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() };
    // It has been found to be one, and where the two readers do not agree it is left out, as the recommendation says.
    let state = TraceState::from_str(trace.tracestate()).unwrap_or_default();
    let caller = SpanContext::new(trace_id, SpanId::from(trace.parent_id()), flags, true, state);
    // Where nothing is exported there is nothing to join.
    let _ = span.set_parent(Context::new().with_remote_span_context(caller));
}

/// What a span is in the trace that is exported.
pub(super) fn told(span: &Span) -> Option<TraceContext> {
    let context = span.context();
    let span = context.span();
    let told = span.span_context();
    let trace_id = u128::from_be_bytes(told.trace_id().to_bytes());
    let span_id = u64::from_be_bytes(told.span_id().to_bytes());
    let trace = TraceContext::new(trace_id, span_id, told.is_sampled()).ok()?;
    Some(trace.clone().with_tracestate(&told.trace_state().header()).unwrap_or(trace))
}
