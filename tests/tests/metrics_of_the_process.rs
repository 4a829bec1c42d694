//! `Metrics` for the process: it reports to the recorder of the program, which may come later.
#![allow(clippy::float_cmp, reason = "they are counts")]

use ember::observe::{Event, Metrics, Observer, install, observer_panics};
use ember::prelude::*;
use ember_tests::metered::Scraped;
use ember_tests::quiet;
use metrics_exporter_prometheus::PrometheusBuilder;

#[operator]
fn double(n: u32) -> u32 {
    n * 2
}

graph! {
    fn doubled(n: u32) -> u32 {
        let twice = double(n);
        twice
    }
}

struct Breaks;

impl Observer for Breaks {
    fn event(&self, _: &Event<'_>) {
        panic!("on purpose");
    }
}

#[test]
fn r25_the_recorder_may_be_installed_later() {
    quiet();
    let metrics = Metrics::new();
    install(metrics.clone()).expect("it is the first");
    assert_eq!(doubled(1), 2);

    let recorder =
        PrometheusBuilder::new().set_buckets(&Metrics::SECONDS).expect("there are bounds").build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).expect("it is the first");
    assert_eq!([doubled(2), doubled(3)], [4, 6]);
    Context::builder().observer(Breaks).build().scope(|| assert_eq!(doubled(4), 8));
    metrics.refresh();

    let scraped = Scraped::parse(&handle.render());
    assert_eq!(scraped.number(r#"ember_runs_total{graph="doubled",outcome="finished"}"#), 3.0);
    let labels = r#"graph="doubled",node="twice",operator="double""#;
    assert_eq!(scraped.times("ember_node_duration_seconds", labels).0, 3.0);
    assert_eq!(observer_panics(), 3, "then it is not called any more");
    assert_eq!(scraped.number("ember_observer_panics_total"), 3.0);
}
