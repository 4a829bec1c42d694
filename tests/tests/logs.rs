//! Spans of runs and nodes, and log lines in them: what stands where, on whichever thread.
#![allow(clippy::unnecessary_wraps, clippy::unused_async, reason = "the operators are as plain as can be")]

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Once};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use ember::observe::{Logs, LogsBuilder};
use ember::{Strategy, TokioClock, prelude::*};
use ember_tests::traces::{Keep, Span, Traces};
use ember_tests::{STRATEGIES, in_parallel, pool};
use tokio::time::sleep;
use tracing::subscriber::with_default;
use tracing::{Level, info, info_span};
use tracing_subscriber::layer::SubscriberExt;

/// The one subscriber of this program.
fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::registry().with(Keep);
        tracing::subscriber::set_global_default(subscriber).expect("there is no other");
    });
}

fn logged(id: &str, strategy: Strategy) -> Context {
    subscribe();
    Context::builder().correlation_id(id).strategy(strategy).observer(with_otel()).build()
}

fn with_otel() -> Logs {
    Logs::builder().opentelemetry(true).build().expect("the bounds are the defaults")
}

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[operator]
fn says(what: &str) -> String {
    info!("says {what}");
    what.to_owned()
}

#[operator]
fn joins(a: &str, b: &str) -> String {
    info!("joins {a} {b}");
    format!("{a}{b}")
}

#[operator]
fn fails(n: u32) -> Result<u32, Down> {
    if n == 0 { Err(Down) } else { Ok(n) }
}

#[operator]
fn panics(n: u32) -> u32 {
    assert!(n > 0, "too few");
    n
}

#[operator(blocking)]
fn blocks(what: &str) -> String {
    info!("blocks {what}");
    what.to_owned()
}

#[operator]
async fn waits(what: &str, seconds: u64) -> String {
    info!("waits {what}");
    sleep(Duration::from_secs(seconds)).await;
    info!("waited {what}");
    what.to_owned()
}

#[operator(idempotent, retry(attempts = 3, backoff = constant("2s"), jitter = none))]
async fn third_time(what: &str, tries: &AtomicU32) -> Result<String, Down> {
    info!("tries {what}");
    if tries.fetch_add(1, SeqCst) < 2 { Err(Down) } else { Ok(what.to_owned()) }
}

graph! {
    fn inner(what: &str) -> String {
        let said = says(what);
        said
    }

    fn outer(what: &str) -> String {
        let first = says(what);
        let second = inner(&first);
        let both = joins(&first, &second);
        both
    }

    fn fans_out(words: &[String]) -> Vec<String> {
        let said = for word in words { says(word) };
        said
    }

    fn goes_wrong(n: u32) -> Result<u32, ember::Error> {
        let checked = fails(n)?;
        Ok(checked)
    }

    fn breaks(n: u32) -> Result<u32, ember::Error> {
        let checked = panics(n);
        Ok(checked)
    }

    async fn mixed(what: String) -> String {
        let waited = waits(&what, 1).await;
        let beside = waits("beside", 2).await;
        let blocked = blocks(&waited);
        let said = says(&blocked);
        joins(&said, &beside)
    }

    async fn races(what: &str) -> Result<String, ember::Error> {
        let tries = AtomicU32::new(0);
        let answer = third_time(what, &tries).await?;
        Ok(answer)
    }
}

fn names(spans: &[&Span]) -> Vec<String> {
    let mut names: Vec<String> = spans.iter().map(|span| span.get("node").to_owned()).collect();
    names.sort();
    names
}

