//! Policies of graphs: as nodes of other graphs they have those that they say, and called plainly they have none.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::policy::BreakerState;
use ember::prelude::*;
use ember::{ManualClock, TokioClock};

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

/// Fails so often.
#[operator]
fn ask(calls: &AtomicU32, good_from: u32) -> Result<u32, Down> {
    let call = calls.fetch_add(1, SeqCst) + 1;
    if call < good_from { Err(Down) } else { Ok(call) }
}

#[operator]
fn double(n: u32) -> u32 {
    2 * n
}

graph! {
    /// Is tried three times.
    #[operator(idempotent, retry(attempts = 3, backoff = none, budget = none))]
    pub fn doubled(calls: &AtomicU32, good_from: u32) -> Result<u32, ember::Error> {
        let answer = ask(calls, good_from)?;
        let double = double(answer);
        Ok(double)
    }

    fn outer(calls: &AtomicU32, good_from: u32) -> Result<u32, ember::Error> {
        let doubled = doubled(calls, good_from)?;
        Ok(doubled + 1)
    }

    fn once(calls: &AtomicU32) -> Result<u32, ember::Error> {
        #[without(retry)]
        let doubled = doubled(calls, 2)?;
        Ok(doubled)
    }

    fn told(calls: &AtomicU32) -> Option<u32> {
        let doubled = doubled(calls, 99);
        doubled.ok()
    }
}

#[test]
fn r32_a_graph_that_fails_is_run_again_where_it_is_a_node() {
    let calls = AtomicU32::new(0);
    assert_eq!(outer(&calls, 3).unwrap(), 7);
    assert_eq!(calls.into_inner(), 3);
}

#[test]
fn a_plain_call_of_a_graph_has_no_policies() {
    let calls = AtomicU32::new(0);
    assert!(doubled(&calls, 2).is_err());
    assert_eq!(calls.load(SeqCst), 1);
    assert_eq!(doubled(&calls, 2).unwrap(), 4);
}

#[test]
fn r05_what_is_told_when_nothing_works_names_the_inner_node_and_the_attempt() {
    let calls = AtomicU32::new(0);
    let error = outer(&calls, 99).unwrap_err();
    assert_eq!(calls.into_inner(), 3);
    assert_eq!((error.graph(), error.node()), ("doubled", "answer"));
    assert!(error.to_string().contains("outer"), "{error}");
    // That of the node that it names, of which each run of the graph makes one.
    assert_eq!(error.attempt(), 1);
    // Which run of the graph it was, the node that ran it tells.
    let ran = error.trail().next().unwrap();
    assert_eq!((ran.graph(), ran.operator(), ran.attempt()), ("outer", "doubled", 3));
    assert!(error.to_string().contains(" of graph `outer` at attempt 3"), "{error}");
    assert!(error.find::<Down>().is_some(), "{error:?}");
}

#[test]
fn a_line_can_go_without_the_policies_of_a_graph() {
    let calls = AtomicU32::new(0);
    assert!(once(&calls).is_err());
    assert_eq!(calls.into_inner(), 1);
    assert_eq!(told(&AtomicU32::new(0)), None);
}

#[test]
fn it_can_be_described_and_explained_and_run_for_many_as_any_other() {
    let nodes: Vec<_> = doubled::describe().nodes.iter().map(|node| node.path).collect();
    assert_eq!(nodes[..2], ["answer", "double"]);
    assert_eq!(doubled::explain().description().name, "doubled");
    let calls = AtomicU32::new(0);
    let report = doubled::batch([(&calls, 1), (&calls, 1)]).run();
    assert_eq!(report.values().len(), 2);
}

graph! {
    #[operator(breaker(min_calls = 2, window = 2), fallback = 7)]
    fn guarded(calls: &AtomicU32) -> Result<u32, ember::Error> {
        let answer = ask(calls, 99)?;
        Ok(answer)
    }

    fn calls_guarded(calls: &AtomicU32) -> Result<u32, ember::Error> {
        let n = guarded(calls)?;
        Ok(n)
    }
}

