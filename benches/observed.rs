//! What it costs to observe runs.
//!
//! `cargo bench -p ember-benches --bench observed`. Nodes do next to nothing. `nobody` listens, or an observer that `counts`
//! by an atomic, one that `records`, or one that reports `metrics` to the
//! recorder of metrics-exporter-prometheus.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use divan::{Bencher, black_box};
use ember::observe::{Event, Metrics, Observer, Recorder};
use ember::{Context, ContextBuilder, Strategy};
use ember_benches as shapes;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

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

fn prometheus() -> PrometheusRecorder {
    PrometheusBuilder::new().set_buckets(&Metrics::SECONDS).expect("some buckets").build_recorder()
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

            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn metrics(bencher: Bencher<'_, '_>, strategy: Strategy) {
                let metrics = Metrics::with_recorder(prometheus());
                run(bencher, Context::builder().observer(metrics), strategy, shapes::$graph);
            }
        }
    };
}

shape!(chain32);
shape!(diamond);
shape!(fan32);
