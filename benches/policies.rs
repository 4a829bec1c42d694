//! What policies cost where nothing goes wrong: graphs of one node whose operator has a policy, beside the same graph whose
//! operator has none; and policies around a call by hand, where attributes cannot say all, and where another crate's cost is
//! beside them.
//!
//! `cargo bench -p ember-benches --bench policies`. Nanoseconds a run, the medians of interleaved rounds, on one thread.

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::{Arc, Barrier, LazyLock, OnceLock};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use ember::policy::{Breaker, Cache, CacheValue, PolicyError, Verdict};
use ember::{Resource, prelude::*};

/// What never happens here.
#[derive(Clone, Debug, thiserror::Error)]
#[error("down")]
struct Down;

/// The operators, each in a graph by itself: with policies as they are written, and all with the same body.
macro_rules! graphs {
    ($($graph:ident: $operator:ident($($policies:tt)*);)*) => { $(
        #[operator($($policies)*)]
        fn $operator(n: u64) -> Result<u64, Down> {
            if n == u64::MAX { Err(Down) } else { Ok(n.wrapping_mul(0x9E37_79B9) ^ n) }
        }

        graph! {
            fn $graph(n: u64) -> Result<u64, ember::Error> {
                let value = $operator(n)?;
                Ok(value)
            }
        }
    )* };
}
graphs! {
    plain: no_policy();
    plain_again: no_policy_again();
    retried: with_retry(idempotent, retry);
    guarded: with_breaker(breaker);
    limited: with_concurrency(concurrency = 8);
    cached: with_cache(cache);
    replaced: with_fallback(fallback = 0);
}

/// The same for operators that wait.
macro_rules! waiting {
    ($($graph:ident: $operator:ident($($policies:tt)*);)*) => { $(
        #[operator($($policies)*)]
        async fn $operator(n: u64) -> Result<u64, Down> {
            if n == u64::MAX { Err(Down) } else { Ok(n.wrapping_mul(0x9E37_79B9) ^ n) }
        }

        graph! {
            async fn $graph(n: u64) -> Result<u64, ember::Error> {
                let value = $operator(n).await?;
                Ok(value)
            }
        }
    )* };
}
waiting! {
    waits: no_policy_waits();
    waits_retried: with_retry_waits(idempotent, retry);
    waits_timed: with_timeout_waits(timeout = "10s");
    waits_guarded: with_breaker_waits(breaker);
    waits_limited: with_concurrency_waits(concurrency = 8);
}

fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing waits here"),
    }
}

const ROUNDS: usize = 101;
const RUNS: u32 = 20_000;

type Run<'a> = (&'a str, Box<dyn Fn() -> f64 + 'a>);

/// Nanoseconds a run.
fn time<T>(runs: u32, run: impl Fn(u64) -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..runs {
        black_box(run(black_box(7)));
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(runs)
}

/// Prints the medians, and what each has more than the first. They take turns.
fn compare(title: &str, rounds: usize, ways: &[Run<'_>]) {
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (times, (_, run)) in times.iter_mut().zip(ways) {
            times.push(run());
        }
    }
    let medians: Vec<f64> = times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect();
    println!("\n{title:<24} | ns a run | more than without");
    println!("{:-<24}-|---------:|-----------------:", "");
    for ((name, _), median) in ways.iter().zip(&medians) {
        println!("{name:<24} | {median:>8.1} | {:>17.1}", median - medians[0]);
    }
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let (rounds, runs) = if test { (1, 10) } else { (ROUNDS, RUNS) };
    let way = |name, run: fn(u64) -> Result<u64, ember::Error>| -> Run<'_> {
        (name, Box::new(move || time(runs, run)))
    };
    compare(
        "operators",
        rounds,
        &[
            way("none", plain),
            way("none, once more", plain_again),
            way("retry", retried),
            way("breaker", guarded),
            way("concurrency", limited),
            way("cache, hit", cached),
            way("fallback", replaced),
        ],
    );
    let way = |name, run: fn(u64) -> Result<u64, ember::Error>| -> Run<'_> {
        (name, Box::new(move || time(runs, run)))
    };
    compare(
        "async operators",
        rounds,
        &[
            way("none", |n| now(waits(n))),
            way("retry", |n| now(waits_retried(n))),
            way("timeout", |n| now(waits_timed(n))),
            way("breaker", |n| now(waits_guarded(n))),
            way("concurrency", |n| now(waits_limited(n))),
        ],
    );
    by_hand(rounds, runs);
    resources(rounds, runs);
    contended(rounds, runs);
    hits(rounds, runs, "hits, a number", &42_u64);
    hits(rounds, runs, "hits, a short text", &"forty-two".to_owned());
    hits(rounds, runs, "hits, behind an Arc", &Arc::new("forty-two".to_owned()));
}

/// The plain call that is not seen through.
#[inline(never)]
fn call(n: u64) -> Result<u64, PolicyError<Down>> {
    if n == u64::MAX { Err(Down.into()) } else { Ok(n) }
}

