//! Spans as a collector gets them.
#![allow(clippy::unnecessary_wraps, clippy::unused_async, reason = "the operators are as plain as can be")]

mod collector;

use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use ember::observe::{Logs, Otlp};
use ember::{Strategy, TraceContext, prelude::*};
use ember_tests::{STRATEGIES, pool};
use opentelemetry_proto::tonic::trace::v1::{Span, status::StatusCode};
use tracing_subscriber::layer::SubscriberExt;

use self::collector::{Collector, attribute};

/// The program's one subscriber exports to this.
fn exporting() -> &'static (Collector, Otlp) {
    static ONE: OnceLock<(Collector, Otlp)> = OnceLock::new();
    ONE.get_or_init(|| {
        let collector = Collector::start("200 OK");
        let otlp =
            Otlp::builder().endpoint(&collector.endpoint).service("shop").header("x-key", "open sesame");
        let otlp = otlp.delay(Duration::from_hours(1)).build().unwrap();
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(otlp.layer())).unwrap();
        (collector, otlp)
    })
}

/// The spans of a correlation id, as they came.
fn exported(id: &str) -> Vec<Span> {
    let (collector, otlp) = exporting();
    otlp.flush().unwrap();
    let mut spans = collector.spans();
    spans.retain(|span| attribute(&span.attributes, "correlation_id") == id);
    spans
}

fn node<'s>(spans: &'s [Span], node: &str) -> &'s Span {
    let is_it = |span: &&Span| attribute(&span.attributes, "node") == node;
    spans.iter().find(is_it).unwrap_or_else(|| panic!("no node {node} in {spans:#?}"))
}

fn run<'s>(spans: &'s [Span], graph: &str) -> &'s Span {
    let is_it = |span: &&Span| span.name == graph && attribute(&span.attributes, "node").is_empty();
    spans.iter().find(is_it).unwrap_or_else(|| panic!("no run of {graph} in {spans:#?}"))
}

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

/// What a call of another service would be given.
#[operator]
fn calls(n: u32, cx: &Context) -> (u32, Option<TraceContext>) {
    (n, cx.traceparent())
}

#[operator]
async fn calls_async(n: u32, cx: &Context) -> (u32, Option<TraceContext>) {
    tokio::task::yield_now().await;
    (n, cx.traceparent())
}

/// As what serves a request that comes from the program itself.
#[operator]
fn served(n: u32) -> u32 {
    let cx = Context::builder().correlation_id("exported nested").trace(given()).observer(Logs::default());
    cx.build().scope(|| nested(n)).0
}

#[operator(idempotent, retry(attempts = 2, backoff = constant("1ms"), jitter = none))]
fn fails(n: u32) -> Result<u32, Down> {
    if n == 0 { Err(Down) } else { Ok(n) }
}

#[operator]
fn panics(n: u32) -> u32 {
    assert!(n > 0, "too few");
    n
}

type Told = (u32, Option<TraceContext>);

graph! {
    fn nested(n: u32) -> Told {
        let told = calls(n);
        told
    }

    fn calling(n: u32) -> (Told, Told) {
        let first = calls(n);
        let below = nested(n);
        (first, below)
    }

    fn serving(n: u32) -> u32 {
        let served = served(n);
        served
    }

    async fn calling_async(n: u32) -> (Told, Told) {
        let waits = calls_async(n).await;
        let works = calls(n);
        (waits, works)
    }

    fn failing(n: u32) -> Result<u32, ember::Error> {
        let checked = fails(n)?;
        Ok(checked)
    }

    fn panicking(n: u32) -> Result<u32, ember::Error> {
        let checked = panics(n);
        Ok(checked)
    }
}

const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn given() -> TraceContext {
    HEADER.parse::<TraceContext>().unwrap().with_tracestate("rojo=1,congo=2").unwrap()
}

/// The ids of a span as a header would say them.
fn header(span: &Span) -> String {
    let trace_id = u128::from_be_bytes(span.trace_id[..].try_into().unwrap());
    let span_id = u64::from_be_bytes(span.span_id[..].try_into().unwrap());
    TraceContext::new(trace_id, span_id, true).unwrap().to_string()
}

