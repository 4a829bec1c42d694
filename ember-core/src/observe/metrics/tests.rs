use std::sync::Arc;

use metrics::with_local_recorder;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::Metrics;
use super::family::{self, ALL, Type};
use crate::policy::Concurrency;
use crate::watch::tests::alone;
use crate::watch::{self, Watch};

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
        assert_eq!(family.unit == metrics::Unit::Seconds, family.is == Type::Measures, "{name}");
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
