//! Many runs at a time: what a graph costs where the program is parallel around it.
//!
//! All forms get the same inputs, which the compiler cannot see through, add up the results, and are warm: a pass that does
//! not count goes before. To come into the pool from outside costs a wake-up or two, which ten thousand runs of nanoseconds
//! do not make up for, whatever they run; so the same is measured where the caller is a thread of the pool.

use std::hint::black_box;
use std::time::Instant;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::arguments::Arguments;
use crate::sampling::median;
use crate::shape::{Run, Shape};
use crate::workload::steps;

/// Runs in a measurement.
const RUNS: u32 = 10_000;
/// The works of a node: beyond a microsecond nobody runs thousands of graphs for the overhead's sake.
const MICROS: [f64; 3] = [0.0, 0.3, 1.0];

/// How runs follow each other.
#[derive(Clone, Copy)]
enum Around {
    Loop,
    /// A `par_iter`, called from outside of the pool.
    Outside,
    /// The same on a thread of the pool.
    Inside,
}

/// Prints the time of a run in a `par_iter` beside that in a loop of the plain function.
pub(crate) fn run(arguments: &Arguments) {
    println!("{RUNS} runs on {} threads, nanoseconds a run, the median over rounds:", crate::THREADS);
    println!(
        "in a loop; in a par_iter from outside of the pool, and from inside; plain functions, and graphs.\n"
    );
    println!(
        "{:8} {:>5} {:>10} {:>10} {:>10} {:>10} {:>10} {:>12} {:>12}",
        "", "W, µs", "loop", "outside", "graphs", "inside", "graphs", "loop/outside", "loop/inside"
    );
    for micros in MICROS {
        for shape in &arguments.shapes {
            let [alone, outside, graphs_outside, inside, graphs_inside] =
                times(shape, steps(micros), RUNS, arguments.rounds.count);
            println!(
                "{:8} {micros:5} {alone:10.1} {outside:10.1} {graphs_outside:10.1} {inside:10.1} {graphs_inside:10.1} \
                 {:12.2} {:12.2}",
                shape.name,
                alone / graphs_outside,
                alone / graphs_inside
            );
        }
    }
}

/// A few runs of each form; a wrong result panics.
pub(crate) fn check(arguments: &Arguments) {
    for micros in MICROS {
        for shape in &arguments.shapes {
            times(shape, steps(micros), 100, 1);
        }
    }
}

/// Nanoseconds a run: of the plain function in a loop; of it and of the graph from outside of the pool, and from inside.
fn times(shape: &Shape, w: u32, runs: u32, rounds: usize) -> [f64; 5] {
    let forms: [(Around, Run); 5] = [
        (Around::Loop, shape.plain),
        (Around::Outside, shape.plain),
        (Around::Outside, shape.ember),
        (Around::Inside, shape.plain),
        (Around::Inside, shape.ember),
    ];
    let value = go(Around::Loop, shape.plain, w, runs);
    let mut times = forms.map(|_| Vec::new());
    for _ in 0..rounds {
        for (times, &(around, run)) in times.iter_mut().zip(&forms) {
            let measure = || measure(around, run, w, runs, value);
            times.push(if matches!(around, Around::Inside) {
                rayon::scope(|_| measure())
            } else {
                measure()
            });
        }
    }
    times.map(|mut times| median(&mut times))
}

/// Nanoseconds a run.
fn measure(around: Around, run: Run, w: u32, runs: u32, value: u64) -> f64 {
    go(around, run, w, runs.div_ceil(if w == 0 { 1 } else { 10 }));
    let start = Instant::now();
    let got = go(around, run, w, runs);
    let time = start.elapsed();
    assert_eq!(got, value, "a wrong result");
    time.as_nanos() as f64 / f64::from(runs)
}

/// The sum of the values of so many runs.
#[inline(never)]
fn go(around: Around, run: Run, w: u32, runs: u32) -> u64 {
    let value_of = |x: u32| run(black_box(u64::from(x)), w);
    match around {
        Around::Loop => (0..runs).fold(0, |sum: u64, x| sum.wrapping_add(value_of(x))),
        Around::Outside | Around::Inside => {
            let values = (0..runs).into_par_iter().with_min_len(16).map(value_of);
            values.reduce(|| 0, u64::wrapping_add)
        }
    }
}
