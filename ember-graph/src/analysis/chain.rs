//! The longest chain: one pass over the nodes of each body, from the innermost bodies outwards.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter;

use crate::structure::Structure;
use crate::{Description, Kind, Node};

/// What the operators on a chain cost, then how few nodes it has.
type Score = (u64, Reverse<usize>);

/// What the parts of a branch, of which one runs, count together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// As much as the longest.
    Longest,
    /// As much as all, where costs are averages over runs.
    All,
}

pub(super) fn longest(description: &Description<'_>, parts: Parts, cost: impl Fn(u32) -> u64) -> Vec<u32> {
    let structure = Structure::new(description);
    let count = description.nodes.len();
    let mut before = vec![Vec::new(); count];
    for (from, to) in structure.links(description) {
        before[to].push(from);
    }
    let counts =
        |(number, node): (u32, &Node<'_>)| if node.kind == Kind::Operator { cost(number) } else { 0 };
    // What a node counts by itself, and on the best chain that ends with it.
    let mut own: Vec<Score> = (0..).zip(description.nodes).map(|node| (counts(node), Reverse(1))).collect();
    let mut best = own.clone();
    let mut previous = vec![None; count];
    // Where the chains of each body end: one, or one for each part.
    let mut ends = vec![Vec::new(); count + 1];

    for body in (0..=count).rev() {
        let parent = body.checked_sub(1);
        let is_in_parts = parts == Parts::All
            && parent.is_some_and(|parent| description.nodes[parent].kind == Kind::Branch);
        let mut longest = BTreeMap::<&str, (Score, usize)>::new();
        for &node in structure.body(parent) {
            let mut chain = own[node];
            for &earlier in &before[node] {
                let longer = sum(best[earlier], own[node]);
                // A chain of nothing but glue leads nowhere: start at this node instead.
                if longer > chain {
                    (chain, previous[node]) = (longer, Some(earlier));
                }
            }
            best[node] = chain;
            let part = if is_in_parts { description.nodes[node].part } else { "" };
            // What costs nothing is no chain.
            if chain > longest.get(part).map_or((0, Reverse(0)), |&(other, _)| other) {
                longest.insert(part, (chain, node));
            }
        }
        if let Some(parent) = parent.filter(|&parent| !structure.body(Some(parent)).is_empty()) {
            own[parent] = longest.values().fold((0, Reverse(1)), |all, &(chain, _)| sum(all, chain));
        }
        ends[body].extend(longest.into_values().map(|(_, node)| node));
        ends[body].sort_unstable();
    }
    unfold(&previous, &ends)
}

fn sum(one: Score, other: Score) -> Score {
    (one.0.saturating_add(other.0), Reverse(one.1.0 + other.1.0))
}

/// Writes out the chain of the outermost body, each construct followed by the chains inside of it.
fn unfold(previous: &[Option<usize>], ends: &[Vec<usize>]) -> Vec<u32> {
    let mut chain = Vec::new();
    let mut pending: Vec<usize> = Vec::new();
    let mut body = 0;
    loop {
        // Pushed from the last node to the first, so that the first comes off the stack first.
        for &end in ends[body].iter().rev() {
            pending.extend(iter::successors(Some(end), |&node| previous[node]));
        }
        let Some(node) = pending.pop() else { return chain };
        chain.extend(u32::try_from(node));
        body = node + 1;
    }
}
