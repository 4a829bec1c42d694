//! What it costs to observe runs.
//!
//! `cargo bench -p ember-benches --bench observed`. Nodes do next to nothing. `nobody` listens, or an observer that `counts`
//! by an atomic, or one that `records`, or a `timeline`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use divan::{Bencher, black_box};
use ember::observe::{Event, Observer, Recorder, Timeline};
use ember::{Context, ContextBuilder, Strategy};
use ember_benches as shapes;

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().expect("a pool");
    divan::main();
}

#[derive(Default)]
struct Counts(AtomicU64);

impl Observer for Counts {
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn run(bencher: Bencher<'_, '_>, context: ContextBuilder, strategy: Strategy, shape: fn(u64, u32) -> u64) {
    let context = context.strategy(strategy).build();
    context.scope(|| bencher.bench_local(|| shape(black_box(1), black_box(0))));
}

macro_rules! shape {
    ($graph:ident) => {
        mod $graph {
            use super::*;

            const WAYS: [Strategy; 2] = [Strategy::Sequential, Strategy::Parallel];

            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn nobody(bencher: Bencher<'_, '_>, strategy: Strategy) {
                run(bencher, Context::builder(), strategy, shapes::$graph);
            }

            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn counts(bencher: Bencher<'_, '_>, strategy: Strategy) {
                run(bencher, Context::builder().observer(Counts::default()), strategy, shapes::$graph);
            }

            /// Its room is taken soon; from then on each event is made, and counted.
            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn records(bencher: Bencher<'_, '_>, strategy: Strategy) {
                let recorder = Recorder::new(1000);
                run(bencher, Context::builder().observer(recorder), strategy, shapes::$graph);
            }

            /// Forgets now and then, so that it has room.
            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn timeline(bencher: Bencher<'_, '_>, strategy: Strategy) {
                let timeline = Timeline::new(1_000_000);
                let context = Context::builder().observer(timeline.clone()).strategy(strategy).build();
                context.scope(|| {
                    bencher
                        .with_inputs(|| {
                            if timeline.dropped() > 0 {
                                timeline.clear()
                            }
                        })
                        .bench_local_values(|()| shapes::$graph(black_box(1), black_box(0)));
                });
            }
        }
    };
}

shape!(chain32);
shape!(diamond);
shape!(fan32);
