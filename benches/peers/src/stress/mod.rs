//! Long and crowded use of ember: a million runs in sequence, 10,000 from many threads and in a `par_iter`, and 10,000
//! that are all under way at the same time. Some have nodes that fail and panic (`mixed`). Every result is looked at.

mod mixed;

use std::thread;
use std::time::Instant;

use ember::{Context, Strategy};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use crate::arguments::Arguments;
use crate::memory;
use crate::sampling::quantile;
use crate::shape::Shape;
use crate::workload::steps;

/// Runs one after the other.
const IN_SEQUENCE: usize = 1_000_000;
/// The same where it is only to be seen that results are right.
const CHECKED: usize = 20_000;
/// Runs at the same time, outside of the pool and inside.
const AT_ONCE: usize = 10_000;
/// Threads outside of the pool.
const CALLERS: usize = 64;
/// The work of a node where runs are crowded.
const MICROS: f64 = 0.3;
/// The input of every run of a shape.
const X: u64 = 7;
/// How much more memory a run that is under way may take, on average.
const OF_A_RUN: u64 = 16 * 1024;

const STRATEGIES: [Strategy; 3] = [Strategy::Sequential, Strategy::Parallel, Strategy::Auto];

/// Runs everything for each shape and prints throughput, latency and memory.
pub(crate) fn run(arguments: &Arguments) {
    through(&arguments.shapes, IN_SEQUENCE);
}

/// The same with fewer runs in sequence. A wrong result, a lost failure and memory that grows panic.
pub(crate) fn check(arguments: &Arguments) {
    through(&arguments.shapes, CHECKED);
}

fn through(shapes: &[&'static Shape], in_sequence: usize) {
    // Made once and written to, so that it does not count as memory of the runs.
    let mut latencies = vec![f64::NAN; in_sequence.max(AT_ONCE)];
    println!(
        "{:8} {:42} {:>11} {:>9} {:>9} {:>9} {:>9} {:>20}",
        "", "", "runs / s", "p50, µs", "p99", "p99.9", "longest", "memory and peak, KiB"
    );
    for shape in shapes {
        let once = |w| {
            let value = (shape.plain)(X, w);
            move |_| assert_eq!((shape.ember)(X, w), value, "a wrong result")
        };
        let (tiny, small) = (once(0), once(steps(MICROS)));
        report(shape.name, "in sequence, W = 0", &mut latencies[..in_sequence], |latencies| {
            on_threads(1, Strategy::Auto, latencies, &tiny);
        });
        for strategy in STRATEGIES {
            let name = format!("from 64 threads, W = 0.3, {strategy:?}");
            report(shape.name, &name, &mut latencies[..AT_ONCE], |latencies| {
                on_threads(CALLERS, strategy, latencies, &small);
            });
        }
        report(shape.name, "in a par_iter, W = 0.3", &mut latencies[..AT_ONCE], |latencies| {
            on_pool(latencies, &small);
        });
    }
    mixed::quietly(|| {
        for strategy in STRATEGIES {
            let latencies = &mut latencies[..AT_ONCE];
            let name = format!("from 64 threads, {strategy:?}");
            report("mixed", &name, latencies, |latencies| {
                on_threads(CALLERS, strategy, latencies, &mixed::once);
            });
            let name = format!("async, all under way at once, {strategy:?}");
            let growth = report("mixed", &name, latencies, |latencies| mixed::at_once(strategy, latencies));
            assert!(growth < OF_A_RUN * AT_ONCE as u64 / 1024, "{growth} KiB for {AT_ONCE} runs");
        }
    });
}

/// Times a run, which is told its number.
fn timed(once: &(impl Fn(u64) + Sync), number: usize, latency: &mut f64) {
    let start = Instant::now();
    once(number as u64);
    *latency = start.elapsed().as_nanos() as f64;
}

/// Shares the runs among threads outside of the pool.
fn on_threads(threads: usize, strategy: Strategy, latencies: &mut [f64], once: &(impl Fn(u64) + Sync)) {
    let context = Context::builder().strategy(strategy).build();
    let size = latencies.len().div_ceil(threads);
    thread::scope(|scope| {
        for (chunk, part) in latencies.chunks_mut(size).enumerate() {
            let context = &context;
            scope.spawn(move || {
                let numbered = part.iter_mut().enumerate();
                context.scope(|| numbered.for_each(|(i, latency)| timed(once, chunk * size + i, latency)));
            });
        }
    });
}

/// Shares the runs among the threads of the pool.
fn on_pool(latencies: &mut [f64], once: &(impl Fn(u64) + Sync)) {
    latencies.par_iter_mut().enumerate().for_each(|(i, latency)| timed(once, i, latency));
}

/// Prints a line of the table. Gives how far the peak of memory was above what there was before, in KiB.
fn report(of: &str, name: &str, latencies: &mut [f64], load: impl FnOnce(&mut [f64])) -> u64 {
    memory::forget_peak();
    let before = memory::peak();
    let start = Instant::now();
    load(latencies);
    let took = start.elapsed().as_secs_f64();
    let after = memory::peak();
    let per_second = latencies.len() as f64 / took;
    let name = format!("{} {name}", latencies.len());
    let [half, most, nearly, longest] = [0.5, 0.99, 0.999, 1.0].map(|share| quantile(latencies, share) / 1e3);
    let kibibytes = |peak: Option<u64>| peak.map_or("?".to_owned(), |peak| peak.to_string());
    println!(
        "{of:8} {name:42} {per_second:11.0} {half:9.2} {most:9.2} {nearly:9.2} {longest:9.2} {:>9} {:>10}",
        kibibytes(before),
        kibibytes(after)
    );
    after.zip(before).map_or(0, |(after, before)| after - before)
}
