//! What the items of a `for` cost, beside rayon's parallel iterator with the best chunk.
//!
//! `cargo bench -p ember-benches --bench items`. Times are of whole runs.

use divan::{Bencher, black_box};
use ember::{Context, Strategy, graph};
use ember_benches::step;
use rayon::prelude::*;

/// Items, and the steps of each: 800 are about a microsecond.
const SIZES: [(u64, u32); 4] = [(1_000_000, 0), (1_000_000, 8), (1_000, 800), (16, 80_000)];

graph! {
    fn each(count: u64, w: u32) -> Vec<u64> {
        for i in 0..count { step(0, i, w) }
    }
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().expect("a pool");
    divan::main();
}

#[divan::bench(args = SIZES, max_time = 1)]
fn plain(bencher: Bencher<'_, '_>, (count, w): (u64, u32)) {
    let each = |count, w| (0..count).map(|i| step(0, i, w)).collect::<Vec<u64>>();
    bencher.bench_local(|| each(black_box(count), black_box(w)));
}

#[divan::bench(args = SIZES, consts = [1, 64, 1024, 16384], max_time = 1)]
fn par_iter<const CHUNK: usize>(bencher: Bencher<'_, '_>, (count, w): (u64, u32)) {
    let each = |count: u64, w| {
        let count = usize::try_from(count).expect("a small number");
        let items = (0..count).into_par_iter().with_min_len(CHUNK);
        items.map(|i| step(0, i as u64, w)).collect::<Vec<u64>>()
    };
    bencher.bench_local(|| each(black_box(count), black_box(w)));
}

#[divan::bench(args = SIZES, max_time = 1)]
fn parallel(bencher: Bencher<'_, '_>, (count, w): (u64, u32)) {
    let context = Context::builder().strategy(Strategy::Parallel).build();
    context.scope(|| bencher.bench_local(|| each(black_box(count), black_box(w))));
}

#[divan::bench(args = SIZES, max_time = 1)]
fn auto(bencher: Bencher<'_, '_>, (count, w): (u64, u32)) {
    bencher.bench_local(|| each(black_box(count), black_box(w)));
}
