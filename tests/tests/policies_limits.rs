//! `concurrency`, `rate` and `limit` on an operator: no more at once, and no more often, than is said.
#![allow(
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::float_cmp,
    reason = "the operators are as plain as can be"
)]

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use ember::{ManualClock, TokioClock, prelude::*};
use tokio::time::{Instant, sleep};

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Open {
    fn enter(&self) -> usize {
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
        now
    }

    fn leave(&self) {
        self.now.fetch_sub(1, SeqCst);
    }
}

#[operator(concurrency = 3)]
async fn ask(open: &Open, n: u64) -> Result<u64, Down> {
    open.enter();
    sleep(Duration::from_secs(1)).await;
    open.leave();
    Ok(n)
}

#[operator(limit(concurrency = 1, queue = 0, key = |tenant| tenant.to_owned()))]
async fn busy(tenant: &str) -> Result<usize, Down> {
    sleep(Duration::from_secs(1)).await;
    Ok(tenant.len())
}

#[operator(limit(rate = "2/s", max_wait = "1ms"))]
fn seldom(n: u32) -> Result<u32, Down> {
    Ok(n)
}

#[operator(rate = "10/s")]
async fn paced(n: u64) -> Result<u64, Down> {
    Ok(n)
}

graph! {
    async fn all(open: &Open) -> Result<u64, ember::Error> {
        let answers = for n in 0..9 { ask(open, n).await? };
        Ok(answers.iter().sum())
    }

    async fn two(a: &str, b: &str) -> Result<usize, ember::Error> {
        let one = busy(a).await?;
        let other = busy(b).await?;
        Ok(one + other)
    }

    fn once(n: u32) -> Result<u32, ember::Error> {
        let n = seldom(n)?;
        Ok(n)
    }

    async fn many() -> Result<u64, ember::Error> {
        let answers = for n in 0..11 { paced(n).await? };
        Ok(answers.iter().sum())
    }
}

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Context::builder().clock(TokioClock).build().scope(|| future))
}

#[test]
fn r30_no_more_calls_are_under_way_than_is_said() {
    paused(async {
        let (open, start) = (Open::default(), Instant::now());
        assert_eq!(all(&open).await.unwrap(), 36);
        assert_eq!(open.most.load(SeqCst), 3);
        assert_eq!(start.elapsed(), Duration::from_secs(3));
    });
}

#[test]
fn r24_a_full_queue_turns_calls_away_and_each_key_has_its_own() {
    paused(async {
        assert_eq!(two("a", "bb").await.unwrap(), 3);
        let error = two("a", "a").await.unwrap_err();
        assert!(error.is_limited() && error.is_rejected());
        assert_eq!(
            error.to_string(),
            "node `other` (operator `busy`) of graph `two` was turned away: the concurrency limit is reached"
        );
    });
}

#[test]
fn r30_calls_start_no_more_often_than_is_said() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        assert_eq!(once(1).unwrap(), 1);
        let error = once(2).unwrap_err();
        assert!(error.is_limited(), "{error:#}");
        assert_eq!(error.retry_after(), Some(Duration::from_millis(500)));
        clock.advance(Duration::from_millis(500));
        assert_eq!(once(3).unwrap(), 3);
    });
    paused(async {
        let start = Instant::now();
        assert_eq!(many().await.unwrap(), 55);
        // The timers are those of tokio, which end at whole milliseconds.
        assert_eq!(start.elapsed().as_secs_f64().round(), 1.0);
    });
}

/// Fails at its first attempt.
#[operator(
    idempotent,
    retry(attempts = 2, backoff = none),
    breaker(key = |tenant| *tenant),
    limit(concurrency = 1, rate = "1000/s", key = |tenant| *tenant)
)]
fn by_tenant(tenant: u32) -> Result<u32, String> {
    static ATTEMPTS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    match ATTEMPTS.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Err("not yet".to_owned()),
        _ => Ok(tenant),
    }
}

graph! {
    fn for_tenant(tenant: u32) -> Result<u32, ember::Error> {
        let served = by_tenant(tenant)?;
        Ok(served)
    }
}

#[test]
fn each_attempt_goes_through_all_that_is_kept_for_its_key() {
    assert_eq!(for_tenant(3).unwrap(), 3);
}
