//! What `Metrics` counts of policies: each of their events, at the node it happened at.
#![allow(
    clippy::float_cmp,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::large_futures,
    reason = "the operators are as plain as can be, and the numbers are counts, and seconds that floats have exactly"
)]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use ember::policy::PolicyError;
use ember::{ManualClock, TokioClock, prelude::*};
use ember_tests::metered::{Metered, Scraped};
use tokio::time::sleep;

#[derive(Debug, Clone, thiserror::Error)]
#[error("down")]
struct Down;

#[operator(idempotent, retry(attempts = 3, backoff = constant("2s"), jitter = none))]
async fn third_time(tries: &AtomicU32) -> Result<u32, Down> {
    if tries.fetch_add(1, SeqCst) < 2 { Err(Down) } else { Ok(3) }
}

#[operator(idempotent)]
async fn slow_at_first(tries: &AtomicU32) -> u32 {
    let before = tries.fetch_add(1, SeqCst);
    sleep(Duration::from_secs(if before == 0 { 60 } else { 1 })).await;
    before
}

#[operator(breaker(window = 2, min_calls = 2))]
fn broken(n: u32) -> Result<u32, Down> {
    if n == 0 { Err(Down) } else { Ok(n) }
}

#[operator(cache(capacity = 100))]
fn cached(n: u32) -> u32 {
    n + 1
}

#[operator(cache(capacity = 100))]
async fn cached_later(n: u32) -> u32 {
    sleep(Duration::from_secs(1)).await;
    n + 1
}

#[operator(cache(capacity = 2))]
fn scarce(n: u32) -> u32 {
    n
}

#[operator(concurrency = 1)]
async fn one_by_one(seconds: u64) -> Result<u64, Down> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(seconds)
}

#[operator(limit(concurrency = 1, queue = 0))]
async fn one_at_most(seconds: u64) -> Result<u64, Down> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(seconds)
}

#[operator(rate = "1/s")]
async fn paced(n: u64) -> Result<u64, Down> {
    Ok(n)
}

#[operator(limit(rate = "1/s", max_wait = "1ms"))]
async fn hurried(n: u64) -> Result<u64, Down> {
    Ok(n)
}

#[operator(fallback(with = |_: &PolicyError<Down>| if n == 1 { Err(Down) } else { Ok(7) }))]
fn falls(n: u32) -> Result<u32, Down> {
    if n < 2 { Err(Down) } else { Ok(n) }
}

#[operator(timeout = "3s")]
async fn slow(seconds: u64) -> Result<u64, Down> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(seconds)
}

#[operator(timeout = "3s")]
#[expect(clippy::needless_pass_by_value, reason = "what is left behind owns what it works on")]
fn slow_on_a_thread(clock: ManualClock, meeting: Arc<Barrier>) -> Result<u64, Down> {
    clock.advance(Duration::from_secs(4));
    meeting.wait();
    Ok(0)
}

graph! {
    async fn retried(tries: &AtomicU32) -> Result<u32, ember::Error> {
        let answer = third_time(tries).await?;
        Ok(answer)
    }

    async fn hedged(tries: &AtomicU32) -> u32 {
        #[hedge(after = "2s", at_most = 3)]
        let answer = slow_at_first(tries).await;
        answer
    }

    fn breaking(n: u32) -> Result<u32, ember::Error> {
        let answer = broken(n)?;
        Ok(answer)
    }

    fn remembered(n: u32) -> u32 {
        let first = cached(n);
        let second = cached(first - 1);
        first + second
    }

    async fn joined(n: u32) -> u32 {
        let first = cached_later(n).await;
        let second = cached_later(n).await;
        first + second
    }

    fn crowded(most: u32) -> usize {
        let made = for n in 0..most { scarce(n) };
        made.len()
    }

    async fn in_turn(seconds: u64) -> Result<u64, ember::Error> {
        let first = one_by_one(seconds).await?;
        let second = one_by_one(seconds).await?;
        Ok(first + second)
    }

    async fn turned_away(seconds: u64) -> Result<u64, ember::Error> {
        let first = one_at_most(seconds).await?;
        let second = one_at_most(seconds).await?;
        Ok(first + second)
    }

    async fn in_time(n: u64) -> Result<u64, ember::Error> {
        let first = paced(n).await?;
        let second = paced(first).await?;
        Ok(second)
    }

    async fn too_often(n: u64) -> Result<u64, ember::Error> {
        let first = hurried(n).await?;
        let second = hurried(first).await?;
        Ok(second)
    }

    fn falling(n: u32) -> Result<u32, ember::Error> {
        let answer = falls(n)?;
        Ok(answer)
    }

    async fn timed(seconds: u64) -> Result<u64, ember::Error> {
        let answer = slow(seconds).await?;
        Ok(answer)
    }

    fn left_behind(clock: &ManualClock, meeting: &Arc<Barrier>) -> Result<u64, ember::Error> {
        let answer = slow_on_a_thread(clock.clone(), meeting.clone())?;
        Ok(answer)
    }
}

