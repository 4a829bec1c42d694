//! The tree of nodes and the dependencies between siblings, with malformed data left out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::{Description, Edge, Source};

/// The sound part of a description.
///
/// Invariants: a parent's index is smaller than its child's. Both ends of a link have one parent, and the
/// first has the lower rank: so the order of ranks is a topological order of every body, and no walk can
/// loop.
pub(crate) struct Structure {
    parents: Vec<Option<usize>>,
    depths: Vec<usize>,
    bodies: Vec<Vec<usize>>,
    ranks: Vec<usize>,
}

impl Structure {
    pub(crate) fn new(description: &Description<'_>) -> Self {
        let count = description.nodes.len();
        let mut parents = Vec::with_capacity(count);
        let mut depths = Vec::with_capacity(count);
        for (index, node) in description.nodes.iter().enumerate() {
            let parent = sound_parent(index, node.parent);
            depths.push(parent.map_or(0, |parent| depths[parent] + 1));
            parents.push(parent);
        }
        let mut structure =
            Self { parents, depths, bodies: vec![Vec::new(); count + 1], ranks: vec![0; count] };
        let order = order(count, &structure.sibling_edges(description));
        for (rank, &node) in order.iter().enumerate() {
            structure.ranks[node] = rank;
            let parent = structure.parents[node];
            structure.bodies[parent.map_or(0, |parent| parent + 1)].push(node);
        }
        structure
    }

    pub(crate) fn parent(&self, node: usize) -> Option<usize> {
        self.parents[node]
    }

    /// The place of a node in an order in which all could run.
    pub(crate) fn rank(&self, node: usize) -> usize {
        self.ranks[node]
    }

    /// The nodes directly inside of a construct, or of the graph, by rank: in source order, but for those
    /// that wait for a later one.
    pub(crate) fn body(&self, of: Option<usize>) -> &[usize] {
        &self.bodies[of.map_or(0, |node| node + 1)]
    }

    /// The two siblings that hold `from` and `to`; none where one holds the other.
    pub(crate) fn siblings(&self, mut from: usize, mut to: usize) -> Option<(usize, usize)> {
        while self.depths[from] > self.depths[to] {
            from = self.parents[from]?;
        }
        while self.depths[to] > self.depths[from] {
            to = self.parents[to]?;
        }
        if from == to {
            return None;
        }
        while self.parents[from] != self.parents[to] {
            from = self.parents[from]?;
            to = self.parents[to]?;
        }
        Some((from, to))
    }

    /// The dependencies between siblings: an edge into or out of a construct counts for the construct.
    /// Sorted by the node that waits, each pair once; without the edges that close a cycle.
    pub(crate) fn links(&self, description: &Description<'_>) -> Vec<(usize, usize)> {
        let mut links = self.sibling_edges(description);
        links.retain(|&(from, to)| self.ranks[from] < self.ranks[to]);
        links
    }

    fn sibling_edges(&self, description: &Description<'_>) -> Vec<(usize, usize)> {
        let mut edges: Vec<_> = description
            .edges
            .iter()
            .filter_map(|edge| self.sound_ends(edge))
            .filter_map(|(from, to)| self.siblings(from, to))
            .collect();
        edges.sort_unstable_by_key(|&(from, to)| (to, from));
        edges.dedup();
        edges
    }

    fn sound_ends(&self, edge: &Edge<'_>) -> Option<(usize, usize)> {
        let Source::Node(from) = edge.from else { return None };
        let (from, to) = (from as usize, edge.to as usize);
        (from.max(to) < self.parents.len()).then_some((from, to))
    }
}

/// All nodes in a topological order, those that come first in the source as early as possible. Of a cycle,
/// the first node does not wait.
fn order(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut after = vec![Vec::new(); count];
    let mut waiting = vec![0_usize; count];
    for &(from, to) in edges {
        after[from].push(to);
        waiting[to] += 1;
    }
    let mut ready: BinaryHeap<_> = (0..count).filter(|&node| waiting[node] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(count);
    let mut done = vec![false; count];
    let mut first_left = 0;
    while order.len() < count {
        let node = ready.pop().map_or_else(
            || {
                while done[first_left] {
                    first_left += 1;
                }
                first_left
            },
            |Reverse(node)| node,
        );
        if std::mem::replace(&mut done[node], true) {
            continue;
        }
        order.push(node);
        for &next in &after[node] {
            waiting[next] = waiting[next].saturating_sub(1);
            if waiting[next] == 0 {
                ready.push(Reverse(next));
            }
        }
    }
    order
}

/// The parent of a node as an index, if it is an earlier node.
pub(crate) fn sound_parent(index: usize, parent: Option<u32>) -> Option<usize> {
    parent.map(|parent| parent as usize).filter(|&parent| parent < index)
}