#[test]
fn r26_each_run_and_node_is_a_span_that_tells_which() {
    for strategy in STRATEGIES {
        let id = format!("spans {strategy:?}");
        logged(&id, strategy).scope(|| outer("a"));
        let traces = Traces::now();
        let runs = traces.runs(&id);
        let [outermost, nested] = runs[..] else { panic!("{runs:?}") };
        assert_eq!((outermost.get("graph"), outermost.get("parent")), ("outer", ""));
        assert_eq!((nested.get("graph"), nested.get("parent")), ("inner", outermost.get("run")));
        assert_ne!(nested.get("run"), "");
        let nodes = traces.nodes(&id);
        assert_eq!(names(&nodes), ["both", "first", "said", "second"]);
        for span in nodes.iter().chain(&runs) {
            assert_eq!(span.get("outcome"), "finished", "{span:?}");
            assert!(span.get("duration").parse::<f64>().is_ok_and(|seconds| seconds >= 0.0), "{span:?}");
            assert!(span.is_closed, "{span:?}");
        }
        for node in nodes {
            let run = traces.around(node).unwrap();
            assert_eq!((run.name, run.get("run")), ("ember.run", node.get("run")));
            assert_eq!(run.get("graph"), node.get("graph"));
            let operator = match node.get("node") {
                "both" => "joins",
                "second" => "inner",
                _ => "says",
            };
            assert_eq!(node.get("operator"), operator);
            assert_eq!(node.get("attempt"), "1");
            assert!(node.get("code.file.path").ends_with("logs.rs"));
        }
        let around = traces.around(nested).unwrap();
        assert_eq!((around.name, around.get("node")), ("ember.node", "second"));
    }
}

#[test]
fn r26_the_outermost_run_stands_in_the_span_of_its_caller() {
    for strategy in STRATEGIES {
        let id = format!("caller {strategy:?}");
        let cx = logged(&id, strategy);
        info_span!("request", id).in_scope(|| cx.scope(|| outer("a")));
        cx.scope(|| inner("b"));
        let traces = Traces::now();
        let runs = traces.runs(&id);
        let around: Vec<&str> =
            runs.iter().map(|run| traces.around(run).map_or("", |span| span.name)).collect();
        assert_eq!(around, ["request", "ember.node", ""]);
    }
}

#[test]
fn r26_what_an_operator_writes_stands_in_the_span_of_its_node_on_each_thread() {
    let words: Vec<String> = (0..200).map(|n| format!("word {n}")).collect();
    subscribe();
    for threads in [1, 2, 8] {
        let id = format!("items {threads}");
        let cx =
            Context::builder().correlation_id(&*id).strategy(Strategy::Parallel).observer(Logs::default());
        let cx = cx.build();
        pool(threads).install(|| cx.scope(|| fans_out(&words)));
        let traces = Traces::now();
        for n in 0..200 {
            let lines = traces.lines(&format!("says word {n}"));
            let here = lines.iter().filter_map(|line| traces.span_of(line));
            let here: Vec<&Span> = here.filter(|span| span.get("correlation_id") == id).collect();
            assert_eq!(names(&here), [format!("said[{n}]")]);
        }
        assert!(traces.nodes(&id).iter().all(|node| node.is_closed));
    }
}

#[test]
fn r26_lines_of_graphs_that_run_at_the_same_time_do_not_mix() {
    subscribe();
    let words: Vec<Vec<String>> = (0..4).map(|t| (0..50).map(|n| format!("{t}/{n}")).collect()).collect();
    let pool = pool(3);
    thread::scope(|threads| {
        for (t, words) in words.iter().enumerate() {
            let cx = logged(&format!("beside {t}"), Strategy::Parallel);
            let pool = &pool;
            threads.spawn(move || {
                for _ in 0..5 {
                    if t % 2 == 0 {
                        cx.scope(|| fans_out(words));
                    } else {
                        pool.install(|| cx.scope(|| fans_out(words)));
                    }
                }
            });
        }
    });
    let traces = Traces::now();
    for t in 0..4 {
        for n in 0..50 {
            let lines = traces.lines(&format!("says {t}/{n}"));
            assert_eq!(lines.len(), 5);
            for line in lines {
                let span = traces.span_of(line).unwrap();
                assert_eq!(span.get("correlation_id"), format!("beside {t}"));
                assert_eq!(span.get("node"), format!("said[{n}]"));
            }
        }
    }
}