/// The labels of a node.
fn at(graph: &str, node: &str, operator: &str) -> String {
    format!(r#"graph="{graph}",node="{node}",operator="{operator}""#)
}

/// A metric by its last label, `result` say.
fn by(scraped: &Scraped, metric: &str, labels: &str, label: &str, value: &str) -> f64 {
    // They stand in the order of the alphabet, and all that are asked for come behind `operator`.
    scraped.number(&format!(r#"{metric}{{{labels},{label}="{value}"}}"#))
}

#[tokio::test(start_paused = true)]
async fn r25_failed_attempts_and_their_waits_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    let tries = AtomicU32::new(0);
    assert_eq!(cx.scope(|| retried(&tries)).await.unwrap(), 3);
    let (scraped, labels) = (metered.scrape(), at("retried", "answer", "third_time"));
    assert_eq!(scraped.number(&format!("ember_attempts_failed_total{{{labels}}}")), 2.0);
    assert_eq!(scraped.times("ember_backoff_seconds", &labels), (2.0, 4.0));
    assert_eq!(scraped.times("ember_node_duration_seconds", &labels), (1.0, 4.0));
    assert_eq!(by(&scraped, "ember_nodes_total", &labels, "outcome", "finished"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn r25_hedges_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    let tries = AtomicU32::new(0);
    assert_eq!(cx.scope(|| hedged(&tries)).await, 1);
    let labels = at("hedged", "answer", "slow_at_first");
    assert_eq!(metered.scrape().number(&format!("ember_hedges_total{{{labels}}}")), 1.0);
}

#[test]
fn r25_changes_of_breakers_are_counted() {
    let (metered, clock) = (Metered::default(), ManualClock::new());
    metered.context().clock(clock.clone()).build().scope(|| {
        assert!(breaking(0).is_err());
        assert!(breaking(0).is_err());
        assert!(breaking(1).unwrap_err().is_breaker_open());
        clock.advance(Duration::from_hours(1));
        for _ in 0..10 {
            assert_eq!(breaking(1).unwrap(), 1);
        }
    });
    let (scraped, labels) = (metered.scrape(), at("breaking", "answer", "broken"));
    let to = |state| by(&scraped, "ember_breaker_changes_total", &labels, "to", state);
    let all = ["open", "half_open", "closed", "forced_open", "forced_closed"].map(to);
    assert_eq!(all, [1.0, 1.0, 1.0, 0.0, 0.0]);
    assert_eq!(scraped.number(&format!("ember_breaker_refused_total{{{labels}}}")), 1.0);
}

#[test]
fn r25_hits_and_misses_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().strategy(Strategy::Sequential).build();
    assert_eq!(cx.scope(|| remembered(1)), 4);
    let scraped = metered.scrape();
    let result = |node| {
        let labels = at("remembered", node, "cached");
        ["hit", "miss", "joined"]
            .map(|result| by(&scraped, "ember_cache_requests_total", &labels, "result", result))
    };
    assert_eq!((result("first"), result("second")), ([0.0, 1.0, 0.0], [1.0, 0.0, 0.0]));
}

#[tokio::test(start_paused = true)]
async fn r25_calls_that_join_others_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    assert_eq!(cx.scope(|| joined(1)).await, 4);
    let scraped = metered.scrape();
    let all = |result| {
        let of = |node| {
            let labels = at("joined", node, "cached_later");
            by(&scraped, "ember_cache_requests_total", &labels, "result", result)
        };
        of("first") + of("second")
    };
    assert_eq!(["hit", "miss", "joined"].map(all), [0.0, 1.0, 1.0]);
}

#[test]
fn r25_evictions_are_counted_by_entries() {
    let metered = Metered::default();
    let cx = metered.context().strategy(Strategy::Sequential).build();
    assert_eq!(cx.scope(|| crowded(100)), 100);
    let (scraped, labels) = (metered.scrape(), at("crowded", "made[]", "scarce"));
    assert_eq!(by(&scraped, "ember_cache_requests_total", &labels, "result", "miss"), 100.0);
    let evicted = scraped.number(&format!("ember_cache_evictions_total{{{labels}}}"));
    assert!((98.0..=100.0).contains(&evicted), "two of {evicted} and more are kept at most");
}

#[tokio::test(start_paused = true)]
async fn r25_waits_for_permits_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    assert_eq!(cx.scope(|| in_turn(4)).await.unwrap(), 8);
    let (scraped, labels) = (metered.scrape(), at("in_turn", "second", "one_by_one"));
    assert_eq!(scraped.times("ember_permit_wait_seconds", &labels), (1.0, 4.0));
    assert_eq!(scraped.number(&format!("ember_permits_refused_total{{{labels}}}")), 0.0);
}

#[tokio::test(start_paused = true)]
async fn r25_calls_that_find_no_place_in_line_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    assert!(cx.scope(|| turned_away(4)).await.unwrap_err().is_limited());
    let (scraped, labels) = (metered.scrape(), at("turned_away", "second", "one_at_most"));
    assert_eq!(scraped.number(&format!("ember_permits_refused_total{{{labels}}}")), 1.0);
    assert_eq!(scraped.times("ember_permit_wait_seconds", &labels), (1.0, 0.0));
}

