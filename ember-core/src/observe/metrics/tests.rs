use metrics_exporter_prometheus::PrometheusBuilder;

use super::family::{self, ALL, Type};

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
