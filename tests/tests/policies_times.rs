//! `timeout` and `deadline` on an operator: what takes too long ends, and its failure says so.
#![allow(
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::float_cmp,
    reason = "the operators are as plain as can be"
)]

use std::cell::RefCell;
use std::time::Duration;

use ember::{ManualClock, TokioClock, policy::PolicyError, prelude::*};
use ember_tests::everywhere;
use tokio::time::{Instant, sleep};

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("no answer")]
struct NoAnswer;

#[operator(timeout = "2s")]
async fn ask(seconds: u64) -> Result<u64, NoAnswer> {
    sleep(Duration::from_secs(seconds)).await;
    if seconds == 1 { Err(NoAnswer) } else { Ok(seconds) }
}

#[operator]
fn told(outcome: &Result<u64, PolicyError<NoAnswer>>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(error) => format!("{:?}, {}", error.operator(), error.is_timeout()),
    }
}

graph! {
    async fn answer(seconds: u64) -> Result<u64, ember::Error> {
        let fast = ask(0).await?;
        let slow = ask(seconds).await?;
        Ok(fast + slow)
    }

    async fn value(seconds: u64) -> String {
        let outcome = ask(seconds).await;
        told(&outcome)
    }

    async fn shorter(seconds: u64) -> Result<u64, ember::Error> {
        #[timeout = "500ms"]
        let slow = ask(seconds).await?;
        Ok(slow)
    }

    async fn longer(seconds: u64) -> Result<u64, ember::Error> {
        #[without(timeout)]
        let slow = ask(seconds).await?;
        Ok(slow)
    }
}

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

#[test]
fn r31_an_attempt_that_takes_too_long_is_dropped() {
    paused(async {
        let start = Instant::now();
        let error = answer(1000).await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::from_secs(2));
        assert!(error.is_timeout() && !error.is_cancelled() && !error.is_rejected());
        assert_eq!((error.node(), error.operator(), error.attempt()), ("slow", "ask", 1));
        assert_eq!(
            error.to_string(),
            "node `slow` (operator `ask`) of graph `answer` took longer than 2s in one attempt"
        );
        assert_eq!(answer(0).await.unwrap(), 0);
    });
}

#[test]
fn the_operators_own_failure_goes_as_without_policies() {
    paused(async {
        let error = answer(1).await.unwrap_err();
        assert_eq!(error.find::<NoAnswer>(), Some(&NoAnswer));
        assert_eq!(error.to_string(), "node `slow` (operator `ask`) of graph `answer` failed");
    });
}

#[test]
fn without_a_question_mark_the_value_tells_who_failed() {
    paused(async {
        assert_eq!(value(0).await, "0");
        assert_eq!(value(1).await, "Some(NoAnswer), false");
        assert_eq!(value(3).await, "None, true");
    });
}

#[test]
fn r31_a_line_has_a_timeout_of_its_own() {
    paused(async {
        let start = Instant::now();
        assert!(shorter(1).await.unwrap_err().is_timeout());
        assert_eq!(start.elapsed(), Duration::from_millis(500));
        assert_eq!(longer(1000).await.unwrap(), 1000);
    });
}

#[test]
fn a_plain_call_has_no_policies() {
    paused(async {
        assert_eq!(ask(1000).await, Ok(1000));
    });
}

thread_local! {
    static CLOCK: RefCell<Option<ManualClock>> = const { RefCell::new(None) };
}

/// Goes on until it is told to stop, a second each turn.
#[operator(timeout = "10s")]
fn endless(clock: &ManualClock, cx: &Context) -> Result<u64, ember::Error> {
    for turn in 0..1000 {
        cx.check()?;
        clock.advance(Duration::from_secs(1));
        let _ = turn;
    }
    Ok(1000)
}

graph! {
    fn patient(clock: &ManualClock) -> Result<u64, ember::Error> {
        let turns = endless(clock)?;
        Ok(turns)
    }

    fn hurried(clock: &ManualClock) -> Result<u64, ember::Error> {
        #[timeout = "3s"]
        let turns = endless(clock)?;
        Ok(turns)
    }
}

#[test]
fn r31_an_operator_that_asks_sees_its_timeout() {
    everywhere(|strategy| {
        for (run, seconds) in [(patient as fn(&ManualClock) -> _, 10), (hurried, 3)] {
            let clock = ManualClock::new();
            let start = ember::Clock::now(&clock);
            let cx = Context::builder().strategy(strategy).clock(clock.clone()).build();
            let error: ember::Error = cx.scope(|| run(&clock)).unwrap_err();
            assert!(error.is_timeout(), "{error:#}");
            assert_eq!(error.node(), "turns");
            assert_eq!(ember::Clock::now(&clock) - start, Duration::from_secs(seconds));
        }
    });
}

#[test]
fn the_clock_of_a_paused_runtime_is_the_contexts() {
    paused(async {
        let cx = Context::builder().clock(TokioClock).build();
        assert!(cx.scope(|| answer(1000)).await.unwrap_err().is_timeout());
    });
}

#[operator(timeout = "2s")]
async fn delegate(seconds: u64) -> Result<u64, ember::Error> {
    longer(seconds).await
}

#[operator(timeout = "5s")]
async fn left() -> Result<Option<Duration>, NoAnswer> {
    Ok(Context::current().remaining())
}

graph! {
    async fn delegated(seconds: u64) -> Result<u64, ember::Error> {
        let slow = delegate(seconds).await?;
        Ok(slow)
    }

    async fn time_left() -> Result<Option<Duration>, ember::Error> {
        let left = left().await?;
        Ok(left)
    }
}

#[test]
fn r16_a_graph_inside_of_an_async_operator_has_the_timeout_as_its_deadline() {
    for cx in [Context::builder().build(), Context::builder().clock(TokioClock).build()] {
        paused(async {
            assert_eq!(cx.scope(|| delegated(0)).await.unwrap(), 0);
            let error = cx.scope(|| delegated(1000)).await.unwrap_err();
            assert!(error.is_timeout(), "{error:#}");
            assert_eq!((error.node(), error.operator()), ("slow", "delegate"));
        });
    }
    paused(async {
        let cx = Context::builder().clock(TokioClock).timeout(Duration::from_mins(1)).build();
        assert_eq!(cx.scope(time_left).await.unwrap(), Some(Duration::from_secs(5)));
    });
}
