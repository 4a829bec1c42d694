//! What a run costs over the plain function, by shape and by the work of a node, called from outside of the pool.
//!
//! `cargo bench -p ember-benches --bench shapes`. Times are of whole runs; 800 steps are about a microsecond. `hot` runs are
//! back to back, a `cold` one comes behind a pause of 300 µs, in which the threads of the pool fall asleep.

use std::time::{Duration, Instant};

use divan::{Bencher, black_box};
use ember::{Context, Strategy};
use ember_benches as shapes;

const WORK: [u32; 5] = [0, 240, 800, 8_000, 80_000];
const PAUSE: Duration = Duration::from_micros(300);

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().expect("a pool");
    divan::main();
}

/// Keeps this thread busy elsewhere for a while.
fn pause() {
    let start = Instant::now();
    while start.elapsed() < PAUSE {
        std::hint::spin_loop();
    }
}

/// Runs a function of a shape in a context.
fn run(bencher: Bencher<'_, '_>, cold: bool, w: u32, strategy: Strategy, shape: fn(u64, u32) -> u64) {
    let context = Context::builder().strategy(strategy).build();
    context.scope(|| {
        let call = || shape(black_box(1), black_box(w));
        if cold {
            bencher.with_inputs(pause).bench_local_values(|()| call());
        } else {
            bencher.bench_local(call);
        }
    });
}

macro_rules! shape {
    ($module:ident, $graph:ident, $plain:ident) => {
        mod $module {
            shape!(hot, false, $graph, $plain, { max_time = 0.3 });
            shape!(cold, true, $graph, $plain, { sample_count = 40, sample_size = 1 });
        }
    };
    ($mode:ident, $cold:literal, $graph:ident, $plain:ident, { $($options:tt)* }) => {
        mod $mode {
            use crate::{Bencher, Strategy, WORK, run, shapes};

            #[divan::bench(args = WORK, $($options)*)]
            fn plain(bencher: Bencher<'_, '_>, w: u32) {
                run(bencher, $cold, w, Strategy::Sequential, shapes::$plain);
            }

            #[divan::bench(args = WORK, $($options)*)]
            fn sequential(bencher: Bencher<'_, '_>, w: u32) {
                run(bencher, $cold, w, Strategy::Sequential, shapes::$graph);
            }

            #[divan::bench(args = WORK, $($options)*)]
            fn parallel(bencher: Bencher<'_, '_>, w: u32) {
                run(bencher, $cold, w, Strategy::Parallel, shapes::$graph);
            }

            #[divan::bench(args = WORK, $($options)*)]
            fn auto(bencher: Bencher<'_, '_>, w: u32) {
                run(bencher, $cold, w, Strategy::Auto, shapes::$graph);
            }
        }
    };
}

shape!(chain, chain32, chain32_plain);
shape!(diamond, diamond, diamond_plain);
shape!(fan, fan32, fan32_plain);
shape!(tree, tree31, tree31_plain);
shape!(grid, grid8, grid8_plain);
shape!(rand, rand64, rand64_plain);