#[test]
fn r26_the_callers_trace_is_the_exported_one_and_the_one_that_is_handed_on() {
    exporting();
    for strategy in STRATEGIES {
        let id = format!("exported {strategy:?}");
        let cx = Context::builder().correlation_id(&*id).strategy(strategy).trace(given());
        let cx = cx.observer(Logs::default()).build();
        let (first, below) = pool(2).install(|| cx.scope(|| calling(7)));
        let spans = exported(&id);
        assert_eq!(spans.len(), 5);
        let outermost = run(&spans, "calling");
        assert_eq!(outermost.parent_span_id, 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes());
        assert_eq!(outermost.trace_state, "rojo=1,congo=2");
        for span in &spans {
            assert_eq!(span.trace_id, given().trace_id().to_be_bytes());
        }
        let (of_first, of_below) = (node(&spans, "first"), node(&spans, "below"));
        assert_eq!(of_first.parent_span_id, outermost.span_id);
        assert_eq!(of_below.parent_span_id, outermost.span_id);
        assert_eq!(run(&spans, "nested").parent_span_id, of_below.span_id);
        assert_eq!(node(&spans, "told").parent_span_id, run(&spans, "nested").span_id);
        assert_eq!((&*of_first.name, &*of_below.name), ("calls", "nested"));

        // What a node hands on names its own span.
        let first = first.1.unwrap();
        assert_eq!(first.to_string(), header(of_first));
        assert_eq!(first.tracestate(), "rojo=1,congo=2");
        assert_eq!(below.1.unwrap().to_string(), header(node(&spans, "told")));
        // Outside of runs it is what the caller said.
        assert_eq!(cx.traceparent(), Some(given()));
    }
}

#[tokio::test]
async fn r26_futures_and_the_threads_that_work_for_them_hand_on_their_nodes_spans() {
    exporting();
    let cx = Context::builder().correlation_id("exported async").strategy(Strategy::Parallel).trace(given());
    let cx = cx.observer(Logs::default()).build();
    let (waits, works) = cx.scope(|| calling_async(3)).await;
    let spans = exported("exported async");
    assert_eq!(waits.1.unwrap().to_string(), header(node(&spans, "waits")));
    assert_eq!(works.1.unwrap().to_string(), header(node(&spans, "works")));
    assert_eq!(run(&spans, "calling_async").parent_span_id, given().parent_id().to_be_bytes());
}

#[test]
fn r26_the_given_trace_counts_more_than_the_span_around_unless_that_is_part_of_it() {
    exporting();
    let outer = Context::builder().correlation_id("exported nested").trace(given()).observer(Logs::default());
    let outer = outer.build();
    let request = tracing::info_span!("request", correlation_id = "exported nested");
    request.in_scope(|| {
        // In the trace that is given; and once more in one of its own.
        let own = Context::builder().correlation_id("exported nested").observer(Logs::default()).build();
        own.scope(|| nested(1));
        outer.scope(|| serving(1));
    });
    drop(request);
    let spans = exported("exported nested");
    let request = spans.iter().find(|span| span.name == "request").unwrap();
    let trace_id = given().trace_id().to_be_bytes();
    let of_nested = |is_given: bool| {
        let is_it = |span: &&Span| span.name == "nested" && (span.trace_id == trace_id) == is_given;
        spans.iter().find(is_it).unwrap()
    };
    assert_ne!(request.trace_id, trace_id);
    assert_eq!(of_nested(false).trace_id, request.trace_id);
    assert_eq!(of_nested(false).parent_span_id, request.span_id);
    assert_eq!(run(&spans, "serving").trace_id, trace_id);
    assert_eq!(run(&spans, "serving").parent_span_id, given().parent_id().to_be_bytes());
    assert_eq!(of_nested(true).parent_span_id, node(&spans, "served").span_id);
}

