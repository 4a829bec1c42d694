//! Millions of small items through streams, of which one in a hundred fails and one in a thousand panics. Counts must be
//! exact, and neither memory nor threads may grow.
//!
//! `cargo bench -p ember-benches --bench soak -- 10000000`. Without a number it is a million items for each way; with
//! `--test` a tenth of that.

use std::fs;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use ember::stream::BatchError;
use ember::{graph, operator};

/// How much more memory there may be at the end than after the first tenth, in KiB.
const GROWTH: u64 = 5 * 1024;

#[operator]
fn judge(n: u64) -> Result<u64, String> {
    match n % 1000 {
        7 => panic!("{n}"),
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

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let count: u64 = match arguments.next().as_deref() {
        None => 1_000_000,
        Some("--test") => 100_000,
        Some(count) => count.parse().expect("a number of items"),
    };
    // In thousands, of which each has its failures and panics.
    let count = count.next_multiple_of(10_000);
    std::panic::set_hook(Box::new(|_| {}));
    let ways: [Way; 4] = [
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
    for (name, way) in ways {
        // A stream that is dropped early is a part of what must leave nothing.
        assert_eq!(judged::stream(0..).into_iter().take(1000).count(), 1000);
        assert_eq!(way(count / 10), Counts::expected(count / 10));
        let (memory, threads, begun) = (memory(), threads(), Instant::now());
        assert_eq!(way(count), Counts::expected(count), "{name}");
        let growth = self::memory().saturating_sub(memory);
        println!("{name}: {count} items in {:.1?}, {growth} KiB more", begun.elapsed());
        assert!(growth < GROWTH, "{name}: {growth} KiB more");
        assert_eq!(self::threads(), threads, "{name}: threads");
    }
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
