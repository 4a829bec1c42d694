//! Runs of which one in a hundred fails and one in a thousand panics. Each must give what its number says.

use std::fmt;
use std::panic;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ember::{Context, Error, Strategy, graph, operator};
use tokio::runtime::Builder;
use tokio::sync::Barrier;
use tokio::time::timeout;

use crate::THREADS;
use crate::op::step;

/// The steps that a node makes: 0.3 µs of work.
const W: u32 = 240;
/// If they are not all under way by then, some never will be.
const ENOUGH: Duration = Duration::from_mins(1);

/// How a node fails.
#[derive(Debug)]
struct Refused(u64);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is refused", self.0)
    }
}

impl std::error::Error for Refused {}

/// What a node panics with.
struct Meant;

#[operator]
fn judge(n: u64) -> Result<u64, Refused> {
    match n % 1000 {
        7 => panic::panic_any(Meant),
        i if i % 100 == 1 => Err(Refused(n)),
        _ => Ok(n),
    }
}

/// Waits until all runs have come here.
#[operator]
async fn meet(n: u64, all: Arc<Barrier>) -> u64 {
    all.wait().await;
    n
}

graph! {
    fn judged(n: u64, w: u32) -> Result<u64, Error> {
        let left = step(1, n, w);
        let verdict = judge(n)?;
        let right = step(2, n, w);
        Ok(left.wrapping_add(right).wrapping_add(verdict))
    }

    async fn judged_together(n: u64, w: u32, all: Arc<Barrier>) -> Result<u64, Error> {
        let met = meet(n, all).await;
        let left = step(1, met, w);
        let verdict = judge(met)?;
        let right = step(2, met, w);
        Ok(left.wrapping_add(right).wrapping_add(verdict))
    }
}

/// Keeps panics that are meant from being told of.
pub(super) fn quietly(f: impl FnOnce()) {
    let told = Arc::new(panic::take_hook());
    let others = Arc::clone(&told);
    panic::set_hook(Box::new(move |panic| {
        if !panic.payload().is::<Meant>() {
            others(panic);
        }
    }));
    f();
    panic::set_hook(Box::new(move |panic| told(panic)));
}

/// Runs once, and looks at what comes out.
pub(super) fn once(n: u64) {
    look(n, &judged(n, W));
}

/// Runs once for each latency. No run goes on before all have come to their first node.
pub(super) fn at_once(strategy: Strategy, latencies: &mut [f64]) {
    let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_time().build();
    let runtime = runtime.expect("there are threads for it");
    let all = Arc::new(Barrier::new(latencies.len()));
    let context = Context::builder().strategy(strategy).build();
    let runs = (0..latencies.len() as u64).map(|n| {
        let run = context.scope(|| judged_together(n, W, Arc::clone(&all)));
        runtime.spawn(async move {
            let start = Instant::now();
            look(n, &run.await);
            start.elapsed()
        })
    });
    let runs: Vec<_> = runs.collect();
    let ended = async {
        for (run, latency) in runs.into_iter().zip(latencies) {
            *latency = run.await.expect("a run gives what its number says").as_nanos() as f64;
        }
    };
    runtime.block_on(async { timeout(ENOUGH, ended).await }).expect("all runs are under way at once");
}

fn look(n: u64, outcome: &Result<u64, Error>) {
    let failure = outcome.as_ref().err();
    assert!(failure.is_none_or(|failure| failure.node() == "verdict"), "{n} fails elsewhere");
    match n % 1000 {
        7 => assert!(failure.is_some_and(Error::is_panic), "{n} panics"),
        i if i % 100 == 1 => {
            let refused = failure.and_then(Error::find::<Refused>);
            assert_eq!(refused.map(|refused| refused.0), Some(n), "{n} fails");
        }
        _ => {
            let value = step(1, n, W).wrapping_add(step(2, n, W)).wrapping_add(n);
            assert_eq!(outcome.as_ref().ok(), Some(&value), "{n} ends well");
        }
    }
}
