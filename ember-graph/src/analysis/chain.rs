//! The longest chain: one pass over the nodes of each body, from the innermost bodies outwards.

use std::cmp::Reverse;

use crate::structure::Structure;
use crate::{Description, Kind};

/// Operators on a chain, then how few nodes it has.
type Score = (usize, Reverse<usize>);

pub(super) fn longest(description: &Description<'_>) -> Vec<u32> {
    let structure = Structure::new(description);
    let count = description.nodes.len();
    let mut before = vec![Vec::new(); count];
    for (from, to) in structure.links(description) {
        before[to].push(from);
    }
    // What a node counts by itself, and on the best chain that ends with it.
    let mut own: Vec<Score> =
        description.nodes.iter().map(|node| (usize::from(node.kind == Kind::Operator), Reverse(1))).collect();
    let mut best = own.clone();
    let mut previous = vec![None; count];
    let mut last = vec![None; count + 1];

    for body in (0..=count).rev() {
        let parent = body.checked_sub(1);
        let mut longest: Score = (0, Reverse(0));
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
            if chain > longest {
                (longest, last[body]) = (chain, Some(node));
            }
        }
        if let Some(parent) = parent.filter(|&parent| !structure.body(Some(parent)).is_empty()) {
            own[parent] = sum((0, Reverse(1)), longest);
        }
    }
    unfold(&previous, &last)
}

fn sum(one: Score, other: Score) -> Score {
    (one.0 + other.0, Reverse(one.1.0 + other.1.0))
}

/// Writes out the chain of the outermost body, each construct followed by the chain inside of it.
fn unfold(previous: &[Option<usize>], last: &[Option<usize>]) -> Vec<u32> {
    let mut chain = Vec::new();
    let mut pending: Vec<usize> = Vec::new();
    let mut body = last[0];
    loop {
        // Pushed from the last node to the first, so that the first comes off the stack first.
        while let Some(node) = body {
            pending.push(node);
            body = previous[node];
        }
        let Some(node) = pending.pop() else { return chain };
        chain.extend(u32::try_from(node));
        body = last[node + 1];
    }
}
