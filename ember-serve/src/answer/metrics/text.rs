//! Prometheus' text format, version 0.0.4.

use std::fmt::Write as _;

use ember_graph::Description;

use crate::told::{Figures, Snapshot};

type Known = [(u64, &'static Description<'static>)];

pub(super) fn write(known: &Known, snapshot: &Snapshot) -> String {
    let mut out = String::new();
    let runs: Vec<(String, &Figures)> = known
        .iter()
        .filter_map(|(id, graph)| Some((labels(&[("graph", graph.name)]), &snapshot.graphs.get(id)?.runs)))
        .collect();
    family(&mut out, "ember_runs", "Runs of a graph", &runs);
    let mut nodes = Vec::new();
    for (id, graph) in known {
        let Some(figures) = snapshot.graphs.get(id) else { continue };
        for (node, figures) in graph.nodes.iter().zip(&figures.nodes) {
            let labels = [("graph", graph.name), ("node", node.path), ("operator", node.operator)];
            nodes.push((self::labels(&labels), figures));
        }
    }
    family(&mut out, "ember_nodes", "Calls of a node", &nodes);
    let ready = u8::from(snapshot.health.ready);
    let _ = writeln!(
        out,
        "# HELP ember_ready Whether the program is ready.\n# TYPE ember_ready gauge\nember_ready {ready}"
    );
    out
}

/// What ended and how, what is under way, and how long it took.
fn family(out: &mut String, name: &str, what: &str, all: &[(String, &Figures)]) {
    let _ = writeln!(out, "# HELP {name}_total {what} that ended, by how.\n# TYPE {name}_total counter");
    for (labels, figures) in all {
        let ends = [
            ("finished", figures.finished),
            ("failed", figures.failed),
            ("panicked", figures.panicked),
            ("cancelled", figures.cancelled),
        ];
        for (end, count) in ends {
            let _ = writeln!(out, "{name}_total{{{labels},end=\"{end}\"}} {count}");
        }
    }
    let _ = writeln!(out, "# HELP {name}_running {what} that are under way.\n# TYPE {name}_running gauge");
    for (labels, figures) in all {
        let _ = writeln!(out, "{name}_running{{{labels}}} {}", figures.running);
    }
    let _ = writeln!(out, "# HELP {name}_seconds How long they took.\n# TYPE {name}_seconds summary");
    for (labels, figures) in all {
        let quantiles = [("0.5", figures.p50_us), ("0.9", figures.p90_us), ("0.99", figures.p99_us)];
        for (quantile, micros) in quantiles {
            if let Some(micros) = micros {
                let _ = writeln!(out, "{name}_seconds{{{labels},quantile=\"{quantile}\"}} {}", micros / 1e6);
            }
        }
    }
}

fn labels(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (index, (name, value)) in labels.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"");
        for char in value.chars() {
            match char {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                char => text.push(char),
            }
        }
        text.push('"');
    }
    text
}
