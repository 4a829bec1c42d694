//! Where the time of a graph goes: what was counted of its runs, laid upon its edges.
//!
//! In reading order: `costs` has what nodes cost a run, and the critical path; `advice` the rules; `display` all of it as
//! text, with the lines of `policies`.

mod advice;
mod costs;
mod display;
mod policies;

#[cfg(all(test, not(loom)))]
mod tests;

use std::time::Duration;

use ember_graph::Node;

pub use self::advice::Advice;

use self::costs::Costs;
use super::{GraphStatistics, Statistics};
use crate::explain::Explanation;

/// A graph with what its runs did, where their time went, and what would help: given by
/// [`Explanation::with`], as in `graph::explain().with(&statistics)`.
///
/// As text it is for a person to read: the explanation, the runs, each node with its calls, how long half of them took at most
/// (median), and 99 of 100 (p99), its share of the time of all nodes, and its failures; the critical path, where the time
/// goes, what policies did, the last failure, and advice. It has up to 40 nodes, those that take most of the time, in source
/// order, and up to 8 lines of advice. What failures say is bounded, and without control characters.
///
/// A node *costs* a run its median times how often a run calls it. On the critical path one item of a `for` counts, as items
/// run beside each other; in a part of a branch that is seldom taken a node costs little. So the path holds where medians are
/// typical; [`Timeline::critical_path`](super::Timeline::critical_path) has that of one run.
///
/// It is of the moment when it was made.
#[derive(Clone, Debug)]
pub struct Profile {
    explanation: Explanation,
    counted: Option<Counted>,
}

#[derive(Clone, Debug)]
struct Counted {
    statistics: GraphStatistics,
    costs: Costs,
    advice: Vec<Advice>,
}

impl Profile {
    pub(crate) fn new(explanation: Explanation, statistics: &Statistics) -> Self {
        let counted = statistics.of(explanation.description()).map(|statistics| {
            let costs = Costs::new(&statistics);
            let advice = advice::advise(&statistics, &costs, explanation.strategy());
            Counted { statistics, costs, advice }
        });
        Self { explanation, counted }
    }

    /// The way that the next run would take, and why.
    pub fn explanation(&self) -> &Explanation {
        &self.explanation
    }

    /// What was counted; nothing if no run was.
    pub fn statistics(&self) -> Option<&GraphStatistics> {
        self.counted.as_ref().map(|counted| &counted.statistics)
    }

    /// The chain of nodes that costs most, in the order in which they run. Empty if none has ended.
    pub fn critical_path(&self) -> impl Iterator<Item = &'static Node<'static>> {
        let (nodes, counted) = (self.explanation.description().nodes, self.counted.as_ref());
        counted
            .into_iter()
            .flat_map(move |counted| counted.costs.path.iter().map(move |&node| &nodes[node as usize]))
    }

    /// What the nodes of the critical path cost together: with threads enough, the least that a run takes.
    pub fn span(&self) -> Duration {
        Duration::from_nanos(self.counted.as_ref().map_or(0, |counted| counted.costs.span))
    }

    /// What all nodes cost a run together: what it takes in order.
    pub fn work(&self) -> Duration {
        Duration::from_nanos(self.counted.as_ref().map_or(0, |counted| counted.costs.work))
    }

    /// What would help most. Of bounds on the whole run there is one at most, which stands first; then come nodes, those
    /// that take most of the time first. Empty if no rule applies, or with fewer than 20 runs.
    pub fn advice(&self) -> &[Advice] {
        self.counted.as_ref().map_or(&[], |counted| &counted.advice)
    }
}