#[test]
fn r27_a_node_that_fails_has_an_error_for_its_status() {
    exporting();
    let cx = Context::builder().correlation_id("exported failures").observer(Logs::default()).build();
    cx.scope(|| failing(0)).unwrap_err();
    cx.scope(|| panicking(0)).unwrap_err();
    cx.scope(|| failing(1)).unwrap();
    let spans = exported("exported failures");
    let status = |span: &Span| span.status.clone().unwrap_or_default();
    let failed: Vec<&Span> = spans.iter().filter(|span| status(span).code() == StatusCode::Error).collect();
    assert_eq!(failed.len(), 4);
    for span in &failed {
        let told = attribute(&span.attributes, "outcome");
        let (message, kind) = if told == "panicked" { ("too few", "panic") } else { ("down", "_OTHER") };
        assert!(status(span).message.contains(message), "{span:#?}");
        assert_eq!(attribute(&span.attributes, "error.type"), kind);
        assert!(attribute(&span.attributes, "exception.message").contains(message));
    }
    let finished = spans.iter().filter(|span| attribute(&span.attributes, "outcome") == "finished");
    assert!(finished.clone().all(|span| status(span).code() == StatusCode::Unset));
    assert_eq!(finished.count(), 2);
    let node = failed.iter().find(|span| span.name == "fails").unwrap();
    assert_eq!(attribute(&node.attributes, "graph"), "failing");
    assert_eq!(attribute(&node.attributes, "operator"), "fails");
    assert_eq!(attribute(&node.attributes, "attempt"), "2");
    assert!(attribute(&node.attributes, "duration").parse::<f64>().unwrap() > 0.0);
    assert!(node.end_time_unix_nano >= node.start_time_unix_nano);
    let told: Vec<String> = node.events.iter().map(|event| attribute(&event.attributes, "event")).collect();
    let expected = ["node_started", "attempt_failed", "backoff", "attempt_failed", "node_failed"];
    assert_eq!(told, expected);
    // What an event says is its message, and the kind of it an attribute.
    assert_eq!(node.events[1].name, "node failed in one attempt");
}

#[test]
fn requests_are_those_of_the_protocol() {
    exporting();
    let cx = Context::builder().correlation_id("exported request").observer(Logs::default()).build();
    cx.scope(|| nested(1));
    assert_eq!(exported("exported request").len(), 2);
    for request in exporting().0.requests() {
        let head = request.head.to_lowercase();
        assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-type: application/x-protobuf\r\n"), "{head}");
        assert!(head.contains("\r\nx-key: open sesame\r\n"), "{head}");
    }
}

#[test]
fn a_collector_that_refuses_is_told_and_harms_no_run() {
    let collector = Collector::start("400 Bad Request");
    let otlp = Otlp::builder().endpoint(&collector.endpoint).build().unwrap();
    let subscriber = tracing_subscriber::registry().with(otlp.layer());
    let made = tracing::subscriber::with_default(subscriber, || {
        let cx = Context::builder().strategy(Strategy::Sequential).observer(Logs::default()).build();
        cx.scope(|| nested(5))
    });
    assert_eq!(made.0, 5);
    let refused = otlp.flush().unwrap_err();
    assert!(refused.source().is_some());
    assert_eq!(refused.to_string(), "spans could not be sent to the collector");
    assert!(!collector.requests().is_empty());
}

#[test]
fn values_that_cannot_be_are_refused_and_nothing_secret_is_shown() {
    let refused = |builder: ember::observe::OtlpBuilder, setting: &str| {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains(setting), "{error}");
        assert!(!error.contains("sesame"), "{error}");
    };
    refused(Otlp::builder().endpoint("ftp://sesame@host"), "endpoint");
    refused(Otlp::builder().endpoint("http://sesame@host:no port"), "endpoint");
    refused(Otlp::builder().header("x key", "sesame"), "header");
    refused(Otlp::builder().header("x-key", "ses\u{e4}me sesame\n"), "header");
    refused(Otlp::builder().sample(1.1), "sample");
    refused(Otlp::builder().sample(f64::NAN), "sample");
    refused(Otlp::builder().queue(0), "queue");
    refused(Otlp::builder().delay(Duration::ZERO), "delay");
    refused(Otlp::builder().timeout(Duration::from_hours(2)), "timeout");
    let shown = format!("{:?}", Otlp::builder().header("x-key", "sesame").endpoint("http://sesame@host"));
    assert!(shown.contains("x-key") && !shown.contains("sesame"), "{shown}");
}
