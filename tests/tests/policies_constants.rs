//! Constants as the values of policies.
#![allow(clippy::unused_async, clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::{ManualClock, TokioClock, prelude::*};
use tokio::time::{Instant, sleep};

mod settings {
    use std::time::Duration;

    pub(crate) const ATTEMPTS: u32 = 4;
    pub(crate) const LIMIT: Duration = Duration::from_secs(2);
}

const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = PAUSE.saturating_mul(2);
const HALF: f64 = 0.5;
const FEW: u32 = 2;
const LONGER: f64 = 3.0;
const WINDOW: u32 = 2;
const WINDOW_TIME: Duration = Duration::from_secs(10);
const AT_ONCE: Duration = Duration::ZERO;

#[derive(Debug, thiserror::Error, Clone, PartialEq)]
#[error("down")]
struct Down;

#[operator(
    idempotent,
    retry(
        attempts = settings::ATTEMPTS,
        backoff = exponential(PAUSE, cap = LONGEST_PAUSE),
        jitter = none,
        budget(ratio = HALF, burst = settings::ATTEMPTS)
    ),
    timeout = settings::LIMIT
)]
async fn hangs(calls: &AtomicU32) -> Result<u32, Down> {
    calls.fetch_add(1, SeqCst);
    sleep(Duration::from_hours(1)).await;
    Ok(0)
}

#[operator(breaker(failure_rate = HALF, window = 2, min_calls = FEW, open = PAUSE, probes = FEW))]
fn fails(_: u32) -> Result<u32, Down> {
    Err(Down)
}

#[operator(limit(concurrency = FEW, queue = FEW, max_wait = PAUSE), cache(capacity = FEW, ttl = PAUSE))]
fn limited<T: Clone + std::hash::Hash + Eq + Send + Sync + 'static>(value: T) -> Result<T, Down> {
    Ok(value)
}

#[operator(idempotent, retry(attempts = 3, backoff = exponential(PAUSE, factor = LONGER), jitter = none))]
async fn grows(calls: &AtomicU32) -> Result<u32, Down> {
    calls.fetch_add(1, SeqCst);
    Err(Down)
}

#[operator(limit(rate(calls = FEW, per = PAUSE), burst = FEW, queue = 0))]
fn rated(_: u32) -> Result<u32, Down> {
    Ok(1)
}

#[operator(breaker(window = WINDOW))]
fn by_calls(_: u32) -> Result<u32, Down> {
    Err(Down)
}

#[operator(breaker(window = WINDOW_TIME, min_calls = FEW))]
fn by_time(_: u32) -> Result<u32, Down> {
    Err(Down)
}

#[operator(batch(max = FEW, wait = AT_ONCE, in_flight = FEW, queue = settings::ATTEMPTS))]
fn squares(numbers: &[u32]) -> Vec<u32> {
    assert!(numbers.len() <= FEW as usize);
    numbers.iter().map(|number| number * number).collect()
}

/// Hangs, but for the second call.
#[operator(idempotent)]
async fn hangs_once(calls: &AtomicU32) -> u32 {
    let call = calls.fetch_add(1, SeqCst);
    if call == 0 {
        sleep(Duration::from_hours(1)).await;
    }
    call
}

struct Client;

impl Client {
    #[operator(idempotent, retry = settings::ATTEMPTS)]
    fn ask(&self, calls: &AtomicU32) -> Result<(), Down> {
        calls.fetch_add(1, SeqCst);
        Err(Down)
    }
}

graph! {
    async fn waits(calls: &AtomicU32) -> Result<u32, ember::Error> {
        let value = hangs(calls).await?;
        Ok(value)
    }

    async fn waits_less(calls: &AtomicU32) -> Result<u32, ember::Error> {
        #[timeout = PAUSE]
        #[retry = FEW]
        let value = hangs(calls).await?;
        Ok(value)
    }

    async fn waits_longer(calls: &AtomicU32) -> Result<u32, ember::Error> {
        let value = grows(calls).await?;
        Ok(value)
    }

    async fn hedged(calls: &AtomicU32) -> u32 {
        #[hedge(after = PAUSE)]
        let value = hangs_once(calls).await;
        value
    }

    fn at_a_rate(n: u32) -> Result<u32, ember::Error> {
        let value = rated(n)?;
        Ok(value)
    }

    fn guarded_by_calls(n: u32) -> Result<u32, ember::Error> {
        let value = by_calls(n)?;
        Ok(value)
    }

    fn guarded_by_time(n: u32) -> Result<u32, ember::Error> {
        let value = by_time(n)?;
        Ok(value)
    }

    fn squared(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let squared = for number in numbers { squares(number)? };
        Ok(squared)
    }

    fn guarded(n: u32) -> Result<u32, ember::Error> {
        let value = fails(n)?;
        Ok(value)
    }

    fn twice(text: &str) -> Result<(String, u32), ember::Error> {
        let text = limited(text.to_owned())?;
        let number = limited(7_u32)?;
        Ok((text, number))
    }
}

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Context::builder().clock(TokioClock).build().scope(|| future))
}