#[tokio::test(start_paused = true)]
async fn r25_waits_for_turns_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    assert_eq!(cx.scope(|| in_time(4)).await.unwrap(), 4);
    let (scraped, labels) = (metered.scrape(), at("in_time", "second", "paced"));
    assert_eq!(scraped.times("ember_rate_wait_seconds", &labels), (1.0, 1.0));
    assert_eq!(scraped.number(&format!("ember_rate_refused_total{{{labels}}}")), 0.0);
}

#[tokio::test(start_paused = true)]
async fn r25_calls_that_come_too_often_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    assert!(cx.scope(|| too_often(4)).await.unwrap_err().is_limited());
    let (scraped, labels) = (metered.scrape(), at("too_often", "second", "hurried"));
    assert_eq!(scraped.number(&format!("ember_rate_refused_total{{{labels}}}")), 1.0);
}

#[test]
fn r25_fallbacks_are_counted_by_how_they_go() {
    let metered = Metered::default();
    metered.context().build().scope(|| {
        assert_eq!([falling(0).unwrap(), falling(0).unwrap(), falling(2).unwrap()], [7, 7, 2]);
        assert!(falling(1).is_err());
    });
    let (scraped, labels) = (metered.scrape(), at("falling", "answer", "falls"));
    let succeeded = |value| by(&scraped, "ember_fallbacks_total", &labels, "succeeded", value);
    assert_eq!((succeeded("true"), succeeded("false")), (2.0, 1.0));
}

#[tokio::test(start_paused = true)]
async fn r25_timeouts_are_counted() {
    let metered = Metered::default();
    let cx = metered.context().clock(TokioClock).build();
    assert!(cx.scope(|| timed(9)).await.unwrap_err().is_timeout());
    assert_eq!(cx.scope(|| timed(1)).await.unwrap(), 1);
    let (scraped, labels) = (metered.scrape(), at("timed", "answer", "slow"));
    assert_eq!(scraped.number(&format!("ember_timeouts_total{{{labels}}}")), 1.0);
    assert!(!scraped.series().iter().any(|series| series.starts_with("ember_abandoned_total")));
}

#[test]
fn r25_calls_that_are_left_behind_are_counted() {
    let (metered, clock) = (Metered::default(), ManualClock::new());
    let cx = metered.context().clock(clock.clone()).build();
    let meeting = Arc::new(Barrier::new(2));
    assert!(cx.scope(|| left_behind(&clock, &meeting)).unwrap_err().is_timeout());
    meeting.wait();
    let (scraped, labels) = (metered.scrape(), at("left_behind", "answer", "slow_on_a_thread"));
    assert_eq!(scraped.number(&format!("ember_abandoned_total{{{labels}}}")), 1.0);
    assert_eq!(scraped.number(&format!("ember_timeouts_total{{{labels}}}")), 1.0);
    assert_eq!(scraped.times("ember_node_duration_seconds", &labels), (1.0, 4.0));
}