#[test]
fn r26_what_the_thread_wrote_before_and_after_stands_in_no_span() {
    let cx = logged("left", Strategy::Parallel);
    let words: Vec<String> = (0..50).map(|n| format!("left {n}")).collect();
    let pool = pool(4);
    pool.install(|| cx.scope(|| fans_out(&words)));
    pool.broadcast(|_| info!("after the run"));
    let failed = in_parallel(2, || logged("left", Strategy::Parallel).scope(|| breaks(0)));
    assert!(failed.is_err());
    info!("after the panic");
    let traces = Traces::now();
    let lines = traces.lines("after the run");
    assert_eq!(lines.len(), 4);
    for line in lines.into_iter().chain(traces.lines("after the panic")) {
        assert!(traces.span_of(line).is_none(), "{line:?}");
    }
    // A span that is closed is no longer found, also by a thread that has not left it.
    let spans = traces.nodes("left").into_iter().chain(traces.runs("left"));
    assert_eq!(spans.map(|span| span.inside).collect::<BTreeSet<_>>(), BTreeSet::from([0]));
}

#[tokio::test(start_paused = true)]
async fn r26_what_the_thread_writes_between_two_polls_stands_in_no_span() {
    subscribe();
    let cx = Context::builder().correlation_id("polls").observer(Logs::default()).build();
    let mut future = pin!(cx.scope(|| mixed("polls".to_owned())));
    assert!(poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await);
    info!("between polls");
    assert_eq!(future.await, "pollsbeside");
    let traces = Traces::now();
    let [line] = traces.lines("between polls")[..] else { panic!("it is written once") };
    assert!(traces.span_of(line).is_none(), "{line:?}");
}

#[tokio::test(start_paused = true)]
async fn r26_what_nodes_of_async_graphs_write_stands_in_their_spans() {
    subscribe();
    let cx = Context::builder().correlation_id("async").clock(TokioClock).observer(Logs::default()).build();
    let future = cx.scope(|| mixed("async".to_owned()));
    assert_eq!(future.await, "asyncbeside");
    let traces = Traces::now();
    let expected = [
        ("waits async", "waited"),
        ("waited async", "waited"),
        ("waits beside", "beside"),
        ("waited beside", "beside"),
        ("blocks async", "blocked"),
        ("says async", "said"),
        ("joins async beside", "<tail>"),
    ];
    for (message, node) in expected {
        let lines = traces.lines(message);
        let spans: Vec<_> = lines.iter().filter_map(|line| traces.span_of(line)).collect();
        let [span] = spans[..] else { panic!("{message}: {lines:?}") };
        assert_eq!(span.get("correlation_id"), "async");
        if node != "<tail>" {
            assert_eq!(span.get("node"), node, "{message}");
        }
    }
    let here = thread::current().id();
    assert!(traces.lines("blocks async").iter().all(|line| line.thread != here));
    assert!(traces.nodes("async").iter().all(|node| node.is_closed && node.get("outcome") == "finished"));
}

#[test]
fn r27_a_span_tells_how_its_node_failed_and_why() {
    for strategy in STRATEGIES {
        let id = format!("failed {strategy:?}");
        let error = logged(&id, strategy).scope(|| goes_wrong(0)).unwrap_err();
        logged(&id, strategy).scope(|| breaks(0)).unwrap_err();
        let traces = Traces::now();
        let nodes = traces.nodes(&id);
        let [failed, panicked] = nodes[..] else { panic!("{nodes:?}") };
        assert_eq!((failed.get("outcome"), failed.get("error.type")), ("failed", "_OTHER"));
        assert!(failed.get("exception.message").ends_with(": down"), "{failed:?}");
        assert_eq!(failed.get("otel.status_code"), "ERROR");
        assert_eq!((panicked.get("outcome"), panicked.get("error.type")), ("panicked", "panic"));
        assert!(panicked.get("exception.message").contains("too few"), "{panicked:?}");
        let run = traces.around(failed).unwrap();
        assert_eq!(run.get("outcome"), "failed");
        assert_eq!(run.get("exception.message"), format!("{error:#}"));

        let lines = traces.lines_in(failed);
        let [line] = lines.iter().filter(|line| line.get("event") == "node_failed").collect::<Vec<_>>()[..]
        else {
            panic!("{lines:?}")
        };
        assert_eq!(line.level, Level::WARN);
        assert_eq!(line.get("exception.message"), failed.get("exception.message"));
        assert!(traces.lines_in(panicked).iter().any(|line| line.level == Level::ERROR));
    }
}

