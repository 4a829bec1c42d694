use super::family::{ALL, Type};

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
