//! What nodes cost a run, and the chain of them that no run can be faster than.
//!
//! Work and span are those of Blumofe and Leiserson ("Scheduling Multithreaded Computations by Work Stealing", JACM 1999):
//! with threads enough, a run is at most as many times faster than in order as the one holds the other.

use std::time::Duration;

use ember_graph::{Description, Kind};

use crate::observe::{GraphStatistics, Tally};
use crate::sync::nanos;

/// In nanoseconds.
#[derive(Clone, Debug)]
pub(super) struct Costs {
    description: &'static Description<'static>,
    /// What each node costs a run in order.
    in_order: Vec<u64>,
    /// What it adds to a run on a chain: of the items of a `for`, which run beside each other, one counts.
    on_chain: Vec<u64>,
    pub(super) path: Vec<u32>,
    pub(super) work: u64,
    pub(super) span: u64,
}

impl Costs {
    pub(super) fn new(of: &GraphStatistics) -> Self {
        let description = of.description();
        let runs = of.runs.started.max(1);
        let in_order: Vec<u64> =
            of.nodes.iter().map(|node| times(median(node), node.latency.count(), runs)).collect();
        let on_chain: Vec<u64> = (0..)
            .zip(&of.nodes)
            .zip(&in_order)
            .map(
                |((number, node), &cost)| {
                    if is_item(description, number) { cost.min(median(node)) } else { cost }
                },
            )
            .collect();
        let work = in_order.iter().fold(0, |sum: u64, cost| sum.saturating_add(*cost));
        let mut costs = Self { description, in_order, on_chain, path: Vec::new(), work, span: 0 };
        (costs.path, costs.span) = costs.chain(None);
        // Constructs and glue cost nothing.
        costs.path.retain(|&node| costs.on_chain[node as usize] != 0);
        costs
    }

    pub(super) fn in_order(&self, node: u32) -> u64 {
        self.in_order.get(node as usize).copied().unwrap_or(0)
    }

    pub(super) fn on_chain(&self, node: u32) -> u64 {
        self.on_chain.get(node as usize).copied().unwrap_or(0)
    }

    /// How long the longest chain would be if one node cost nothing.
    pub(super) fn span_without(&self, node: u32) -> u64 {
        self.chain(Some(node)).1
    }

    fn chain(&self, without: Option<u32>) -> (Vec<u32>, u64) {
        let cost = |node| if Some(node) == without { 0 } else { self.on_chain(node) };
        let path = self.description.critical_path_by(cost);
        let operators =
            path.iter().filter(|&&node| self.description.nodes[node as usize].kind == Kind::Operator);
        let length = operators.fold(0, |sum: u64, &node| sum.saturating_add(cost(node)));
        (path, length)
    }
}

/// The median of what calls took, 0 without one.
pub(super) fn median(of: &Tally) -> u64 {
    nanos(of.latency.quantile(0.5).unwrap_or(Duration::ZERO))
}

/// What so many calls cost each of so many runs.
fn times(cost: u64, calls: u64, runs: u64) -> u64 {
    u64::try_from(u128::from(cost) * u128::from(calls) / u128::from(runs)).unwrap_or(u64::MAX)
}

/// Whether a node is called for items of a `for`.
fn is_item(description: &Description<'_>, node: u32) -> bool {
    // Each parent stands before its children; what else is written there is no parent.
    let mut at = node;
    while let Some(parent) =
        description.nodes.get(at as usize).and_then(|node| node.parent).filter(|&parent| parent < at)
    {
        if description.nodes[parent as usize].kind == Kind::FanOut {
            return true;
        }
        at = parent;
    }
    false
}
