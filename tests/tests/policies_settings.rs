//! Settings from a file replace what the attributes say, once and for all.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::policy::{BreakerState, NotInstalled, Settings};
use ember::{ManualClock, prelude::*};

#[derive(Clone, Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[operator(
    idempotent,
    retry(attempts = 2, backoff = none, budget = none),
    breaker(min_calls = 2),
    concurrency = 4,
    timeout = "10s"
)]
fn ask(cx: &Context, calls: &AtomicU32) -> Result<Duration, Down> {
    let call = calls.fetch_add(1, SeqCst) + 1;
    if call < 5 { Err(Down) } else { cx.remaining().ok_or(Down) }
}

#[operator(retry = 2, idempotent)]
fn other() -> Result<u32, Down> {
    Ok(1)
}

static SIZES: AtomicU32 = AtomicU32::new(0);

#[operator(cache(ttl = "1h"))]
fn size(text: &str) -> usize {
    SIZES.fetch_add(1, SeqCst);
    text.len()
}

static LOOKS: AtomicU32 = AtomicU32::new(0);

#[operator(cache(errors = "1h"))]
fn look(text: &str) -> Result<usize, Down> {
    LOOKS.fetch_add(1, SeqCst);
    text.find("no such").ok_or(Down)
}

graph! {
    fn sizes() -> usize {
        size("four")
    }

    fn looks() -> Result<usize, ember::Error> {
        let place = look("four")?;
        Ok(place)
    }
}

graph! {
    fn answer(calls: &AtomicU32) -> Result<Duration, ember::Error> {
        let left = ask(calls)?;
        let one = other()?;
        Ok(left * one)
    }
}

static BATCHES: Mutex<Vec<usize>> = Mutex::new(Vec::new());

#[operator(batch(max = 64, wait = "1h"))]
fn lengths(texts: &[String]) -> Vec<usize> {
    BATCHES.lock().unwrap().push(texts.len());
    texts.iter().map(String::len).collect()
}

graph! {
    fn measured(texts: Vec<String>) -> Result<Vec<usize>, ember::Error> {
        let lengths = for text in texts { lengths(text)? };
        Ok(lengths)
    }

    fn alone(text: String) -> Result<usize, ember::Error> {
        let length = lengths(text)?;
        Ok(length)
    }
}

struct Client(AtomicU32);

impl Client {
    #[operator(idempotent, retry(attempts = 2, backoff = none))]
    fn call_on(&self) -> Result<u32, Down> {
        if self.0.fetch_add(1, SeqCst) < 3 { Err(Down) } else { Ok(1) }
    }
}

graph! {
    fn calls_on(client: &Client) -> Result<u32, ember::Error> {
        let one = client.call_on()?;
        Ok(one)
    }
}

/// One test, since they belong to the process.
#[test]
fn settings_replace_what_the_attributes_say() {
    let file = r#"
        [ask]
        timeout = "3s"
        retry = 5
        breaker = { min_calls = 50 }
        concurrency = { permits = 1, queue = 0 }
        [call_on]
        retry = 4
        [size]
        cache = { capacity = 10, ttl = "1.5s" }
        [lengths]
        batch = { max = 3, wait = "0", queue = 8 }
        [look]
        cache.errors = "1.5s"
    "#;
    let settings: Settings = toml::from_str(file).unwrap();
    let (batches, others) =
        (measured::describe(), [sizes::describe(), looks::describe(), calls_on::describe()]);
    settings.check([answer::describe(), batches].into_iter().chain(others)).unwrap();
    let _runtime = ember::Runtime::builder().threads(1).settings(settings.clone()).build().unwrap();
    assert_eq!(settings.clone().install(), Err(NotInstalled::Twice));

    assert_eq!(calls_on(&Client(AtomicU32::new(0))).unwrap(), 1, "a method goes by its name as well");

    let texts = (0..7).map(|n| n.to_string()).collect();
    assert_eq!(measured(texts).unwrap(), [1; 7]);
    let mut batches = std::mem::take(&mut *BATCHES.lock().unwrap());
    batches.sort_unstable();
    assert_eq!(batches, [1, 3, 3], "64 are too many");
    assert_eq!(alone("four".to_owned()).unwrap(), 4, "an hour is too long");

    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        let calls = AtomicU32::new(0);
        assert_eq!(answer(&calls).unwrap(), Duration::from_secs(3));
        assert_eq!(calls.into_inner(), 5, "two attempts are three too few");

        assert_eq!((sizes(), sizes(), SIZES.load(SeqCst)), (4, 4, 1));
        assert!(looks().is_err() && looks().is_err());
        assert_eq!(LOOKS.load(SeqCst), 1);
        clock.advance(Duration::from_secs(2));
        assert!(looks().is_err());
        assert_eq!(LOOKS.load(SeqCst), 2, "an hour is too long");
        assert_eq!((sizes(), SIZES.load(SeqCst)), (4, 2), "an hour is too long");
    });
    assert_eq!(ask::breaker().counts().failures, 4);
    assert_eq!(ask::concurrency().permits(), 1);

    ask::breaker().force_open();
    let refused = answer(&AtomicU32::new(9)).unwrap_err();
    assert!(refused.is_breaker_open());
    assert_eq!(ask::breaker().state(), BreakerState::ForcedOpen);
    ask::breaker().reset();
    assert!(answer(&AtomicU32::new(9)).is_ok());
}
