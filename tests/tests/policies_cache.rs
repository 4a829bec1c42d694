//! `cache` on an operator: what was called is not called again, and never what a fallback gave.
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

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::{ManualClock, prelude::*};
use ember_tests::everywhere;

#[derive(Debug, thiserror::Error, Clone, PartialEq)]
#[error("down")]
struct Down;

static LENGTHS: AtomicU32 = AtomicU32::new(0);

#[operator(cache(capacity = 100))]
fn length(text: &str, unit: String) -> Result<usize, Down> {
    LENGTHS.fetch_add(1, SeqCst);
    if text.is_empty() { Err(Down) } else { Ok(text.len() * unit.len()) }
}

static SHOUTS: AtomicU32 = AtomicU32::new(0);

/// Cannot fail.
#[operator(cache)]
async fn shout(text: &str) -> String {
    SHOUTS.fetch_add(1, SeqCst);
    text.to_uppercase()
}

struct Question {
    id: u32,
    weight: f64,
}

static ANSWERS: AtomicU32 = AtomicU32::new(0);

#[operator(cache(capacity = 10, ttl = "5s", errors = "1s", key = |question| question.id))]
fn answer(question: &Question) -> Result<f64, Down> {
    ANSWERS.fetch_add(1, SeqCst);
    if question.weight < 0.0 { Err(Down) } else { Ok(question.weight) }
}

static DOUBLES: AtomicU32 = AtomicU32::new(0);

/// Each type has a cache of its own.
#[operator(cache)]
fn twice<T: Clone + std::hash::Hash + Eq + Send + Sync + 'static>(value: T) -> (T, T) {
    DOUBLES.fetch_add(1, SeqCst);
    (value.clone(), value)
}

graph! {
    fn lengths(text: &str) -> Result<usize, ember::Error> {
        let one = length(text, "m".to_owned())?;
        let other = length(text, "km".to_owned())?;
        Ok(one + other)
    }

    async fn shouts(text: &str) -> String {
        let one = shout(text).await;
        let other = shout(&one).await;
        one + &other
    }

    fn answers(question: &Question) -> Result<f64, ember::Error> {
        let answer = answer(question)?;
        Ok(answer)
    }

    fn fresh(question: &Question) -> Result<f64, ember::Error> {
        #[without(cache)]
        let answer = answer(question)?;
        Ok(answer)
    }

    fn doubles() -> (u8, String) {
        let (a, _) = twice(7_u8);
        let (b, _) = twice("seven".to_owned());
        (a, b)
    }
}

#[test]
fn r34_what_says_so_is_called_once_for_the_same_arguments() {
    everywhere(|_| assert_eq!(lengths("seven").unwrap(), 15));
    assert_eq!(LENGTHS.load(SeqCst), 2);
    // A failure is not kept.
    assert!(lengths("").is_err() && lengths("").is_err());
    assert!(LENGTHS.load(SeqCst) >= 4);
}

#[tokio::test]
async fn a_cached_operator_need_not_fail() {
    assert_eq!(shouts("abc").await, "ABCABC");
    assert_eq!(shouts("abc").await, "ABCABC");
    assert_eq!(SHOUTS.load(SeqCst), 2);
}

#[test]
fn each_type_of_a_generic_operator_has_a_cache_of_its_own() {
    for _ in 0..3 {
        assert_eq!(doubles(), (7, "seven".to_owned()));
    }
    assert_eq!(DOUBLES.load(SeqCst), 2);
}

#[test]
fn r17_a_key_tells_calls_apart_and_what_is_kept_grows_old() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        let count = || ANSWERS.load(SeqCst);
        assert_eq!(answers(&Question { id: 1, weight: 1.5 }).unwrap(), 1.5);
        assert_eq!(answers(&Question { id: 1, weight: 2.5 }).unwrap(), 1.5);
        assert_eq!(count(), 1);
        assert_eq!(fresh(&Question { id: 1, weight: 2.5 }).unwrap(), 2.5);
        clock.advance(Duration::from_secs(6));
        assert_eq!(answers(&Question { id: 1, weight: 2.5 }).unwrap(), 2.5);
        assert_eq!(count(), 3);
        // A failure is kept for a second.
        for _ in 0..2 {
            assert_eq!(answers(&Question { id: 2, weight: -1.0 }).unwrap_err().find::<Down>(), Some(&Down));
        }
        assert_eq!(count(), 4);
        clock.advance(Duration::from_secs(2));
        assert_eq!(answers(&Question { id: 2, weight: 1.0 }).unwrap(), 1.0);
    });
}

static FLAKY: AtomicU32 = AtomicU32::new(0);

/// Fails the first time.
#[operator(cache, fallback = Cow::Borrowed("nothing"))]
fn flaky() -> Result<Cow<'static, str>, Down> {
    if FLAKY.fetch_add(1, SeqCst) == 0 { Err(Down) } else { Ok("something".into()) }
}

graph! {
    fn flakily() -> Result<String, ember::Error> {
        let value = flaky()?;
        Ok(value.into_owned())
    }
}

#[test]
fn r22_the_fallback_is_outside_of_the_cache_so_its_value_is_not_kept() {
    assert_eq!(flakily().unwrap(), "nothing");
    assert_eq!(flakily().unwrap(), "something");
    assert_eq!(flakily().unwrap(), "something");
    assert_eq!(FLAKY.load(SeqCst), 2);
}

static RETRIED: AtomicU32 = AtomicU32::new(0);

#[operator(idempotent, cache, retry(attempts = 3, backoff = none, budget = none))]
fn retried(n: u32) -> Result<u32, Down> {
    if RETRIED.fetch_add(1, SeqCst) < 2 { Err(Down) } else { Ok(n) }
}

graph! {
    fn retrying(n: u32) -> Result<u32, ember::Error> {
        let n = retried(n)?;
        Ok(n)
    }
}

#[test]
fn r34_the_cache_is_outside_of_the_retry_so_what_is_kept_is_what_the_last_attempt_gave() {
    assert_eq!(retrying(5).unwrap(), 5);
    assert_eq!(retrying(5).unwrap(), 5);
    assert_eq!(RETRIED.load(SeqCst), 3);
}