#[test]
fn r31_r32_constants_set_attempts_waits_and_timeouts() {
    paused(async {
        let (start, calls) = (Instant::now(), AtomicU32::new(0));
        assert!(waits(&calls).await.unwrap_err().is_timeout());
        assert_eq!(calls.load(SeqCst), 4);
        assert_eq!(start.elapsed(), 4 * settings::LIMIT + PAUSE + 2 * LONGEST_PAUSE);
    });
}

#[test]
fn r31_r32_constants_stand_on_lines() {
    paused(async {
        let (start, calls) = (Instant::now(), AtomicU32::new(0));
        assert!(waits_less(&calls).await.unwrap_err().is_timeout());
        assert_eq!(calls.load(SeqCst), 2);
        assert!(start.elapsed() < 3 * PAUSE, "two attempts and the wait between them: {:?}", start.elapsed());
    });
}

#[test]
fn constants_set_a_breaker() {
    assert!(!guarded(1).unwrap_err().is_breaker_open());
    assert!(!guarded(1).unwrap_err().is_breaker_open());
    assert!(guarded(1).unwrap_err().is_breaker_open());
}

#[test]
fn a_constant_says_how_waits_grow() {
    paused(async {
        let (start, calls) = (Instant::now(), AtomicU32::new(0));
        waits_longer(&calls).await.unwrap_err();
        assert_eq!(start.elapsed(), PAUSE + 3 * PAUSE);
    });
}

#[test]
fn constants_set_a_rate() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        assert_eq!((at_a_rate(1).unwrap(), at_a_rate(1).unwrap()), (1, 1));
        assert!(at_a_rate(1).unwrap_err().is_limited());
        clock.advance(PAUSE / 2);
        at_a_rate(1).unwrap();
        assert!(at_a_rate(1).unwrap_err().is_limited());
    });
}

#[test]
fn a_constant_window_is_a_number_of_calls_or_a_time() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        // Of ten calls at least, if nothing is said, but no more than the window holds.
        for _ in 0..2 {
            assert!(!guarded_by_calls(1).unwrap_err().is_breaker_open());
        }
        assert!(guarded_by_calls(1).unwrap_err().is_breaker_open());

        assert!(!guarded_by_time(1).unwrap_err().is_breaker_open());
        clock.advance(2 * WINDOW_TIME);
        for _ in 0..2 {
            assert!(!guarded_by_time(1).unwrap_err().is_breaker_open());
        }
        assert!(guarded_by_time(1).unwrap_err().is_breaker_open());
    });
}

#[test]
fn constants_set_a_batch() {
    assert_eq!(squared((0..9).collect()).unwrap(), [0, 1, 4, 9, 16, 25, 36, 49, 64]);
}

#[test]
fn a_constant_says_when_a_line_is_hedged() {
    paused(async {
        let (start, calls) = (Instant::now(), AtomicU32::new(0));
        assert_eq!(hedged(&calls).await, 1);
        assert_eq!(start.elapsed(), PAUSE);
    });
}

#[test]
fn constants_stand_on_generic_operators_and_methods() {
    assert_eq!(twice("x").unwrap(), ("x".to_owned(), 7));
    let calls = AtomicU32::new(0);
    assert!(Client.ask(&calls).is_err());
    assert_eq!(calls.load(SeqCst), 4);
}

#[test]
fn a_description_shows_the_constants_name() {
    let description = waits::describe();
    let policies: Vec<_> =
        description.nodes[0].policies().map(|policy| (policy.name, policy.value)).collect();
    assert!(policies.contains(&("timeout", "settings::LIMIT")), "{policies:?}");
}
