//! `breaker` on an operator: what keeps failing is not called, for a while.
#![allow(
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::float_cmp,
    reason = "the operators are as plain as can be"
)]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::{ManualClock, prelude::*};

#[derive(Debug, thiserror::Error, PartialEq, Clone)]
#[error("down")]
struct Down;

#[operator(breaker(window = 4, min_calls = 2, open = "30s", probes = 1))]
fn ask(calls: &AtomicU32, up: bool) -> Result<u32, Down> {
    let calls = calls.fetch_add(1, SeqCst) + 1;
    if up { Ok(calls) } else { Err(Down) }
}

graph! {
    fn asked(calls: &AtomicU32, up: bool) -> Result<u32, ember::Error> {
        let answer = ask(calls, up)?;
        Ok(answer)
    }

    fn insisted(calls: &AtomicU32, up: bool) -> Result<u32, ember::Error> {
        #[without(breaker)]
        let answer = ask(calls, up)?;
        Ok(answer)
    }
}

#[test]
fn r23_what_keeps_failing_is_not_called_until_a_probe_succeeds() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        let calls = AtomicU32::new(0);
        for _ in 0..2 {
            assert_eq!(asked(&calls, false).unwrap_err().find::<Down>(), Some(&Down));
        }
        let error = asked(&calls, true).unwrap_err();
        assert!(error.is_breaker_open() && error.is_rejected() && !error.is_limited() && !error.is_timeout());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
        assert_eq!(
            error.to_string(),
            "node `answer` (operator `ask`) of graph `asked` was turned away: the circuit breaker is open; try again \
             in 30s"
        );
        assert_eq!(calls.load(SeqCst), 2);
        assert_eq!(insisted(&calls, true).unwrap(), 3);
        clock.advance(Duration::from_secs(30));
        assert_eq!(asked(&calls, true).unwrap(), 4);
        assert_eq!(asked(&calls, true).unwrap(), 5);
    });
}

struct Host {
    name: String,
    up: bool,
}

#[operator(idempotent, retry(attempts = 2, backoff = none), breaker(window = 2, min_calls = 2, key = |host| host.name.clone()))]
async fn fetch(host: &Host) -> Result<u32, Down> {
    if host.up { Ok(1) } else { Err(Down) }
}

graph! {
    async fn fetched(host: &Host) -> Result<u32, ember::Error> {
        let page = fetch(host).await?;
        Ok(page)
    }
}

#[tokio::test]
async fn r23_each_key_has_a_breaker_of_its_own() {
    let (good, bad) = (Host { name: "a".into(), up: true }, Host { name: "b".into(), up: false });
    assert_eq!(fetched(&bad).await.unwrap_err().attempt(), 2);
    assert!(fetched(&bad).await.unwrap_err().is_breaker_open());
    assert_eq!(fetched(&good).await.unwrap(), 1);
}

/// The breaker stands inside of the retry: it counts attempts, and an attempt that it turns away ends the retry.
#[operator(idempotent, retry(attempts = 5, backoff = none), breaker(window = 3, min_calls = 3))]
fn counted(calls: &AtomicU32) -> Result<(), Down> {
    calls.fetch_add(1, SeqCst);
    Err(Down)
}

graph! {
    fn count(calls: &AtomicU32) -> Result<(), ember::Error> {
        counted(calls)?;
        Ok(())
    }
}

#[test]
fn r23_the_breaker_is_inside_of_the_retry_so_it_sees_each_attempt_and_ends_them() {
    let calls = AtomicU32::new(0);
    let error = count(&calls).unwrap_err();
    assert!(error.is_breaker_open());
    assert_eq!((calls.load(SeqCst), error.attempt()), (3, 4));
}
