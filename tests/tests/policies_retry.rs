//! `retry` on an operator: what fails is called again, with the same arguments, and gives up in time.
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::large_futures,
    clippy::elidable_lifetime_names,
    clippy::manual_assert,
    clippy::unused_async,
    clippy::float_cmp,
    reason = "the operators are as plain as can be"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::{TokioClock, policy::PolicyError, prelude::*};
use ember_tests::everywhere;
use tokio::time::{Instant, sleep};

#[derive(Debug, thiserror::Error, PartialEq, Clone, Copy)]
#[error("failed at call {0}")]
struct Failed(u32);

#[operator(idempotent, retry(attempts = 4, backoff = none, budget = none))]
fn flaky(calls: &AtomicU32, from: u32) -> Result<u32, Failed> {
    let call = calls.fetch_add(1, SeqCst) + 1;
    if call >= from { Ok(call) } else { Err(Failed(call)) }
}

#[operator]
fn outcome(result: &Result<u32, PolicyError<Failed>>) -> String {
    match result {
        Ok(call) => format!("good at call {call}"),
        Err(error) => format!("{error}: {:?}, before {:?}", error.operator(), error.earlier().len()),
    }
}

graph! {
    fn call(calls: &AtomicU32, from: u32) -> Result<u32, ember::Error> {
        let done = flaky(calls, from)?;
        Ok(done)
    }

    fn told(calls: &AtomicU32, from: u32) -> String {
        let result = flaky(calls, from);
        outcome(&result)
    }

    fn twice(calls: &AtomicU32, from: u32) -> Result<u32, ember::Error> {
        #[retry(attempts = 2, backoff = none, budget = none)]
        let done = flaky(calls, from)?;
        Ok(done)
    }

    fn sparing(calls: &AtomicU32, from: u32) -> Result<u32, ember::Error> {
        #[retry(attempts = 2, backoff = none, budget(ratio = 0.0, per_second = 0, burst = 1))]
        let done = flaky(calls, from)?;
        let beside = outcome(&Ok(0));
        Ok(done + u32::from(beside.is_empty()))
    }

    fn once(calls: &AtomicU32, from: u32) -> Result<u32, ember::Error> {
        #[without(retry)]
        let done = flaky(calls, from)?;
        Ok(done)
    }
}

#[test]
fn r32_a_call_that_fails_is_made_again() {
    everywhere(|_| {
        let calls = AtomicU32::new(0);
        assert_eq!(call(&calls, 3).unwrap(), 3);
        assert_eq!(calls.into_inner(), 3);
    });
}

#[test]
fn r32_the_last_failure_comes_with_its_attempt() {
    everywhere(|_| {
        let error = call(&AtomicU32::new(0), 9).unwrap_err();
        assert_eq!(error.find::<Failed>(), Some(&Failed(4)));
        assert_eq!((error.node(), error.operator(), error.attempt()), ("done", "flaky", 4));
        assert_eq!(
            format!("{error:#}"),
            "node `done` (operator `flaky`) of graph `call` failed, at attempt 4: failed at call 4"
        );
        assert_eq!(told(&AtomicU32::new(0), 9), "failed after 4 attempts: Some(Failed(4)), before 3");
    });
}

#[test]
fn r32_a_line_has_attempts_of_its_own() {
    let calls = AtomicU32::new(0);
    assert_eq!(twice(&calls, 9).unwrap_err().attempt(), 2);
    assert_eq!(once(&calls, 9).unwrap_err().attempt(), 1);
    assert_eq!(calls.into_inner(), 3);
}

#[test]
fn r32_all_runs_of_a_line_share_its_budget_whichever_way_they_go() {
    let attempts = |strategy| {
        let error = Context::builder().strategy(strategy).build().scope(|| sparing(&AtomicU32::new(0), 9));
        error.unwrap_err().attempt()
    };
    assert_eq!(attempts(Strategy::Parallel), 2);
    assert_eq!(attempts(Strategy::Sequential), 1);
}

/// Tells how often it was cloned.
#[derive(Debug)]
struct Owned<'a>(&'a AtomicU32);

impl Clone for Owned<'_> {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, SeqCst);
        Self(self.0)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given away")]
#[operator(idempotent, retry(attempts = 3, backoff = none, budget = none))]
fn consume(owned: Owned<'_>, fails: bool) -> Result<u32, Failed> {
    if fails { Err(Failed(0)) } else { Ok(owned.0.load(SeqCst)) }
}

