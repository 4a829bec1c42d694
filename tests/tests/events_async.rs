//! What runs of `async` graphs tell those who observe them.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::future::pending;
use std::time::Duration;

use ember::observe::{EventKind, Recorded, Recorder};
use ember::{TokioClock, prelude::*};
use tokio::time::sleep;

#[derive(Debug, thiserror::Error)]
#[error("{0} is not wanted")]
struct Unwanted(&'static str);

#[operator]
async fn after(seconds: u64) -> u64 {
    sleep(Duration::from_secs(seconds)).await;
    seconds
}

#[operator]
async fn even(n: u64) -> Result<u64, Unwanted> {
    sleep(Duration::from_secs(n)).await;
    if n.is_multiple_of(2) { Ok(n) } else { Err(Unwanted("an odd number")) }
}

#[operator]
async fn never(n: u64) -> u64 {
    pending::<()>().await;
    n
}

#[operator(idempotent)]
async fn slow_at_first(n: u64) -> u64 {
    sleep(Duration::from_secs(n)).await;
    n
}

#[operator]
async fn breaks(n: u64) -> u64 {
    sleep(Duration::from_secs(1)).await;
    assert!(n > 100, "too few");
    n
}

#[operator]
fn work(n: u64) -> u64 {
    n + 1
}

#[operator]
fn work_or_not(n: u64) -> Result<u64, Unwanted> {
    if n.is_multiple_of(2) { Ok(n) } else { Err(Unwanted("an odd number")) }
}

graph! {
    async fn chain(n: u64) -> u64 {
        let a = after(n).await;
        let b = after(a + 1).await;
        b
    }

    async fn diamond(n: u64) -> u64 {
        let top = after(n).await;
        let left = after(top + 1).await;
        let right = after(top + 2).await;
        let bottom = work(left + right);
        bottom
    }

    async fn items(ns: Vec<u64>) -> Vec<u64> {
        let made = for n in ns {
            let slept = after(n).await;
            work(slept)
        };
        made
    }

    async fn outer(n: u64) -> u64 {
        let inside = chain(n).await;
        let last = after(inside).await;
        last
    }

    async fn fails(n: u64) -> Result<u64, ember::Error> {
        let first = even(n).await?;
        let other = after(50).await;
        let last = after(first + other).await;
        Ok(last)
    }

    async fn works_in_vain(n: u64) -> Result<u64, ember::Error> {
        let first = work_or_not(n)?;
        let last = after(first).await;
        Ok(last)
    }

    async fn panics(n: u64) -> Result<u64, ember::Error> {
        let first = after(n).await;
        let second = breaks(first).await;
        Ok(second)
    }

    async fn items_panic(ns: Vec<u64>) -> Result<Vec<u64>, ember::Error> {
        let made = for n in ns { breaks(n).await };
        Ok(made)
    }

    async fn hangs(n: u64) -> Result<u64, ember::Error> {
        let first = after(n).await;
        let second = never(first).await;
        Ok(second)
    }

    async fn races(n: u64) -> Result<u64, ember::Error> {
        let first = race!(even(n), even(2 * n)).await?;
        Ok(first)
    }

    async fn hedged(n: u64) -> u64 {
        #[hedge(after = "2s", at_most = 3)]
        let first = slow_at_first(n).await;
        first
    }
}

fn context(strategy: Strategy, recorder: &Recorder) -> ember::ContextBuilder {
    Context::builder().strategy(strategy).clock(TokioClock).observer(recorder.clone())
}

/// What is told of a run under a strategy.
async fn told<F: Future>(strategy: Strategy, make: impl FnOnce() -> F) -> (F::Output, Vec<Recorded>) {
    let recorder = Recorder::new(10_000);
    let run = context(strategy, &recorder).build().scope(make);
    let outcome = run.await;
    (outcome, recorder.events())
}

fn lines(events: &[Recorded]) -> Vec<String> {
    let line = |event: &Recorded| {
        let kind = format!("{:?}", event.kind);
        if event.node.is_empty() { kind } else { format!("{} {kind}", event.node) }
    };
    events.iter().map(line).collect()
}

fn at(events: &[Recorded], node: &str, kind: EventKind) -> usize {
    let found = events.iter().position(|event| event.node == node && event.kind == kind);
    found.unwrap_or_else(|| panic!("{node} {kind:?} is told in {:#?}", lines(events)))
}

/// That each node that started ended once, later.
fn whole(events: &[Recorded]) {
    for (i, event) in events.iter().enumerate().filter(|(_, event)| event.kind == EventKind::NodeStarted) {
        let same = |other: &&Recorded| (other.run, &other.node) == (event.run, &event.node);
        let ends = events[i..].iter().filter(same).filter(|other| other.kind.is_node_end());
        assert_eq!(ends.count(), 1, "{event:?} in {:#?}", lines(events));
    }
    let count = |is: fn(EventKind) -> bool| events.iter().filter(|event| is(event.kind)).count();
    assert_eq!(count(|kind| kind == EventKind::NodeStarted), count(EventKind::is_node_end));
    assert_eq!(count(|kind| kind == EventKind::RunStarted), count(EventKind::is_run_end));
}

const ALL: [Strategy; 3] = [Strategy::Sequential, Strategy::Parallel, Strategy::Auto];

#[tokio::test(start_paused = true)]
async fn a_chain_is_told_with_the_time_that_it_waits() {
    for strategy in ALL {
        let (value, events) = told(strategy, || chain(1)).await;
        assert_eq!(value, 2);
        let expected = [
            "RunStarted",
            "a NodeStarted",
            "a NodeFinished",
            "b NodeStarted",
            "b NodeFinished",
            "RunFinished",
        ];
        assert_eq!(lines(&events), expected, "{strategy:?}");
        let took: Vec<u64> =
            events.iter().filter_map(|event| event.took).map(|took| took.as_secs()).collect();
        assert_eq!(took, [1, 2, 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_that_wait_at_the_same_time_are_told_so() {
    use EventKind::{NodeFinished, NodeStarted};
    for strategy in ALL {
        let (_, events) = told(strategy, || diamond(1)).await;
        whole(&events);
        for (from, to) in [("top", "left"), ("top", "right"), ("left", "bottom"), ("right", "bottom")] {
            assert!(at(&events, from, NodeFinished) < at(&events, to, NodeStarted), "{from} to {to}");
        }
        if strategy != Strategy::Sequential {
            assert!(at(&events, "right", NodeStarted) < at(&events, "left", NodeFinished));
        }
        assert_eq!(events[at(&events, "right", NodeFinished)].took, Some(Duration::from_secs(3)));
    }
}

#[tokio::test(start_paused = true)]
async fn items_are_told_with_their_numbers() {
    for strategy in ALL {
        let (_, events) = told(strategy, || items(vec![3, 1, 2])).await;
        whole(&events);
        assert_eq!(events.len(), 2 + 2 * 6, "{:#?}", lines(&events));
        for (i, seconds) in [3, 1, 2].into_iter().enumerate() {
            let end = at(&events, &format!("made[{i}].slept"), EventKind::NodeFinished);
            assert_eq!(events[end].took, Some(Duration::from_secs(seconds)));
            assert!(end < at(&events, &format!("made[{i}]"), EventKind::NodeStarted));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_graph_inside_a_graph_tells_whose_node_it_is() {
    for strategy in ALL {
        let (_, events) = told(strategy, || outer(1)).await;
        whole(&events);
        let inner: Vec<&Recorded> = events.iter().filter(|event| event.graph == "chain").collect();
        assert_eq!(inner.len(), 6, "{:#?}", lines(&events));
        assert!(inner.iter().all(|event| event.parent == events[0].run && event.run != events[0].run));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_what_waits() {
    for strategy in [Strategy::Parallel, Strategy::Auto] {
        let (outcome, events) = told(strategy, || fails(1)).await;
        assert!(outcome.is_err());
        whole(&events);
        let failed = &events[at(&events, "first", EventKind::NodeFailed)];
        assert!(failed.text.contains("an odd number"), "{}", failed.text);
        assert_eq!(failed.took, Some(Duration::from_secs(1)));
        let other = &events[at(&events, "other", EventKind::NodeCancelled)];
        assert_eq!(other.took, Some(Duration::from_secs(1)));
        assert_eq!(events.last().unwrap().kind, EventKind::RunFailed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_on_other_threads_are_told() {
    for strategy in ALL {
        let (outcome, events) = told(strategy, || works_in_vain(1)).await;
        assert!(outcome.is_err());
        whole(&events);
        assert_eq!(
            lines(&events),
            ["RunStarted", "first NodeStarted", "first NodeFailed", "RunFailed"],
            "{strategy:?}"
        );
        let (outcome, events) = told(strategy, || works_in_vain(0)).await;
        assert_eq!(outcome.unwrap(), 0);
        whole(&events);
        assert_eq!(events.len(), 6);
    }
}

#[tokio::test(start_paused = true)]
async fn panics_are_told() {
    for strategy in ALL {
        let (outcome, events) = told(strategy, || panics(1)).await;
        assert!(outcome.unwrap_err().is_panic());
        whole(&events);
        let panicked = &events[at(&events, "second", EventKind::NodePanicked)];
        assert!(panicked.text.contains("too few"), "{}", panicked.text);
        assert_eq!(events.last().unwrap().kind, EventKind::RunPanicked);
        let (outcome, events) = told(strategy, || items_panic(vec![101, 1])).await;
        assert!(outcome.unwrap_err().is_panic());
        whole(&events);
        at(&events, "made[0]", EventKind::NodeFinished);
        at(&events, "made[1]", EventKind::NodePanicked);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_what_waits() {
    for strategy in ALL {
        let recorder = Recorder::new(100);
        let cx = context(strategy, &recorder).timeout(Duration::from_secs(5)).build();
        let outcome = cx.scope(|| hangs(1)).await;
        assert!(outcome.unwrap_err().is_timeout());
        let events = recorder.events();
        whole(&events);
        let second = &events[at(&events, "second", EventKind::NodeCancelled)];
        assert_eq!(second.took, Some(Duration::from_secs(4)));
        assert!(second.text.contains("the deadline passed"), "{}", second.text);
        assert_eq!(events.last().unwrap().kind, EventKind::RunCancelled);
    }
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_dropped_was_cancelled() {
    for strategy in ALL {
        let recorder = Recorder::new(100);
        let run = context(strategy, &recorder).build().scope(|| hangs(1));
        assert!(tokio::time::timeout(Duration::from_secs(3), run).await.is_err());
        let events = recorder.events();
        whole(&events);
        let second = &events[at(&events, "second", EventKind::NodeCancelled)];
        assert_eq!(second.took, Some(Duration::from_secs(2)));
        assert_eq!(events.last().unwrap().kind, EventKind::RunCancelled, "{:#?}", lines(&events));
    }
}

#[tokio::test(start_paused = true)]
async fn a_race_tells_of_each_branch() {
    for strategy in ALL {
        let (outcome, events) = told(strategy, || races(2)).await;
        assert_eq!(outcome.unwrap(), 2);
        whole(&events);
        let ends: Vec<EventKind> =
            events.iter().map(|event| event.kind).filter(|kind| kind.is_node_end()).collect();
        assert_eq!(ends, [EventKind::NodeFinished, EventKind::NodeCancelled]);
        let (outcome, events) = told(strategy, || races(1)).await;
        assert_eq!(outcome.unwrap(), 2);
        whole(&events);
        let ends: Vec<EventKind> =
            events.iter().map(|event| event.kind).filter(|kind| kind.is_node_end()).collect();
        assert_eq!(ends, [EventKind::NodeFailed, EventKind::NodeFinished]);
    }
}

#[tokio::test(start_paused = true)]
async fn further_attempts_are_told() {
    for strategy in ALL {
        let (value, events) = told(strategy, || hedged(5)).await;
        assert_eq!(value, 5);
        let expected = [
            "RunStarted",
            "first NodeStarted",
            "first Hedged",
            "first Hedged",
            "first NodeFinished",
            "RunFinished",
        ];
        assert_eq!(lines(&events), expected);
    }
}
