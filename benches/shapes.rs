//! What a run costs over the plain function, by shape and by the work of a node.
//!
//! `cargo bench -p ember-benches`. Times are of whole runs; 800 steps are about a microsecond.

use divan::{Bencher, black_box};
use ember::{Context, Strategy};
use ember_benches as shapes;

const WORK: [u32; 3] = [0, 800, 8000];

fn main() {
    // This thread works in the pool, so that what is measured is the run and not the way into the pool.
    rayon::ThreadPoolBuilder::new().use_current_thread().build_global().expect("a pool");
    divan::main();
}

/// Runs a graph under a strategy.
fn run(bencher: Bencher<'_, '_>, w: u32, strategy: Strategy, graph: fn(u64, u32) -> u64) {
    let context = Context::builder().strategy(strategy).build();
    context.scope(|| bencher.bench_local(|| graph(black_box(1), black_box(w))));
}

macro_rules! shape {
    ($module:ident, $graph:ident, $plain:ident) => {
        mod $module {
            use super::{Bencher, Strategy, WORK, black_box, run, shapes};

            #[divan::bench(args = WORK)]
            fn plain(bencher: Bencher<'_, '_>, w: u32) {
                bencher.bench_local(|| shapes::$plain(black_box(1), black_box(w)));
            }

            #[divan::bench(args = WORK)]
            fn sequential(bencher: Bencher<'_, '_>, w: u32) {
                run(bencher, w, Strategy::Sequential, shapes::$graph);
            }

            #[divan::bench(args = WORK)]
            fn parallel(bencher: Bencher<'_, '_>, w: u32) {
                run(bencher, w, Strategy::Parallel, shapes::$graph);
            }
        }
    };
}

shape!(chain, chain32, chain32_plain);
shape!(diamond, diamond, diamond_plain);
shape!(fan, fan32, fan32_plain);
shape!(tree, tree31, tree31_plain);
shape!(grid, grid8, grid8_plain);