#[test]
fn r23_a_graph_has_a_breaker_and_a_fallback_as_an_operator_has() {
    let calls = AtomicU32::new(0);
    for _ in 0..5 {
        assert_eq!(calls_guarded(&calls).unwrap(), 7);
    }
    assert_eq!(calls.into_inner(), 2, "it was open by then");
    assert!(matches!(guarded::breaker().state(), BreakerState::Open { .. }));
    assert_eq!(guarded::fallback().uses(), 5);
}

/// Lets time pass.
#[operator]
fn pass(clock: &ManualClock, seconds: u64) -> u64 {
    clock.advance(Duration::from_secs(seconds));
    seconds
}

graph! {
    #[operator(timeout = "5s")]
    fn slow(clock: &ManualClock, calls: &AtomicU32) -> Result<u64, ember::Error> {
        let seconds = pass(clock, 10);
        #[after(seconds)]
        let call = ask(calls, 0)?;
        Ok(seconds + u64::from(call))
    }

    fn calls_slow(clock: &ManualClock, calls: &AtomicU32) -> Result<u64, ember::Error> {
        let slow = slow(clock, calls)?;
        Ok(slow)
    }
}

#[test]
fn r31_a_graph_asks_for_the_time_before_each_of_its_nodes() {
    let (clock, calls) = (ManualClock::new(), AtomicU32::new(0));
    let cx = Context::builder().clock(clock.clone()).build();
    let error = cx.scope(|| calls_slow(&clock, &calls)).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(calls.into_inner(), 0, "its second node was not begun");
}

#[operator]
async fn wait(seconds: u64) -> u64 {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    seconds
}

graph! {
    #[operator(idempotent, retry(attempts = 2, backoff = constant("1s"), budget = none), timeout = "5s")]
    async fn waits(calls: &AtomicU32) -> Result<u64, ember::Error> {
        #[concurrency(1)]
        let before = for _ in 0..1 { wait(u64::from(20 - 19 * calls.fetch_add(1, SeqCst))).await };
        Ok(before.len() as u64)
    }

    async fn calls_waits(calls: &AtomicU32) -> Result<u64, ember::Error> {
        let waited = waits(calls).await?;
        Ok(waited)
    }
}

#[tokio::test(start_paused = true)]
async fn r31_an_async_graph_is_dropped_when_its_time_is_up_and_run_again() {
    let calls = AtomicU32::new(0);
    let start = tokio::time::Instant::now();
    let cx = Context::builder().clock(TokioClock).build();
    assert_eq!(cx.scope(|| calls_waits(&calls)).await.unwrap(), 1);
    assert_eq!(start.elapsed(), Duration::from_secs(5 + 1 + 1));
}

static SQUARES: AtomicU32 = AtomicU32::new(0);

#[operator]
fn count_square(n: u64) -> u64 {
    SQUARES.fetch_add(1, SeqCst);
    n * n
}

#[graph_fn(cache(capacity = 10))]
fn squared(n: u64) -> u64 {
    let square = count_square(n);
    square
}

graph! {
    fn twice_squared(n: u64) -> u64 {
        let one = squared(n);
        #[after(one)]
        let two = squared(n);
        one + two
    }
}

#[test]
fn r34_what_a_graph_gave_is_kept_where_it_says_so_in_the_attribute_form_too() {
    assert_eq!(twice_squared(7), 98);
    assert_eq!(SQUARES.load(SeqCst), 1);
    assert_eq!(squared(7), 49);
    assert_eq!(SQUARES.load(SeqCst), 2, "a plain call");
}

#[operator]
fn square(n: u64) -> u64 {
    n * n
}

graph! {
    #[operator(concurrency = 1, timeout = "1h")]
    fn asks_its_context(cx: &Context, n: u64) -> Result<u64, ember::Error> {
        let known = { cx.remaining().map_or(0, |left| left.as_secs() / 3600) };
        let square = square(n);
        Ok(known + square)
    }

    fn told_of_time() -> Result<u64, ember::Error> {
        let n = asks_its_context(3)?;
        Ok(n)
    }
}

#[test]
fn a_graph_that_takes_its_context_gets_the_one_that_its_time_limits() {
    let cx = Context::builder().clock(ManualClock::new()).build();
    assert_eq!(cx.scope(told_of_time).unwrap(), 1 + 9);
    assert_eq!(asks_its_context(&cx, 3).unwrap(), 9);
}
