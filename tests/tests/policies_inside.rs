//! What policies inside of a graph say is not the graph's failure, for the policies around it.
#![allow(clippy::unnecessary_wraps, clippy::unused_async, reason = "the operators are as plain as can be")]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use ember::policy::BreakerState;
use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[operator]
fn count(runs: &AtomicU32) -> u32 {
    runs.fetch_add(1, SeqCst)
}

#[operator(breaker(window = 1, min_calls = 1, open = "1h"))]
fn search(fails: bool) -> Result<u32, Down> {
    if fails { Err(Down) } else { Ok(1) }
}

#[operator(validate(n = |n| *n < 10))]
fn small(n: u32) -> Result<u32, Down> {
    Ok(n)
}

graph! {
    #[operator(
        idempotent,
        retry(attempts = 3, backoff = none, budget = none),
        breaker(window = 1, min_calls = 1, open = "1h")
    )]
    fn answer(runs: &AtomicU32) -> Result<u32, ember::Error> {
        let run = count(runs);
        let found = search(true)?;
        Ok(run + found)
    }

    fn page(runs: &AtomicU32) -> Result<u32, ember::Error> {
        let answer = answer(runs)?;
        Ok(answer)
    }
}

#[test]
fn r23_r32_a_node_that_was_turned_away_is_neither_a_failure_of_its_graph_nor_a_cause_to_run_it_again() {
    let runs = AtomicU32::new(0);
    // The first run is a failure of the node. The breakers open, and the retry ends at that of the graph.
    assert!(page(&runs).unwrap_err().is_breaker_open());
    assert_eq!(runs.swap(0, SeqCst), 1);
    assert!(matches!(search::breaker().state(), BreakerState::Open { .. }));
    assert!(matches!(answer::breaker().state(), BreakerState::Open { .. }));

    // From here on the node is turned away, and the graph's own breaker is not told of it.
    answer::breaker().reset();
    let error = page(&runs).unwrap_err();
    assert!(error.is_breaker_open(), "{error}");
    assert_eq!((error.graph(), runs.swap(0, SeqCst)), ("answer", 1));
    assert!(error.retry_after().is_some(), "it is told when to come back");
    assert_eq!(answer::breaker().state(), BreakerState::Closed);
    assert_eq!(answer::breaker().counts().calls, 0);
}

#[operator(breaker(window = 1, min_calls = 1, open = "1h"))]
async fn search_later(fails: bool) -> Result<u32, Down> {
    if fails { Err(Down) } else { Ok(1) }
}

graph! {
    #[operator(
        idempotent,
        retry(attempts = 3, backoff = none, budget = none),
        breaker(window = 1, min_calls = 1, open = "1h")
    )]
    async fn answer_later(runs: &AtomicU32) -> Result<u32, ember::Error> {
        let run = { runs.fetch_add(1, SeqCst) };
        let found = search_later(true).await?;
        Ok(run + found)
    }

    async fn page_later(runs: &AtomicU32) -> Result<u32, ember::Error> {
        let answer = answer_later(runs).await?;
        Ok(answer)
    }
}

#[tokio::test]
async fn r23_r32_the_same_holds_where_nodes_wait() {
    search_later::breaker().force_open();
    let runs = AtomicU32::new(0);
    assert!(page_later(&runs).await.unwrap_err().is_breaker_open());
    assert_eq!(runs.into_inner(), 1);
    assert_eq!(answer_later::breaker().state(), BreakerState::Closed);
}

graph! {
    #[operator(
        idempotent,
        retry(attempts = 3, backoff = none, if = ember::Error::is_invalid),
        breaker(window = 2, min_calls = 2)
    )]
    fn checked(runs: &AtomicU32, n: u32) -> Result<u32, ember::Error> {
        let run = count(runs);
        let small = small(n)?;
        Ok(run + small)
    }

    fn checks(runs: &AtomicU32, n: u32) -> Result<u32, ember::Error> {
        let checked = checked(runs, n)?;
        Ok(checked)
    }
}

#[test]
fn r12_r23_arguments_that_are_not_valid_inside_are_no_failure_of_the_graph_but_are_tried_again_where_it_says_so()
 {
    let runs = AtomicU32::new(0);
    assert!(checks(&runs, 10).unwrap_err().is_invalid());
    assert_eq!(runs.into_inner(), 3, "`if` asks for it");
    assert_eq!(checked::breaker().state(), BreakerState::Closed);
}

/// Calls a graph.
#[operator(breaker(window = 1, min_calls = 1))]
fn asks(runs: &AtomicU32) -> Result<u32, ember::Error> {
    turned_away(runs)
}

#[operator(breaker)]
fn closed_off() -> Result<u32, Down> {
    Ok(1)
}

graph! {
    fn turned_away(runs: &AtomicU32) -> Result<u32, ember::Error> {
        let run = count(runs);
        let never = closed_off()?;
        Ok(run + never)
    }

    fn calls_asks(runs: &AtomicU32) -> Result<u32, ember::Error> {
        let asked = asks(runs)?;
        Ok(asked)
    }
}

#[test]
fn r23_an_operator_that_fails_with_the_error_of_a_graph_is_no_other() {
    closed_off::breaker().force_open();
    let runs = AtomicU32::new(0);
    for _ in 0..3 {
        assert!(calls_asks(&runs).unwrap_err().is_breaker_open());
    }
    assert_eq!(runs.into_inner(), 3, "its own breaker is closed");
}
