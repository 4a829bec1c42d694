//! The figures as tables.

use std::fmt::Write;

use crate::figures::Figures;
use crate::peers::Peer;
use crate::shape::Shape;
use crate::targets::{Ratio, ratios};
use crate::workload::{Mode, Workload};

const NAME: usize = 26;
const COLUMN: usize = 12;

/// The medians of one work and mode, then ember's ratios.
pub(crate) fn table(
    figures: &Figures,
    shapes: &[&'static Shape],
    micros: f64,
    mode: Mode,
    peers: &[&'static Peer],
) -> String {
    let workloads: Vec<Workload> = shapes.iter().map(|shape| Workload { shape, micros, mode }).collect();
    let mut text = String::new();
    let _ = write!(text, "\n{:NAME$}", format!("W = {micros} µs, {}", mode.name()));
    for shape in shapes {
        let _ = write!(text, "{:>COLUMN$}", shape.name);
    }
    text.push('\n');
    for peer in peers {
        let cells =
            workloads.iter().map(|workload| figures.get(workload, peer.name).map_or("-".into(), nanos));
        line(&mut text, peer.name, cells);
    }
    text.push('\n');
    let columns: Vec<Vec<Ratio>> =
        workloads.iter().map(|workload| ratios(figures, workload, peers)).collect();
    for row in 0..columns.first().map_or(0, Vec::len) {
        let ratios = columns.iter().map(|column| &column[row]);
        line(&mut text, columns[0][row].name, ratios.clone().map(Ratio::to_string));
        if ratios.clone().any(|ratio| ratio.rival.is_some()) {
            line(&mut text, "", ratios.map(|ratio| ratio.rival.map_or(String::new(), short)));
        }
    }
    text
}

fn line(text: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let _ = write!(text, "{name:NAME$}");
    for cell in cells {
        let _ = write!(text, "{cell:>COLUMN$}");
    }
    text.push('\n');
}

/// Nanoseconds with a comma at the thousands.
fn nanos(nanos: f64) -> String {
    let digits = format!("{nanos:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A name that fits into a column.
fn short(name: &'static str) -> String {
    name.replace("rayon ", "").replace("inside", "in").chars().take(COLUMN - 1).collect()
}
