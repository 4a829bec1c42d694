//! Long and crowded use of ember: a million runs in sequence, and 10,000 at once.

use std::thread;
use std::time::Instant;

use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};

use crate::arguments::Arguments;
use crate::memory;
use crate::sampling::quantile;
use crate::shape::{Run, Shape};
use crate::workload::steps;

/// Runs one after the other.
const IN_SEQUENCE: usize = 1_000_000;
/// Runs at the same time, outside of the pool and inside.
const AT_ONCE: usize = 10_000;
/// Threads outside of the pool.
const CALLERS: usize = 64;
/// The work of a node where runs are crowded.
const MICROS: f64 = 0.3;
/// The input of every run.
const X: u64 = 7;

/// Runs everything for each shape and prints throughput, latency and memory.
pub(crate) fn run(arguments: &Arguments) {
    // Made once and written to, so that it does not count as memory of the runs.
    let mut latencies = vec![f64::NAN; IN_SEQUENCE];
    println!(
        "{:8} {:33} {:>11} {:>9} {:>9} {:>9} {:>9} {:>18}",
        "", "", "runs / s", "p50, µs", "p99", "p99.9", "longest", "peak memory, KiB"
    );
    for shape in &arguments.shapes {
        let tiny = Load::new(shape, 0.0);
        let small = Load::new(shape, MICROS);
        tiny.report("1,000,000 in sequence, W = 0", &mut latencies, |load, latencies| {
            load.on_threads(1, latencies);
        });
        small.report("10,000 from 64 threads, W = 0.3", &mut latencies[..AT_ONCE], |load, latencies| {
            load.on_threads(CALLERS, latencies);
        });
        small.report("10,000 in a par_iter, W = 0.3", &mut latencies[..AT_ONCE], Load::on_pool);
    }
}

/// What each thread runs over and over.
struct Load {
    shape: &'static str,
    run: Run,
    w: u32,
    value: u64,
}

impl Load {
    fn new(shape: &Shape, micros: f64) -> Self {
        let w = steps(micros);
        Self { shape: shape.name, run: shape.ember, w, value: (shape.plain)(X, w) }
    }

    /// Runs once and notes how many nanoseconds that took.
    fn once(&self, latency: &mut f64) {
        let start = Instant::now();
        let value = (self.run)(X, self.w);
        *latency = start.elapsed().as_nanos() as f64;
        assert_eq!(value, self.value, "a wrong result");
    }

    /// Shares the runs among threads outside of the pool.
    fn on_threads(&self, threads: usize, latencies: &mut [f64]) {
        thread::scope(|scope| {
            for part in latencies.chunks_mut(latencies.len().div_ceil(threads)) {
                scope.spawn(|| part.iter_mut().for_each(|latency| self.once(latency)));
            }
        });
    }

    /// Shares the runs among the threads of the pool.
    fn on_pool(&self, latencies: &mut [f64]) {
        latencies.par_iter_mut().for_each(|latency| self.once(latency));
    }

    fn report(&self, name: &str, latencies: &mut [f64], load: impl FnOnce(&Self, &mut [f64])) {
        let before = memory::peak();
        let start = Instant::now();
        load(self, latencies);
        let took = start.elapsed().as_secs_f64();
        let after = memory::peak();
        let per_second = latencies.len() as f64 / took;
        let [half, most, nearly, longest] =
            [0.5, 0.99, 0.999, 1.0].map(|share| quantile(latencies, share) / 1e3);
        let kibibytes = |peak: Option<u64>| peak.map_or("?".to_owned(), |peak| peak.to_string());
        println!(
            "{:8} {name:33} {per_second:11.0} {half:9.2} {most:9.2} {nearly:9.2} {longest:9.2} {:>9} {:>8}",
            self.shape,
            kibibytes(before),
            kibibytes(after)
        );
    }
}
