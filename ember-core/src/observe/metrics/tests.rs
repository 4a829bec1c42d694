use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::thread;

use metrics::with_local_recorder;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use metrics_exporter_prometheus::PrometheusBuilder;

use super::family::{self, ALL, Type};
use super::{MOST, Metrics};
use crate::Context;
use crate::observe::{What, emit};
use crate::policy::Concurrency;
use crate::watch::tests::alone;
use crate::watch::{self, Watch};

/// Adds up the evictions that it is told of.
#[derive(Clone, Default)]
struct Evictions {
    count: Arc<AtomicU64>,
    registered: Arc<AtomicU64>,
    /// What it does when a counter is first asked of it.
    first: Option<Arc<dyn Fn() + Send + Sync>>,
    is_asked: Arc<AtomicBool>,
}

impl Recorder for Evictions {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        if let Some(first) = self.first.as_ref().filter(|_| !self.is_asked.swap(true, Relaxed)) {
            first();
        }
        self.registered.fetch_add(1, Relaxed);
        if key.name() == family::EVICTIONS.name {
            Counter::from_arc(self.count.clone())
        } else {
            Counter::noop()
        }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn evict() {
    emit(|| What::CacheEvicted { entries: 1 });
}

#[test]
fn r13_many_recorders_keep_memory_bounded_and_counts_exact() {
    let metrics = Metrics::new();
    let cx = Context::builder().observer(metrics.clone()).build();
    // All live at the same time, so each has an address of its own.
    let recorders: Vec<Evictions> = (0..MOST + 100).map(|_| Evictions::default()).collect();
    for _ in 0..2 {
        for recorder in &recorders {
            with_local_recorder(recorder, || cx.scope(evict));
        }
    }
    assert!(recorders.iter().all(|recorder| recorder.count.load(Relaxed) == 2));
    assert_eq!(metrics.0.graphs.len(), MOST);
    let registered = |recorder: &Evictions| recorder.registered.load(Relaxed);
    assert_eq!((registered(&recorders[0]), registered(&recorders[MOST])), (1, 2));
}

#[test]
fn r13_threads_that_come_first_at_once_count_in_one_place() {
    for _ in 0..50 {
        let recorder = Evictions::default();
        let metrics = Metrics::with_recorder(recorder.clone());
        let cx = Context::builder().observer(metrics.clone()).build();
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    cx.scope(|| (0..100).for_each(|_| evict()));
                });
            }
        });
        assert_eq!((recorder.count.load(Relaxed), metrics.0.graphs.len()), (400, 1));
    }
}

/// If something of ours were held meanwhile, it would wait for itself.
#[test]
fn nothing_is_held_while_a_recorder_is_called() {
    let first = Some(Arc::new(evict) as Arc<dyn Fn() + Send + Sync>);
    let recorder = Evictions { first, ..Evictions::default() };
    let cx = Context::builder().observer(Metrics::with_recorder(recorder.clone())).build();
    cx.scope(evict);
    assert_eq!(recorder.count.load(Relaxed), 2);
}

/// The guide's table has a line for each metric, and says of it what is said to recorders.
#[test]
fn r25_the_guide_lists_all_metrics() {
    let guide = include_str!("../../../../docs/guide/metrics.md");
    let told: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `ember_")).collect();
    let expected: Vec<String> = ALL
        .iter()
        .map(|family| {
            let is = match family.is {
                Type::Counts => "counter",
                Type::Shows => "gauge",
                Type::Measures => "histogram",
            };
            let unit = family.unit.as_str();
            let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
            format!("| `{}` | {is} | {unit} | {} | {} |", family.name, labels.join(", "), family.help)
        })
        .collect();
    assert_eq!(told, expected, "expected:\n{}", expected.join("\n"));
}

#[test]
fn r25_names_follow_prometheus() {
    for family in ALL {
        let name = family.name;
        assert_eq!(name.ends_with("_total"), family.is == Type::Counts, "{name}");
        assert_eq!(name.ends_with("_seconds"), family.is == Type::Measures, "{name}");
        assert_eq!(family.unit == Unit::Seconds, family.is == Type::Measures, "{name}");
        assert_eq!(ALL.iter().filter(|other| other.name == name).count(), 1);
    }
}

/// Quotes, backslashes and line feeds are escaped, as the [format] says; all else may stand in a label.
///
/// [format]: https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information
#[test]
fn r25_labels_are_escaped() {
    let recorder = PrometheusBuilder::new().build_recorder();
    family::describe(&recorder);
    let odd = "a \"graph\",}\nof C:\\files {größe=1} 9";
    family::RUNS.counter(&recorder, &[odd, "finished"]).increment(2);
    let expected = "# HELP ember_runs_total Runs that are over.\n\
        # TYPE ember_runs_total counter\n\
        ember_runs_total{graph=\"a \\\"graph\\\",}\\nof C:\\\\files {größe=1} 9\",outcome=\"finished\"} 2\n";
    assert_eq!(recorder.handle().render().trim_end(), expected.trim_end());
}

/// Each recorder is told what is gone, also if another was told before.
#[test]
fn r25_a_state_that_is_gone_reads_as_zero_at_each_recorder() {
    let _alone = alone();
    let [first, second] =
        [PrometheusBuilder::new(), PrometheusBuilder::new()].map(PrometheusBuilder::build_recorder);
    let metrics = Metrics::new();
    let refresh = || {
        [&first, &second].map(|recorder| {
            with_local_recorder(recorder, || metrics.refresh());
            let text = recorder.handle().render();
            let series = "ember_permits_in_use{owner=\"two recorders\",kind=\"concurrency\"} ";
            text.lines().find_map(|line| line.strip_prefix(series)).map(str::to_owned)
        })
    };
    let limit = Arc::new(Concurrency::builder().permits(2).build().unwrap());
    let looked_at = Arc::clone(&limit);
    let registration = watch::register("two recorders", move || Some(looked_at.watch()));
    let _permit = limit.try_acquire().unwrap();
    assert_eq!(refresh(), [Some("1".to_owned()), Some("1".to_owned())]);
    drop(registration);
    assert_eq!(refresh(), [Some("0".to_owned()), Some("0".to_owned())]);
}
