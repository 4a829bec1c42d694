//! What `Metrics` counts of runs and nodes, read from Prometheus' text.
#![allow(clippy::float_cmp, reason = "they are counts, and seconds that floats have exactly")]

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use ember::{ManualClock, prelude::*};
use ember_tests::metered::Metered;
use ember_tests::{STRATEGIES, in_parallel, pool, quiet};
use metrics_exporter_prometheus::PrometheusBuilder;
use prometheus_parse::Value;

#[derive(Debug, thiserror::Error)]
#[error("{0} is odd")]
struct Odd(u32);

#[operator]
fn double(n: u32) -> u32 {
    n * 2
}

#[operator]
fn halve(n: u32) -> Result<u32, Odd> {
    if n.is_multiple_of(2) { Ok(n / 2) } else { Err(Odd(n)) }
}

#[operator]
fn sum(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn until(n: u32, most: u32) -> bool {
    n >= most
}

#[operator]
fn breaks(n: u32) -> u32 {
    assert!(n != 7, "seven, on purpose");
    n
}

#[operator]
fn stop(n: u32, cx: &Context) -> u32 {
    cx.cancel();
    n
}

#[operator]
fn passes(seconds: u64, clock: &ManualClock) -> u64 {
    clock.advance(Duration::from_secs(seconds));
    seconds
}

#[operator]
fn looks(n: u32, metered: &Metered) -> f64 {
    f64::from(n) * metered.scrape().number(r#"ember_runs_running{graph="looking"}"#)
}

#[operator]
fn again<const C: char>(n: u32) -> u32 {
    n + u32::from(C)
}

graph! {
    fn both(n: u32) -> Result<u32, ember::Error> {
        let half = halve(n)?;
        let twice = double(n);
        let all = sum(half, twice);
        Ok(all)
    }

    fn items(most: u32) -> u32 {
        let made = for n in 0..most {
            let once = double(n);
            double(once)
        };
        made.len() as u32
    }

    fn turns(most: u32) -> Result<u32, ember::Error> {
        let mut n = 0;
        #[at_most(2000)]
        let found = loop {
            n = sum(n, 1);
            if until(n, most) { break n; }
        };
        Ok(found)
    }

    fn ends(n: u32) -> Result<u32, ember::Error> {
        let first = breaks(n);
        let second = halve(first)?;
        let third = if second == 5 { stop(second) } else { double(second) };
        let fourth = halve(third)?;
        Ok(fourth)
    }

    fn late(clock: &ManualClock) -> u64 {
        let first = passes(2, clock);
        let second = passes(first + 62, clock);
        second
    }

    fn r#match(größe: u32) -> u32 {
        let r#type = again::<'"'>(größe);
        let länge = again::<'\n'>(r#type);
        sum(r#type, länge)
    }

    fn looking(metered: &Metered) -> f64 {
        let found = looks(1, metered);
        found
    }
}

#[test]
fn r13_metrics_are_exact_under_contention() {
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        let metered = Metered::default();
        let cx = metered.context().strategy(strategy).build();
        let pool = pool(4);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| pool.install(|| cx.scope(|| (0..100).filter(|&n| both(n).is_err()).count())));
            }
        });
        let scraped = metered.scrape();
        let number = |series: &str| scraped.number(series);
        let form = if strategy == Strategy::Parallel { "parallel" } else { "straight_line" };
        let started = format!(r#"ember_runs_started_total{{form="{form}",graph="both",reason="asked"}}"#);
        assert_eq!(number(&started), 800.0);
        assert_eq!(number(r#"ember_runs_total{graph="both",outcome="finished"}"#), 400.0);
        assert_eq!(number(r#"ember_runs_total{graph="both",outcome="failed"}"#), 400.0);
        assert_eq!(number(r#"ember_runs_running{graph="both"}"#), 0.0);
        assert_eq!(scraped.times("ember_run_duration_seconds", r#"graph="both""#).0, 800.0);
        let node = |node, operator, outcome| {
            let labels = format!(r#"graph="both",node="{node}",operator="{operator}""#);
            number(&format!(r#"ember_nodes_total{{{labels},outcome="{outcome}"}}"#))
        };
        assert_eq!((node("half", "halve", "finished"), node("half", "halve", "failed")), (400.0, 400.0));
        assert_eq!((node("all", "sum", "finished"), node("all", "sum", "failed")), (400.0, 0.0));
        // In parallel it may have begun, or not, when the run fails: both are counted, each once.
        let twice: f64 = ["finished", "failed", "panicked", "cancelled"]
            .map(|end| node("twice", "double", end))
            .iter()
            .sum();
        let never = number(r#"ember_nodes_not_started_total{graph="both"}"#);
        assert_eq!(twice + never, 800.0 + 400.0, "each failed run leaves `all` out");
        let ended =
            scraped.times("ember_node_duration_seconds", r#"graph="both",node="twice",operator="double""#);
        assert_eq!(ended.0, twice);
    }
}

/// All threads register what they count at once.
#[test]
fn r13_nothing_is_lost_when_metrics_are_first_used() {
    for _ in 0..100 {
        let metered = Metered::default();
        let cx = metered.context().strategy(Strategy::Sequential).build();
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    cx.scope(|| items(3))
                });
            }
        });
        let scraped = metered.scrape();
        assert_eq!(scraped.number(r#"ember_runs_total{graph="items",outcome="finished"}"#), 4.0);
        let labels = r#"graph="items",node="made[].once",operator="double""#;
        assert_eq!(scraped.times("ember_node_duration_seconds", labels).0, 12.0);
    }
}

#[test]
fn r25_runs_and_nodes_are_counted_by_how_they_end() {
    quiet();
    let metered = Metered::default();
    let cx = metered.context().strategy(Strategy::Sequential).build();
    assert_eq!(cx.scope(|| ends(8)).unwrap(), 4);
    assert!(cx.scope(|| ends(9)).is_err());
    in_parallel(1, || assert!(cx.scope(|| ends(7)).unwrap_err().is_panic()));
    assert!(cx.scope(|| ends(10)).is_err());

    let scraped = metered.scrape();
    let runs = |outcome| scraped.number(&format!(r#"ember_runs_total{{graph="ends",outcome="{outcome}"}}"#));
    assert_eq!(["finished", "failed", "panicked", "cancelled"].map(runs), [1.0; 4]);
    let node = |node, operator| {
        let labels = format!(r#"graph="ends",node="{node}",operator="{operator}""#);
        ["finished", "failed", "panicked", "cancelled"]
            .map(|outcome| scraped.number(&format!(r#"ember_nodes_total{{{labels},outcome="{outcome}"}}"#)))
    };
    assert_eq!(node("first", "breaks"), [3.0, 0.0, 1.0, 0.0]);
    assert_eq!(node("second", "halve"), [2.0, 1.0, 0.0, 0.0]);
    assert_eq!(node("fourth", "halve"), [1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn r25_times_are_in_seconds_and_in_buckets() {
    let (metered, clock) = (Metered::default(), ManualClock::new());
    let cx = metered.context().strategy(Strategy::Sequential).clock(clock.clone()).build();
    assert_eq!(cx.scope(|| late(&clock)), 64);
    let scraped = metered.scrape();
    assert_eq!(scraped.times("ember_run_duration_seconds", r#"graph="late""#), (1.0, 66.0));
    let first = r#"graph="late",node="first",operator="passes""#;
    let second = r#"graph="late",node="second",operator="passes""#;
    assert_eq!(scraped.times("ember_node_duration_seconds", first), (1.0, 2.0));
    assert_eq!(scraped.times("ember_node_duration_seconds", second), (1.0, 64.0));
    let Value::Histogram(buckets) = scraped.value(&format!("ember_node_duration_seconds{{{first}}}")) else {
        panic!("it is a histogram")
    };
    let within: Vec<f64> =
        buckets.iter().filter(|bucket| bucket.count > 0.0).map(|bucket| bucket.less_than).collect();
    assert_eq!(within, [5.0, 10.0, 30.0, 60.0, f64::INFINITY]);
}

#[test]
fn r25_runs_that_go_on_are_shown() {
    let metered = Metered::default();
    let cx = metered.context().build();
    assert_eq!(cx.scope(|| looking(&metered)), 1.0);
    assert_eq!(metered.scrape().number(r#"ember_runs_running{graph="looking"}"#), 0.0);
}

#[test]
fn r25_metrics_have_types_and_help() {
    for recorder in [PrometheusBuilder::new(), PrometheusBuilder::new().with_recommended_naming(true)] {
        let metered = Metered::with(recorder);
        assert_eq!(metered.context().build().scope(|| both(4)).unwrap(), 10);
        let text = metered.text();
        let scraped = metered.scrape();
        for series in scraped.series() {
            let name = series.split('{').next().unwrap_or_default();
            let name = name.strip_suffix("_sum").or(name.strip_suffix("_count")).unwrap_or(name);
            assert!(name.starts_with("ember_"), "{name}");
            let is = match scraped.value(series) {
                Value::Counter(_) => "counter",
                Value::Gauge(_) => "gauge",
                Value::Histogram(_) | Value::Untyped(_) => "histogram",
                Value::Summary(_) => panic!("{series} has buckets"),
            };
            assert_eq!(text.matches(&format!("# TYPE {name} {is}\n")).count(), 1, "{name} in\n{text}");
            assert!(scraped.help().get(name).is_some_and(|help| help.ends_with('.')), "{name} in\n{text}");
        }
        assert!(scraped.help().contains_key("ember_node_duration_seconds"));
        assert!(scraped.help().contains_key("ember_runs_total"));
    }
}

/// A thousand items and turns have the series of one, and no more.
#[test]
fn r25_labels_are_bounded_by_the_text_of_the_program() {
    for strategy in STRATEGIES {
        let metered = Metered::default();
        let run = |most, id: &str| {
            let cx = metered.context().strategy(strategy).correlation_id(id).build();
            let _ = cx.scope(|| (items(most), turns(most)));
            let scraped = metered.scrape();
            // `Auto` may choose otherwise the next time.
            let is_kept = |series: &&&str| !series.starts_with("ember_runs_started_total");
            scraped.series().iter().filter(is_kept).map(|&series| series.to_owned()).collect::<Vec<_>>()
        };
        let few = run(1, "order-4711");
        let many = run(1000, "order-4712");
        assert_eq!(few, many);
        let scraped = metered.scrape();
        let labels = r#"graph="items",node="made[].once",operator="double""#;
        assert_eq!(scraped.times("ember_node_duration_seconds", labels).0, 1001.0);
        assert!(!metered.text().contains("order-"), "correlation ids are no labels");
    }
}

/// Whatever generic arguments have in them, an operator's name is a path of identifiers.
#[test]
fn r25_odd_names_are_labels_too() {
    let metered = Metered::default();
    let cx = metered.context().strategy(Strategy::Sequential).build();
    assert_eq!(cx.scope(|| r#match(1)), 35 + 45);
    let scraped = metered.scrape();
    assert_eq!(scraped.number(r#"ember_runs_total{graph="r#match",outcome="finished"}"#), 1.0);
    for node in ["r#type", "länge"] {
        let labels = format!(r#"graph="r#match",node="{node}",operator="again""#);
        assert_eq!(scraped.times("ember_node_duration_seconds", &labels).0, 1.0);
    }
}
