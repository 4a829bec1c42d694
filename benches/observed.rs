//! What it costs to observe runs.
//!
//! `cargo bench -p ember-benches --bench observed`. Nodes do next to nothing. `nobody` listens, or an observer that `counts`
//! by an atomic, one that `records`, a `timeline`, `statistics`, or `Logs`: where no subscriber wants anything (`logs_off`), where one takes spans and
//! does nothing with them (`logs_sink`), and where one keeps them while they are open, as those do that write or export
//! (`logs_registry`). One reports `metrics` to the recorder of metrics-exporter-prometheus. Last, all of them at once (`all`).

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use divan::{Bencher, black_box};
use ember::observe::{Event, Logs, Metrics, Observer, Recorder, Statistics, Timeline};
use ember::{Context, ContextBuilder, Strategy};
use ember_benches as shapes;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Level, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

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

/// Takes spans and lines from `INFO` on, and does nothing with them.
struct Sink;

impl Subscriber for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The logs of a run for a subscriber, which is that of the calling thread: spans know theirs.
fn logs(
    bencher: Bencher<'_, '_>,
    subscriber: impl Into<Dispatch>,
    strategy: Strategy,
    shape: fn(u64, u32) -> u64,
) {
    tracing::dispatcher::with_default(&subscriber.into(), || {
        run(bencher, Context::builder().observer(Logs::default()), strategy, shape);
    });
}

fn run(bencher: Bencher<'_, '_>, context: ContextBuilder, strategy: Strategy, shape: fn(u64, u32) -> u64) {
    let context = context.strategy(strategy).build();
    context.scope(|| bencher.bench_local(|| shape(black_box(1), black_box(0))));
}

/// With a timeline, which forgets now and then so that it has room.
fn forgetting(
    bencher: Bencher<'_, '_>,
    context: ContextBuilder,
    strategy: Strategy,
    shape: fn(u64, u32) -> u64,
) {
    let timeline = Timeline::new(1_000_000);
    let forget = || {
        if timeline.dropped() > 0 {
            timeline.clear();
        }
    };
    let context = context.observer(timeline.clone()).strategy(strategy).build();
    context.scope(|| {
        bencher.with_inputs(forget).bench_local_values(|()| shape(black_box(1), black_box(0)));
    });
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
            fn statistics(bencher: Bencher<'_, '_>, strategy: Strategy) {
                run(bencher, Context::builder().observer(Statistics::new()), strategy, shapes::$graph);
            }

            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn metrics(bencher: Bencher<'_, '_>, strategy: Strategy) {
                let metrics = Metrics::with_recorder(prometheus());
                run(bencher, Context::builder().observer(metrics), strategy, shapes::$graph);
            }

            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn logs_off(bencher: Bencher<'_, '_>, strategy: Strategy) {
                run(bencher, Context::builder().observer(Logs::default()), strategy, shapes::$graph);
            }

            #[divan::bench(args = [Strategy::Sequential], max_time = 0.5)]
            fn logs_sink(bencher: Bencher<'_, '_>, strategy: Strategy) {
                logs(bencher, Dispatch::new(Sink), strategy, shapes::$graph);
            }

            #[divan::bench(args = [Strategy::Sequential], max_time = 0.5)]
            fn logs_registry(bencher: Bencher<'_, '_>, strategy: Strategy) {
                let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO);
                logs(bencher, Dispatch::new(subscriber), strategy, shapes::$graph);
            }

            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn timeline(bencher: Bencher<'_, '_>, strategy: Strategy) {
                forgetting(bencher, Context::builder(), strategy, shapes::$graph);
            }

            /// `statistics`, `timeline`, `metrics` and `logs_registry` at once.
            #[divan::bench(args = WAYS, max_time = 0.5)]
            fn all(bencher: Bencher<'_, '_>, strategy: Strategy) {
                let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO);
                tracing::dispatcher::with_default(&Dispatch::new(subscriber), || {
                    let context = Context::builder().observer(Statistics::new()).observer(Logs::default());
                    let context = context.observer(Metrics::with_recorder(prometheus()));
                    forgetting(bencher, context, strategy, shapes::$graph);
                });
            }
        }
    };
}

shape!(chain32);
shape!(diamond);
shape!(fan32);
