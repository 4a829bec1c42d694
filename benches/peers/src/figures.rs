//! What was measured.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::sampling::median;
use crate::workload::{Mode, Workload};

/// Which system ran what.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    shape: &'static str,
    /// Microseconds a node, in bits: keys are compared as they were typed.
    micros: u64,
    is_cold: bool,
    system: &'static str,
}

impl Key {
    pub(crate) fn new(workload: &Workload, system: &'static str) -> Self {
        Self {
            shape: workload.shape.name,
            micros: workload.micros.to_bits(),
            is_cold: workload.mode == Mode::Cold,
            system,
        }
    }
}

/// The figure of each round.
#[derive(Default)]
struct Figure {
    quiet: Vec<f64>,
    noisy: Vec<f64>,
}

#[derive(Default)]
pub(crate) struct Figures(HashMap<Key, Figure>);

impl Figures {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(&mut self, key: Key, nanos: f64, is_quiet: bool) {
        let figure = self.0.entry(key).or_default();
        if is_quiet { &mut figure.quiet } else { &mut figure.noisy }.push(nanos);
    }

    /// The median over the rounds; over noisy ones only if there was no other.
    pub(crate) fn get(&self, workload: &Workload, system: &'static str) -> Option<f64> {
        let figure = self.0.get(&Key::new(workload, system))?;
        let rounds = if figure.quiet.is_empty() { &figure.noisy } else { &figure.quiet };
        Some(median(&mut rounds.clone()))
    }

    /// The share of slots in which two cores were free.
    pub(crate) fn quiet_share(&self) -> f64 {
        let count = |of: fn(&Figure) -> usize| self.0.values().map(of).sum::<usize>() as f64;
        let quiet = count(|figure| figure.quiet.len());
        quiet / (quiet + count(|figure| figure.noisy.len()))
    }

    /// A line for each figure of each round.
    pub(crate) fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "shape,micros,mode,system,quiet,nanos")?;
        let mut lines: Vec<String> = Vec::new();
        for (key, figure) in &self.0 {
            let Key { shape, micros, is_cold, system } = *key;
            let (micros, mode) =
                (f64::from_bits(micros), if is_cold { Mode::Cold } else { Mode::Hot }.name());
            for (rounds, is_quiet) in [(&figure.quiet, true), (&figure.noisy, false)] {
                let line = |nanos| format!("{shape},{micros},{mode},\"{system}\",{is_quiet},{nanos:.1}");
                lines.extend(rounds.iter().map(line));
            }
        }
        lines.sort_unstable();
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}