graph! {
    fn consumed(clones: &AtomicU32, fails: bool) -> Result<u32, ember::Error> {
        let owned = { Owned(clones) };
        let n = consume(owned, fails)?;
        Ok(n)
    }
}

#[test]
fn each_attempt_but_the_last_gets_a_clone_of_what_is_owned() {
    let clones = AtomicU32::new(0);
    assert!(consumed(&clones, true).is_err());
    assert_eq!(clones.into_inner(), 2);
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Status(u16);

fn is_transient(status: &Status) -> bool {
    status.0 >= 500
}

#[operator(idempotent, retry(attempts = 3, backoff = none, budget = none, if = is_transient))]
fn fetch(calls: &AtomicU32, status: u16) -> Result<(), Status> {
    calls.fetch_add(1, SeqCst);
    Err(Status(status))
}

graph! {
    fn fetched(calls: &AtomicU32, status: u16) -> Result<(), ember::Error> {
        fetch(calls, status)?;
        Ok(())
    }
}

#[test]
fn r32_what_is_not_worth_it_is_not_tried_again() {
    let calls = AtomicU32::new(0);
    assert_eq!(fetched(&calls, 404).unwrap_err().attempt(), 1);
    assert_eq!(calls.load(SeqCst), 1);
    assert_eq!(fetched(&calls, 503).unwrap_err().attempt(), 3);
    assert_eq!(calls.load(SeqCst), 4);
}

type Log = Mutex<Vec<Duration>>;

/// Slow at first.
#[operator(
    idempotent,
    retry(attempts = 3, backoff = constant("1s"), budget = none),
    timeout = "2s",
    deadline = "10s"
)]
async fn slow(start: Instant, log: &Log, seconds: &[u64]) -> Result<usize, Failed> {
    let attempt = {
        let mut log = log.lock().unwrap();
        log.push(start.elapsed());
        log.len()
    };
    sleep(Duration::from_secs(seconds[attempt - 1])).await;
    Ok(attempt)
}

graph! {
    async fn hasten(start: Instant, log: &Log, seconds: &[u64]) -> Result<usize, ember::Error> {
        let attempt = slow(start, log, seconds).await?;
        Ok(attempt)
    }

    async fn late(start: Instant, log: &Log, seconds: &[u64]) -> Result<usize, ember::Error> {
        #[deadline = "4s"]
        let attempt = slow(start, log, seconds).await?;
        Ok(attempt)
    }
}

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Context::builder().clock(TokioClock).build().scope(|| future))
}

fn seconds(log: &Log) -> Vec<u64> {
    log.lock().unwrap().iter().map(Duration::as_secs).collect()
}

#[test]
fn r32_the_timeout_is_inside_of_the_retry_so_each_attempt_has_its_own() {
    paused(async {
        let log = Log::default();
        assert_eq!(hasten(Instant::now(), &log, &[1000, 1000, 1]).await.unwrap(), 3);
        assert_eq!(seconds(&log), [0, 3, 6]);
    });
}

#[test]
fn r31_the_deadline_is_outside_of_the_retry_so_all_attempts_share_it() {
    paused(async {
        let (start, log) = (Instant::now(), Log::default());
        let error = late(start, &log, &[1000, 1000, 1]).await.unwrap_err();
        assert!(error.is_timeout(), "{error:#}");
        assert_eq!((seconds(&log), start.elapsed().as_secs()), (vec![0, 3], 4));
    });
}

#[derive(Debug, thiserror::Error, PartialEq, Clone, Copy)]
enum Answer {
    #[error("busy")]
    Busy,
    #[error("gone")]
    Gone,
}

impl ember::policy::Retryable for Answer {
    fn is_retryable(&self) -> bool {
        *self == Answer::Busy
    }
}

#[operator(idempotent, retry(attempts = 9, backoff = none, budget = none))]
fn ask(calls: &AtomicU32, busy: u32) -> Result<u32, Answer> {
    let call = calls.fetch_add(1, SeqCst) + 1;
    Err(if call <= busy { Answer::Busy } else { Answer::Gone })
}

graph! {
    fn asked(calls: &AtomicU32, busy: u32) -> Result<u32, ember::Error> {
        let answer = ask(calls, busy)?;
        Ok(answer)
    }
}

#[test]
fn r32_a_failure_that_knows_says_whether_it_is_tried_again() {
    everywhere(|_| {
        let calls = AtomicU32::new(0);
        let error = asked(&calls, 2).unwrap_err();
        assert_eq!((error.find::<Answer>(), error.attempt()), (Some(&Answer::Gone), 3));
        assert_eq!(calls.into_inner(), 3);
    });
}