#[test]
fn r27_the_line_of_a_failure_says_once_why() {
    let (mut reader, writer) = io::pipe().unwrap();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(Arc::new(writer)).finish();
    let logs = Logs::builder().opentelemetry(false).build().unwrap();
    let cx = Context::builder().strategy(Strategy::Sequential).observer(logs).build();
    with_default(subscriber, || cx.scope(|| goes_wrong(0))).unwrap_err();

    // The subscriber is gone, and the pipe is at its end.
    let written = io::read_to_string(&mut reader).unwrap();
    let line = written.lines().find(|line| line.contains("node_failed")).unwrap();
    assert_eq!(line.matches(": down").count(), 1, "{line}");
    assert!(!written.contains("otel"), "{written}");
}

#[test]
fn r27_texts_of_errors_are_bounded_and_can_be_left_out() {
    subscribe();
    let with = |id: &str, logs: LogsBuilder| {
        let cx = Context::builder().correlation_id(id).observer(logs.build().unwrap()).build();
        cx.scope(|| goes_wrong(0)).unwrap_err();
        Traces::now().nodes(id)[0].clone()
    };
    let short = with("short", Logs::builder().longest_error(16));
    assert_eq!(short.get("exception.message").chars().count(), 17);
    assert!(short.get("exception.message").ends_with('…'));
    let silent = with("silent", Logs::builder().errors(false));
    assert_eq!((silent.get("exception.message"), silent.get("outcome")), ("", "failed"));
    let traces = Traces::now();
    let span = traces.nodes("silent")[0];
    assert!(traces.lines_in(span).iter().all(|line| !format!("{line:?}").contains("down")));

    let refused = Logs::builder().longest_error(15).build().unwrap_err();
    assert!(refused.to_string().contains("longest_error"), "{refused}");
    assert!(Logs::builder().longest_value(65_537).build().is_err());
}

#[tokio::test(start_paused = true)]
async fn r26_what_policies_do_is_written_in_the_span_of_their_node() {
    subscribe();
    let cx = Context::builder().correlation_id("retried").clock(TokioClock).observer(Logs::default()).build();
    assert_eq!(cx.scope(|| races("retried")).await.unwrap(), "retried");
    let traces = Traces::now();
    let [node] = traces.nodes("retried")[..] else { panic!("one node") };
    assert_eq!(node.get("attempt"), "3");
    assert_eq!(node.get("duration"), "4.0");
    let told: Vec<(&str, &str, Level)> = traces
        .lines_in(node)
        .iter()
        .filter(|line| !line.get("event").is_empty())
        .map(|line| (line.get("event"), line.get("attempt"), line.level))
        .collect();
    assert_eq!(
        told,
        [
            ("node_started", "1", Level::TRACE),
            ("attempt_failed", "1", Level::INFO),
            ("backoff", "1", Level::DEBUG),
            ("attempt_failed", "2", Level::INFO),
            ("backoff", "2", Level::DEBUG),
            ("node_finished", "3", Level::TRACE),
        ]
    );
    let lines = traces.lines_in(node);
    let backoff = lines.iter().find(|line| line.get("event") == "backoff").unwrap();
    assert_eq!((backoff.get("delay"), backoff.get("message")), ("2.0", "node waits 2s for the next attempt"));
    assert_eq!(traces.lines("tries retried").len(), 3);
    for line in traces.lines("tries retried") {
        assert_eq!(traces.span_of(line).unwrap().get("node"), "answer");
    }
}
