//! Why the layers stand in the order in which they do: a test for each two that are next to each other.
//!
//! `fallback( cache( deadline( retry( breaker( rate( memory( concurrency( timeout( catch( operator ))))))))))`
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

use ember::{TokioClock, prelude::*};
use tokio::time::{Instant, sleep};

#[derive(Debug, thiserror::Error, Clone, PartialEq)]
#[error("down")]
struct Down;

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Context::builder().clock(TokioClock).build().scope(|| future))
}

static SLOW: AtomicU32 = AtomicU32::new(0);

/// `cache( deadline( .. ))`
#[operator(cache, deadline = "2s")]
async fn slow(key: u32) -> Result<u32, Down> {
    if SLOW.fetch_add(1, SeqCst) == 0 {
        sleep(Duration::from_secs(9)).await;
    }
    Ok(key)
}

graph! {
    async fn slowly(key: u32) -> Result<u32, ember::Error> {
        let value = slow(key).await?;
        Ok(value)
    }
}

#[test]
fn r31_the_cache_is_outside_of_the_deadline_so_no_timeout_is_kept() {
    paused(async {
        assert!(slowly(1).await.unwrap_err().is_timeout());
        assert_eq!(slowly(1).await.unwrap(), 1);
        assert_eq!(slowly(1).await.unwrap(), 1);
        assert_eq!(SLOW.load(SeqCst), 2);
    });
}

/// `retry( breaker( .. ))`, and `retry( concurrency( .. ))`
#[operator(
    idempotent,
    retry(attempts = 2, backoff = constant("10s"), budget = none),
    concurrency = 1
)]
async fn held(starts: &Mutex<Vec<(u32, u64)>>, start: Instant, name: u32) -> Result<u32, Down> {
    let first = {
        let mut starts = starts.lock().unwrap();
        let first = starts.iter().all(|start| start.0 != name);
        starts.push((name, start.elapsed().as_secs()));
        first
    };
    sleep(Duration::from_secs(1)).await;
    if first { Err(Down) } else { Ok(name) }
}

graph! {
    async fn holding(starts: &Mutex<Vec<(u32, u64)>>, start: Instant) -> Result<u32, ember::Error> {
        let one = held(starts, start, 1).await?;
        let two = held(starts, start, 2).await?;
        Ok(one + two)
    }
}

#[test]
fn r30_the_limit_is_inside_of_the_retry_so_no_permit_is_held_while_it_waits() {
    paused(async {
        let (starts, start) = (Mutex::default(), Instant::now());
        assert_eq!(holding(&starts, start).await.unwrap(), 3);
        assert_eq!(*starts.lock().unwrap(), [(1, 0), (2, 1), (1, 11), (2, 12)]);
    });
}

/// `breaker( concurrency( .. ))`
#[operator(breaker(window = 2, min_calls = 2), limit(concurrency = 1, queue = 0))]
async fn crowded(n: u32) -> Result<u32, Down> {
    sleep(Duration::from_secs(1)).await;
    Ok(n)
}

graph! {
    async fn crowd() -> Vec<String> {
        let values = for n in 0..8 { crowded(n).await };
        values.iter().map(|value| value.as_ref().map_or_else(ToString::to_string, ToString::to_string)).collect()
    }
}

#[test]
fn r23_what_a_limit_turns_away_is_not_counted_as_the_operators_failure() {
    paused(async {
        for _ in 0..3 {
            let values = crowd().await;
            assert_eq!(values[0], "0");
            assert!(values[1..].iter().all(|value| value.contains("concurrency")), "{values:?}");
        }
    });
}

/// `rate( concurrency( .. ))`
#[operator(limit(concurrency = 1, rate = "1/10s"))]
async fn seldom(starts: &Mutex<Vec<u64>>, start: Instant) -> Result<(), Down> {
    starts.lock().unwrap().push(start.elapsed().as_secs());
    sleep(Duration::from_secs(1)).await;
    Ok(())
}

graph! {
    async fn seldomly(starts: &Mutex<Vec<u64>>, start: Instant) -> Result<(), ember::Error> {
        for _ in 0..3 { seldom(starts, start).await?; }
        Ok(())
    }
}

#[test]
fn r30_no_permit_is_held_while_a_call_waits_for_its_moment() {
    paused(async {
        let (starts, start) = (Mutex::default(), Instant::now());
        seldomly(&starts, start).await.unwrap();
        assert_eq!(*starts.lock().unwrap(), [0, 10, 20]);
    });
}

/// `concurrency( timeout( .. ))`
#[operator(concurrency = 1, timeout = "2s")]
async fn waits(n: u64) -> Result<u64, Down> {
    sleep(Duration::from_millis(1500)).await;
    Ok(n)
}

graph! {
    async fn waiting() -> Result<u64, ember::Error> {
        let values = for n in 0..4 { waits(n).await? };
        Ok(values.iter().sum())
    }
}

#[test]
fn r31_the_timeout_is_inside_of_the_limit_so_waiting_for_a_permit_costs_no_time_of_the_attempt() {
    paused(async { assert_eq!(waiting().await.unwrap(), 6) });
}

/// `breaker( timeout( .. ))`
#[operator(breaker(window = 2, min_calls = 2), timeout = "1s")]
async fn hangs() -> Result<(), Down> {
    sleep(Duration::from_mins(1)).await;
    Ok(())
}

graph! {
    async fn hanging() -> Result<(), ember::Error> {
        hangs().await?;
        Ok(())
    }
}

#[test]
fn r23_the_breaker_is_outside_of_the_timeout_so_it_counts_what_hangs() {
    paused(async {
        assert!(hanging().await.unwrap_err().is_timeout());
        assert!(hanging().await.unwrap_err().is_timeout());
        assert!(hanging().await.unwrap_err().is_breaker_open());
    });
}

/// `timeout( catch( .. ))`, and `fallback( .. catch( .. ))`
#[operator(timeout = "1s", fallback = 0)]
async fn panics(n: u32) -> Result<u32, Down> {
    assert!(n > 1, "too few");
    Ok(n)
}

graph! {
    async fn panicking(n: u32) -> Result<u32, ember::Error> {
        let n = panics(n).await?;
        Ok(n)
    }
}

#[test]
fn r22_a_panic_is_caught_innermost_so_every_layer_sees_it() {
    paused(async {
        assert_eq!(panicking(2).await.unwrap(), 2);
        assert_eq!(panicking(1).await.unwrap(), 0);
    });
}

static ASKED: AtomicU32 = AtomicU32::new(0);

/// Validation comes before all else.
#[operator(validate(n = |n| *n < 10), rate = "1/100h", fallback = 7, cache)]
fn asked(n: u32) -> Result<u32, Down> {
    ASKED.fetch_add(1, SeqCst);
    Ok(n)
}

graph! {
    fn ask(n: u32) -> Result<u32, ember::Error> {
        let n = asked(n)?;
        Ok(n)
    }
}

#[test]
fn r12_what_is_not_valid_uses_nothing_up() {
    assert!(ask(20).unwrap_err().is_invalid());
    assert_eq!(ask(3).unwrap(), 3);
    assert_eq!(ASKED.load(SeqCst), 1);
}
