//! What policies tell: at which node, and which attempt it was.
#![allow(clippy::unnecessary_wraps, clippy::unused_async, reason = "the operators are as plain as can be")]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use ember::observe::{EventKind, Recorded, Recorder};
use ember::{ManualClock, TokioClock, prelude::*};
use tokio::time::sleep;

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[operator(idempotent, retry(attempts = 3, backoff = constant("2s"), jitter = none))]
fn third_time(tries: &AtomicU32) -> Result<u32, Down> {
    if tries.fetch_add(1, SeqCst) < 2 { Err(Down) } else { Ok(3) }
}

#[operator(idempotent, retry(attempts = 3, backoff = constant("2s"), jitter = none))]
async fn third_time_async(tries: &AtomicU32) -> Result<u32, Down> {
    if tries.fetch_add(1, SeqCst) < 2 { Err(Down) } else { Ok(3) }
}

#[operator(breaker(window = 2, min_calls = 2))]
fn broken(n: u32) -> Result<u32, Down> {
    if n == 0 { Err(Down) } else { Ok(n) }
}

#[operator(fallback = 7)]
fn falls(n: u32) -> Result<u32, Down> {
    if n == 0 { Err(Down) } else { Ok(n) }
}

#[operator(cache(capacity = 100))]
fn cached(n: u32) -> u32 {
    n + 1
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

graph! {
    fn retried(tries: &AtomicU32) -> Result<u32, ember::Error> {
        let answer = third_time(tries)?;
        Ok(answer)
    }

    async fn retried_async(tries: &AtomicU32) -> Result<u32, ember::Error> {
        let answer = third_time_async(tries).await?;
        Ok(answer)
    }

    fn breaking(n: u32) -> Result<u32, ember::Error> {
        let answer = broken(n)?;
        Ok(answer)
    }

    fn falling(n: u32) -> Result<u32, ember::Error> {
        let answer = falls(n)?;
        Ok(answer)
    }

    fn remembered(n: u32) -> u32 {
        let first = cached(n);
        let second = cached(first - 1);
        first + second
    }

    async fn timed(seconds: u64) -> Result<u64, ember::Error> {
        let answer = slow(seconds).await?;
        Ok(answer)
    }

    fn left_behind(clock: &ManualClock, meeting: &Arc<Barrier>) -> Result<u64, ember::Error> {
        let answer = slow_on_a_thread(clock.clone(), meeting.clone())?;
        Ok(answer)
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
}

fn lines(events: &[Recorded]) -> Vec<String> {
    let line = |event: &Recorded| format!("{} {:?} {}", event.node, event.kind, event.attempt);
    events.iter().filter(|event| !event.node.is_empty()).map(line).collect()
}

fn the(events: &[Recorded], kind: EventKind) -> &Recorded {
    let mut found = events.iter().filter(|event| event.kind == kind);
    let one = found.next().unwrap_or_else(|| panic!("{kind:?} in {:#?}", lines(events)));
    assert!(found.next().is_none(), "one {kind:?} in {:#?}", lines(events));
    one
}

fn context(recorder: &Recorder) -> ember::ContextBuilder {
    Context::builder().observer(recorder.clone())
}

const OF_THREE_ATTEMPTS: [&str; 6] = [
    "answer NodeStarted 1",
    "answer AttemptFailed 1",
    "answer Backoff 1",
    "answer AttemptFailed 2",
    "answer Backoff 2",
    "answer NodeFinished 3",
];

#[test]
fn attempts_are_numbered() {
    for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
        let recorder = Recorder::new(100);
        // A thread that waits for a clock of its own looks again and again: here it is always later.
        let clock = Hurried(ManualClock::new());
        let cx = context(&recorder).strategy(strategy).clock(clock).build();
        assert_eq!(cx.scope(|| retried(&AtomicU32::new(0))).unwrap(), 3);
        assert_eq!(lines(&recorder.events()), OF_THREE_ATTEMPTS);
    }
}

/// A clock on which each look takes a second.
struct Hurried(ManualClock);

impl ember::Clock for Hurried {
    fn now(&self) -> std::time::Instant {
        self.0.advance(Duration::from_secs(1));
        self.0.now()
    }

    fn park_until(&self, _: std::time::Instant) {}
}

#[tokio::test(start_paused = true)]
async fn attempts_that_wait_are_numbered() {
    let recorder = Recorder::new(100);
    let cx = context(&recorder).clock(TokioClock).build();
    let tries = AtomicU32::new(0);
    assert_eq!(cx.scope(|| retried_async(&tries)).await.unwrap(), 3);
    let events = recorder.events();
    assert_eq!(lines(&events), OF_THREE_ATTEMPTS);
    assert!(events[3].text.ends_with("waits 2s for the next attempt"), "{}", events[3].text);
}

#[test]
fn a_breaker_tells_that_it_opens_and_whom_it_turns_away() {
    let recorder = Recorder::new(100);
    context(&recorder).build().scope(|| {
        assert!(breaking(0).is_err());
        assert!(breaking(0).is_err());
        assert!(breaking(1).unwrap_err().is_breaker_open());
    });
    let events = recorder.events();
    let changed = the(&events, EventKind::BreakerChanged);
    assert_eq!((changed.graph, &*changed.node, changed.operator), ("breaking", "answer", "broken"));
    assert!(changed.text.ends_with("from closed to open"), "{}", changed.text);
    let refused = the(&events, EventKind::BreakerRefused);
    assert_eq!((refused.graph, &*refused.node, refused.operator), ("breaking", "answer", "broken"));
    assert!(refused.text.ends_with("was turned away by its breaker"), "{}", refused.text);
}

#[test]
fn r22_a_fallback_is_told_to_observers() {
    let recorder = Recorder::new(100);
    assert_eq!(context(&recorder).build().scope(|| falling(0)).unwrap(), 7);
    let expected = ["answer NodeStarted 1", "answer FallbackUsed 1", "answer NodeFinished 1"];
    assert_eq!(lines(&recorder.events()), expected);
}

#[test]
fn hits_and_misses_are_told_at_their_nodes() {
    let recorder = Recorder::new(100);
    let cx = context(&recorder).strategy(Strategy::Sequential).build();
    assert_eq!(cx.scope(|| remembered(1)), 4);
    let expected = [
        "first NodeStarted 1",
        "first CacheMiss 1",
        "first NodeFinished 1",
        "second NodeStarted 1",
        "second CacheHit 1",
        "second NodeFinished 1",
    ];
    assert_eq!(lines(&recorder.events()), expected);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_told() {
    let recorder = Recorder::new(100);
    let cx = context(&recorder).clock(TokioClock).build();
    assert!(cx.scope(|| timed(9)).await.unwrap_err().is_timeout());
    let events = recorder.events();
    let expected = ["answer NodeStarted 1", "answer TimedOut 1", "answer NodeFailed 1"];
    assert_eq!(lines(&events), expected);
    assert!(events[2].text.ends_with("took longer than 3s"), "{}", events[2].text);
}

#[test]
fn a_call_that_is_left_behind_is_told() {
    let recorder = Recorder::new(100);
    let clock = ManualClock::new();
    let cx = context(&recorder).clock(clock.clone()).build();
    let meeting = Arc::new(Barrier::new(2));
    assert!(cx.scope(|| left_behind(&clock, &meeting)).unwrap_err().is_timeout());
    meeting.wait();
    let events = recorder.events();
    the(&events, EventKind::Abandoned);
    the(&events, EventKind::TimedOut);
    the(&events, EventKind::NodeFailed);
}

#[tokio::test(start_paused = true)]
async fn waits_for_permits_are_told() {
    let recorder = Recorder::new(100);
    let cx = context(&recorder).clock(TokioClock).build();
    assert_eq!(cx.scope(|| in_turn(4)).await.unwrap(), 8);
    let events = recorder.events();
    let waited = the(&events, EventKind::PermitWaited);
    assert_eq!((&*waited.node, waited.took), ("second", Some(Duration::from_secs(4))));
    assert!(waited.text.ends_with("waited 4s for a permit"), "{}", waited.text);

    let recorder = Recorder::new(100);
    let cx = context(&recorder).clock(TokioClock).build();
    assert!(cx.scope(|| turned_away(4)).await.unwrap_err().is_limited());
    let events = recorder.events();
    let waited = the(&events, EventKind::PermitWaited);
    assert!(waited.text.ends_with("for a permit in vain"), "{}", waited.text);
}

#[tokio::test(start_paused = true)]
async fn waits_for_a_rate_are_told() {
    let recorder = Recorder::new(100);
    let cx = context(&recorder).clock(TokioClock).build();
    assert_eq!(cx.scope(|| in_time(4)).await.unwrap(), 4);
    let events = recorder.events();
    let waited = the(&events, EventKind::RateWaited);
    assert_eq!((&*waited.node, waited.took), ("second", Some(Duration::from_secs(1))));
}
