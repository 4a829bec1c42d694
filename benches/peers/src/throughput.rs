//! Many runs at a time: what a graph costs where the program is parallel around it.

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

/// Prints the time of a run in a `par_iter` over that in a loop of the plain function.
pub(crate) fn run(arguments: &Arguments) {
    println!("{RUNS} runs on {} threads, nanoseconds a run, the median over rounds:", crate::THREADS);
    println!("the plain function in a loop; in a par_iter the plain function, ember's graph, and the limit;");
    println!("then ember's over that of the plain function in the par_iter, and over that in the loop.\n");
    println!(
        "{:8} {:>5} {:>10} {:>12} {:>10} {:>10} {:>12} {:>12}",
        "", "W, µs", "loop", "par_iter", "ember", "limit", "ember/par", "ember/loop"
    );
    for micros in MICROS {
        for shape in &arguments.shapes {
            let w = steps(micros);
            let forms: [(bool, Run); 4] =
                [(false, shape.plain), (true, shape.plain), (true, shape.ember), (true, shape.limit)];
            let mut times = forms.map(|_| Vec::new());
            for _ in 0..arguments.rounds.count {
                for (times, &(is_parallel, run)) in times.iter_mut().zip(&forms) {
                    times.push(measure(shape, w, run, is_parallel));
                }
            }
            let [in_loop, in_parallel, ember, limit] = times.map(|mut times| median(&mut times));
            println!(
                "{:8} {micros:5} {in_loop:10.1} {in_parallel:12.1} {ember:10.1} {limit:10.1} {:12.2} {:12.2}",
                shape.name,
                ember / in_parallel,
                ember / in_loop
            );
        }
    }
}

/// Nanoseconds a run.
fn measure(shape: &Shape, w: u32, run: Run, is_parallel: bool) -> f64 {
    let value_of = |run: Run, x: u32| run(black_box(u64::from(x)), w);
    let in_loop = |run: Run| (0..RUNS).fold(0, |sum: u64, x| sum.wrapping_add(value_of(run, x)));
    let expected = in_loop(shape.plain);
    let start = Instant::now();
    let value = if is_parallel {
        let values = (0..RUNS).into_par_iter().with_min_len(16).map(|x| value_of(run, x));
        values.reduce(|| 0, u64::wrapping_add)
    } else {
        in_loop(run)
    };
    let time = start.elapsed();
    assert_eq!(value, expected, "a wrong result");
    time.as_nanos() as f64 / f64::from(RUNS)
}
