//! A profile as text.

use std::cmp::Reverse;
use std::fmt;
use std::time::Duration;

use super::advice::{FEW, Percent, ratio};
use super::{Counted, Profile, policies};
use crate::observe::values::bounded;
use crate::observe::{Failure, Tally};
use crate::sync::nanos;

/// Nodes in the table and in the list of policies.
const MOST_NODES: usize = 40;
/// Nodes that are said to take the time, and lines of advice.
const MOST_SAID: usize = 8;
/// Nodes of a critical path that are named.
const MOST_NAMED: usize = 12;
/// Bytes of what a failure says, and of its correlation id.
const MOST_TEXT: usize = 240;
const MOST_ID: usize = 80;

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.explanation, f)?;
        let Some(counted) = &self.counted else { return writeln!(f, "no run was counted") };
        counted.runs(f)?;
        let nodes = counted.nodes();
        counted.table(f, &nodes)?;
        counted.path(f)?;
        counted.shares(f)?;
        counted.policies(f, &nodes)?;
        if let Some(failure) = &counted.statistics.last_failure {
            last(f, failure)?;
        }
        counted.advice(f)
    }
}

impl Counted {
    fn runs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = &self.statistics.runs;
        let failed = runs.failed + runs.panicked;
        write!(f, "runs: {}, of which {failed} failed, {} cancelled", runs.started, runs.cancelled)?;
        if runs.running() != 0 {
            write!(f, ", {} running", runs.running())?;
        }
        match (runs.latency.quantile(0.5), runs.latency.quantile(0.99)) {
            (Some(median), Some(high)) => writeln!(f, "; median {median:.1?}, p99 {high:.1?}"),
            _ => writeln!(f),
        }
    }

    /// Those that were called, in source order; of many, those that take most of the time.
    fn nodes(&self) -> Vec<u32> {
        let mut nodes = self.by_time();
        nodes.truncate(MOST_NODES);
        nodes.sort_unstable();
        nodes
    }

    /// All that were called, the longest first.
    fn by_time(&self) -> Vec<u32> {
        let mut nodes: Vec<u32> = (0..)
            .zip(&self.statistics.nodes)
            .filter(|(_, node)| node.started != 0)
            .map(|(node, _)| node)
            .collect();
        nodes.sort_by_key(|&node| Reverse(self.tally(node).latency.sum()));
        nodes
    }

    fn tally(&self, node: u32) -> &Tally {
        &self.statistics.nodes[node as usize]
    }

    fn name(&self, node: u32) -> &'static str {
        self.statistics.description().nodes[node as usize].path
    }

    /// How much of the time of all nodes is that of one.
    fn share(&self, node: u32) -> f64 {
        let all = self
            .statistics
            .nodes
            .iter()
            .fold(0, |sum: u64, node| sum.saturating_add(nanos(node.latency.sum())));
        ratio(nanos(self.tally(node).latency.sum()), all)
    }

    fn table(&self, f: &mut fmt::Formatter<'_>, nodes: &[u32]) -> fmt::Result {
        if nodes.is_empty() {
            return Ok(());
        }
        let width = nodes.iter().map(|&node| self.name(node).chars().count()).max().unwrap_or(0).max(4);
        writeln!(
            f,
            "  {:<width$}{:>9}{:>10}{:>10}{:>9}{:>8}",
            "node", "calls", "median", "p99", "time", "failed"
        )?;
        for &node in nodes {
            let tally = self.tally(node);
            let mark = if self.costs.path.contains(&node) { '*' } else { ' ' };
            write!(f, "{mark} {:<width$}{:>9}", self.name(node), tally.started)?;
            for q in [0.5, 0.99] {
                time(f, tally.latency.quantile(q))?;
            }
            writeln!(f, "{:>9}{:>8}", Percent(self.share(node)), tally.failed + tally.panicked)?;
        }
        let called = self.statistics.nodes.iter().filter(|node| node.started != 0).count();
        if called > nodes.len() {
            writeln!(f, "  and {} more that take less", called - nodes.len())?;
        }
        Ok(())
    }

    fn path(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.costs.path;
        if path.is_empty() {
            return Ok(());
        }
        let mut names: Vec<&str> = path.iter().take(MOST_NAMED).map(|&node| self.name(node)).collect();
        if path.len() > MOST_NAMED {
            names.push("…");
        }
        let [span, work] = [self.costs.span, self.costs.work].map(Duration::from_nanos);
        writeln!(f, "critical path (*): {}, {span:.1?}", names.join(" → "))?;
        let times = ratio(self.costs.work, self.costs.span);
        if times < 1.05 {
            return writeln!(
                f,
                "all nodes of a run: {work:.1?}, with next to nothing that could run beside the path"
            );
        }
        writeln!(
            f,
            "all nodes of a run: {work:.1?}, so in parallel at most {times:.1} times as fast as in order"
        )
    }

    fn shares(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut nodes = self.by_time();
        nodes.truncate(MOST_SAID);
        nodes.retain(|&node| !self.tally(node).latency.sum().is_zero());
        if nodes.is_empty() {
            return Ok(());
        }
        let shares = nodes.iter().map(|&node| format!("{} {}", self.name(node), Percent(self.share(node))));
        writeln!(f, "the time goes to: {}", shares.collect::<Vec<_>>().join(", "))
    }

    fn policies(&self, f: &mut fmt::Formatter<'_>, nodes: &[u32]) -> fmt::Result {
        let said =
            nodes.iter().filter_map(|&node| Some((self.name(node), policies::line(self.tally(node))?)));
        let said: Vec<(&str, String)> = said.collect();
        let Some(width) = said.iter().map(|(name, _)| name.chars().count()).max() else { return Ok(()) };
        writeln!(f, "policies:")?;
        said.iter().try_for_each(|(name, line)| writeln!(f, "  {name:<width$}  {line}"))
    }

    fn advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.advice.is_empty() {
            let few = self.statistics.runs.ended() < FEW;
            let why = if few { "too few runs to say" } else { "nothing stands out" };
            return writeln!(f, "what would help most: {why}");
        }
        writeln!(f, "what would help most:")?;
        self.advice.iter().take(MOST_SAID).try_for_each(|advice| writeln!(f, "  - {advice}"))
    }
}

/// In a column.
fn time(f: &mut fmt::Formatter<'_>, took: Option<Duration>) -> fmt::Result {
    match took {
        Some(took) => write!(f, "{:>10}", format!("{took:.1?}")),
        None => write!(f, "{:>10}", "-"),
    }
}

fn last(f: &mut fmt::Formatter<'_>, failure: &Failure) -> fmt::Result {
    write!(f, "last failure: run {}", failure.run)?;
    if let Some(node) = &failure.node {
        write!(f, ", node {node}")?;
    }
    if !failure.correlation_id.is_empty() {
        write!(f, ", correlation id {}", bounded(MOST_ID, |to| to.write_str(&failure.correlation_id)))?;
    }
    match &failure.text {
        Some(text) => writeln!(f, ": {}", bounded(MOST_TEXT, |to| to.write_str(text))),
        None => writeln!(f),
    }
}
