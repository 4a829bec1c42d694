//! Millions of small items through streams, of which one in a hundred fails and one in a thousand panics. Counts must be
//! exact, and neither memory nor threads may grow; and when the runtime is shut down, no thread is left.
//!
//! ```text
//! cargo bench -p ember-benches --bench soak                     a million items for each way
//! cargo bench -p ember-benches --bench soak -- 10000000         as many as is said
//! cargo bench -p ember-benches --bench soak -- --minutes 1      ten million, again and again until a minute is over
//! cargo bench -p ember-benches --bench soak -- --test           100 000
//! ```
//!
//! The gate runs it for a minute, and then for fewer items under valgrind, which tells what was leaked.

use std::fs;
use std::future::Future;
use std::panic::panic_any;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use ember::stream::BatchError;
use ember::{Runtime, graph, operator};

/// How much more memory there may be at the end than after the first tenth, in KiB.
const GROWTH: u64 = 5 * 1024;
/// How long the runtime may take to end.
const END: Duration = Duration::from_secs(10);

#[operator]
fn judge(n: u64) -> Result<u64, String> {
    match n % 1000 {
        7 => panic_any(n),
        i if i % 100 == 1 => Err(n.to_string()),
        _ => Ok(n),
    }
}

#[operator]
async fn judge_later(n: u64) -> Result<u64, String> {
    std::future::ready(()).await;
    judge(n)
}

graph! {
    fn judged(n: u64) -> Result<u64, ember::Error> {
        let n = judge(n)?;
        Ok(n)
    }

    async fn judged_later(n: u64) -> Result<u64, ember::Error> {
        let n = judge_later(n).await?;
        Ok(n)
    }
}

/// A way to run so many items.
type Way = (&'static str, fn(u64) -> Counts);

#[derive(Debug, Default, PartialEq)]
struct Counts {
    good: u64,
    failed: u64,
    panicked: u64,
}

impl Counts {
    fn expected(count: u64) -> Self {
        let (failed, panicked) = (count / 100, count / 1000);
        Self { good: count - failed - panicked, failed, panicked }
    }

    fn add(&mut self, result: &Result<u64, BatchError>) {
        match result {
            Ok(_) => self.good += 1,
            Err(error) if error.error().is_some_and(ember::Error::is_panic) => self.panicked += 1,
            Err(_) => self.failed += 1,
        }
    }
}

const WAYS: [Way; 4] = [
    ("stream", |count| {
        let mut counts = Counts::default();
        judged::stream(0..count).into_iter().for_each(|result| counts.add(&result));
        counts
    }),
    ("stream, unordered", |count| {
        let mut counts = Counts::default();
        judged::stream(0..count).unordered().into_iter().for_each(|result| counts.add(&result));
        counts
    }),
    ("stream, for_each", |count| {
        let mut counts = Counts::default();
        judged::stream(0..count).for_each(|result| counts.add(&result));
        counts
    }),
    ("async stream", |count| {
        let mut results = pin!(judged_later::stream(0..count).results());
        let mut counts = Counts::default();
        while let Some(result) = block_on(results.next()) {
            counts.add(&result);
        }
        counts
    }),
];

fn main() {
    let (count, time) = asked();
    // In thousands, of which each has its failures and panics.
    let count = count.next_multiple_of(10_000);
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Those of the items are meant.
        if !panic.payload().is::<u64>() {
            told(panic);
        }
    }));
    let before = threads();
    let runtime = Runtime::builder().build().expect("there are threads for it");
    runtime.scope(|| {
        for way in &WAYS {
            round(way, count / 10);
        }
        let (memory, threads, begun) = (memory(), threads(), Instant::now());
        loop {
            for way in &WAYS {
                round(way, count);
            }
            let growth = self::memory().saturating_sub(memory);
            assert!(growth < GROWTH, "{growth} KiB more");
            assert!(self::threads() <= threads, "more threads");
            if begun.elapsed() >= time {
                println!("{:.1?} in all, {growth} KiB more", begun.elapsed());
                break;
            }
        }
    });
    assert!(runtime.shutdown(END).is_clean(), "something was left behind");
    // A thread is counted off a little before it is gone.
    let begun = Instant::now();
    while threads() != before && begun.elapsed() < END {
        std::thread::yield_now();
    }
    assert_eq!(threads(), before, "threads at the end");
}

/// How many items each way has, and for how long they are run again and again.
fn asked() -> (u64, Duration) {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    match arguments.next().as_deref() {
        None => (1_000_000, Duration::ZERO),
        Some("--test") => (100_000, Duration::ZERO),
        Some("--minutes") => {
            let minutes = arguments.next().and_then(|minutes| minutes.parse().ok());
            (10_000_000, Duration::from_mins(minutes.expect("a number of minutes")))
        }
        Some(count) => (count.parse().expect("a number of items"), Duration::ZERO),
    }
}

/// A way once through.
fn round((name, way): &Way, count: u64) {
    // A stream that is dropped early is a part of what must leave nothing.
    assert_eq!(judged::stream(0..).into_iter().take(1000).count(), 1000);
    let (memory, begun) = (memory(), Instant::now());
    assert_eq!(way(count), Counts::expected(count), "{name}");
    let growth = self::memory().saturating_sub(memory);
    println!("{name}: {count} items in {:.1?}, {growth} KiB more", begun.elapsed());
}

/// What is resident, in KiB; nothing where the system does not tell.
fn memory() -> u64 {
    of_status("VmRSS:")
}

fn threads() -> u64 {
    of_status("Threads:")
}

fn of_status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
}