/// Breakers around a call.
fn by_hand(rounds: usize, runs: u32) {
    let breaker = Breaker::builder().build().expect("the defaults fit each other");
    let noting = Breaker::builder().window(100_000).build().expect("so does this");
    let noted = || {
        // One failure among the calls of the window, so that each that succeeds counts.
        noting.acquire().expect("one in so many is not too much").settle(Verdict::Failure);
        time(runs, |n| noting.call(|| call(n)))
    };
    let measuring = Breaker::builder().slow_rate(Duration::from_secs(1), 0.5).build().expect("so does this");
    let clock = Instant::now();
    compare(
        "by hand",
        rounds,
        &[
            ("none", Box::new(|| time(runs, call))),
            ("breaker", Box::new(|| time(runs, |n| breaker.call(|| call(n))))),
            ("breaker, with a failure", Box::new(noted)),
            ("breaker, slow calls too", Box::new(|| time(runs, |n| measuring.call(|| call(n))))),
            (
                "two looks at the clock",
                Box::new(|| time(runs, |n| (call(n), clock.elapsed(), clock.elapsed()))),
            ),
        ],
    );
}

static MODEL: Resource<u64> = Resource::new(&|| Ok::<_, Infallible>(42));
static OLD: LazyLock<Resource<u64>> = LazyLock::new(|| {
    let builder = Resource::builder().time_to_live(Duration::from_hours(1));
    builder.build(|| Ok::<_, Infallible>(42)).expect("an hour is within the bounds")
});

/// What is loaded, beside the ways of the standard library to get at a value that is shared.
fn resources(rounds: usize, runs: u32) {
    static ONCE: OnceLock<Arc<u64>> = OnceLock::new();
    let shared = Arc::new(42_u64);
    assert!(MODEL.get().is_ok_and(|value| *value == 42) && OLD.get().is_ok_and(|value| *value == 42));
    compare(
        "shared values",
        rounds,
        &[
            ("OnceLock, a reference", Box::new(|| time(runs, |_| **ONCE.get_or_init(|| shared.clone())))),
            ("an Arc cloned", Box::new(|| time(runs, |_| Arc::clone(black_box(&shared))))),
            ("OnceLock, an Arc cloned", Box::new(|| time(runs, |_| ONCE.get().cloned()))),
            ("Resource::get", Box::new(|| time(runs, |_| MODEL.get()))),
            ("the same, growing old", Box::new(|| time(runs, |_| OLD.get()))),
        ],
    );
}

/// The same on two threads at once, which share the breaker: for each, nanoseconds a call. A call that does nothing is the worst
/// case, since both are then in the breaker all the time.
fn contended(rounds: usize, runs: u32) {
    let both = |run: &(dyn Fn(u64) -> Result<u64, PolicyError<Down>> + Sync)| {
        let start = Barrier::new(2);
        let there = || {
            start.wait();
            time(runs, run)
        };
        thread::scope(|scope| {
            let other = scope.spawn(there);
            f64::midpoint(there(), other.join().expect("nothing panics"))
        })
    };
    let breaker = Breaker::builder().build().expect("the defaults fit each other");
    let noting = Breaker::builder().window(100_000).build().expect("so does this");
    let note = || noting.acquire().expect("one in so many is not too much").settle(Verdict::Failure);
    let working = |n| {
        // About as much as the least that is worth a breaker: a microsecond.
        (0..250_u64).fold(n, |n, i| black_box(n ^ i));
        call(n)
    };
    compare(
        "two threads",
        rounds,
        &[
            ("none", Box::new(|| both(&call))),
            ("breaker", Box::new(|| both(&|n| breaker.call(|| call(n))))),
            (
                "breaker, with a failure",
                Box::new(|| {
                    note();
                    both(&|n| noting.call(|| call(n)))
                }),
            ),
        ],
    );
    compare(
        "two threads that work",
        rounds,
        &[
            ("none", Box::new(|| both(&working))),
            ("breaker", Box::new(|| both(&|n| breaker.call(|| working(n))))),
            (
                "breaker, with a failure",
                Box::new(|| {
                    note();
                    both(&|n| noting.call(|| working(n)))
                }),
            ),
        ],
    );
}

/// Hits of a cache for a key, beside those of the crate that holds its entries.
fn hits<V: CacheValue + PartialEq>(rounds: usize, runs: u32, title: &str, value: &V) {
    let cache: Cache<u64, V> = Cache::builder().build().expect("the defaults fit each other");
    let bare = quick_cache::sync::Cache::new(1024);
    bare.insert(7, value.clone());
    let ask = |n: u64| cache.call(&n, || Ok::<_, PolicyError<Down>>(value.clone()));
    assert!(ask(7).is_ok_and(|asked| asked == *value));
    compare(
        title,
        rounds,
        &[
            ("quick_cache", Box::new(|| time(runs, |n| bare.get(&n)))),
            ("cache", Box::new(|| time(runs, ask))),
        ],
    );
    assert_eq!(cache.counts().loads, 1);
}
