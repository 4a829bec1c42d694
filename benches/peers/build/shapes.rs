//! The shapes as lists of predecessors, and what follows from those.

/// A graph without work: `preds[i]` are the nodes whose values node `i` adds up, all smaller than `i`.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) preds: Vec<Vec<usize>>,
}

pub(crate) fn all() -> Vec<Shape> {
    let shapes = vec![
        Shape { name: "chain32", preds: chain(32) },
        Shape { name: "diamond", preds: vec![vec![], vec![0], vec![0], vec![1, 2]] },
        Shape { name: "fan32", preds: fan(32) },
        Shape { name: "tree31", preds: tree(16) },
        Shape { name: "grid8", preds: grid(8) },
        Shape { name: "rand64", preds: random(42, 64, 12) },
    ];
    let edges: Vec<usize> = shapes.iter().map(|shape| shape.preds.iter().map(Vec::len).sum()).collect();
    assert_eq!(edges, [31, 4, 64, 30, 112, 162], "the shapes are those of the published figures");
    shapes
}

fn chain(nodes: usize) -> Vec<Vec<usize>> {
    (0..nodes).map(|i| i.checked_sub(1).into_iter().collect()).collect()
}

fn fan(width: usize) -> Vec<Vec<usize>> {
    let mut preds = vec![vec![]];
    preds.extend((0..width).map(|_| vec![0]));
    preds.push((1..=width).collect());
    preds
}

/// A binary reduction: the leaves, then each level of sums.
fn tree(leaves: usize) -> Vec<Vec<usize>> {
    let mut preds = vec![vec![]; leaves];
    let (mut first, mut width) = (0, leaves);
    while width > 1 {
        let next = preds.len();
        preds.extend((0..width / 2).map(|i| vec![first + 2 * i, first + 2 * i + 1]));
        (first, width) = (next, width / 2);
    }
    preds
}

/// A wavefront: each node needs those above and to its left.
fn grid(side: usize) -> Vec<Vec<usize>> {
    let node = |row: usize, column: usize| {
        let above = row.checked_sub(1).map(|row| row * side + column);
        let left = column.checked_sub(1).map(|column| row * side + column);
        above.into_iter().chain(left).collect()
    };
    (0..side * side).map(|i| node(i / side, i % side)).collect()
}

/// Each node needs one to four of the `window` nodes before it.
fn random(seed: u64, nodes: usize, window: usize) -> Vec<Vec<usize>> {
    let mut state = seed;
    let mut below =
        |bound: usize| usize::try_from(splitmix(&mut state) % bound as u64).expect("a small bound");
    let mut preds = vec![vec![]];
    for i in 1..nodes {
        let first = i.saturating_sub(window);
        let candidates = i - first;
        let count = (1 + below(4)).min(candidates);
        let mut chosen = Vec::new();
        while chosen.len() < count {
            let pred = first + below(candidates);
            if !chosen.contains(&pred) {
                chosen.push(pred);
            }
        }
        chosen.sort_unstable();
        preds.push(chosen);
    }
    preds
}

/// `SplitMix64`: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = *state;
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Shape {
    pub(crate) fn len(&self) -> usize {
        self.preds.len()
    }

    pub(crate) fn succs(&self, node: usize) -> Vec<usize> {
        (node + 1..self.len()).filter(|&other| self.preds[other].contains(&node)).collect()
    }

    pub(crate) fn roots(&self) -> Vec<usize> {
        (0..self.len()).filter(|&node| self.preds[node].is_empty()).collect()
    }

    pub(crate) fn sinks(&self) -> Vec<usize> {
        (0..self.len()).filter(|&node| self.succs(node).is_empty()).collect()
    }

    /// Nodes by the length of the longest way to them.
    pub(crate) fn levels(&self) -> Vec<Vec<usize>> {
        let mut level = vec![0; self.len()];
        for node in 0..self.len() {
            level[node] = self.preds[node].iter().map(|&pred| level[pred] + 1).max().unwrap_or(0);
        }
        let last = level.iter().copied().max().unwrap_or(0);
        (0..=last).map(|l| (0..self.len()).filter(|&node| level[node] == l).collect()).collect()
    }

    /// Each node with the nodes that can only run right behind it, one after the other.
    pub(crate) fn chains(&self) -> Vec<Vec<usize>> {
        let next = |node: usize| match self.succs(node)[..] {
            [only] if self.preds[only].len() == 1 => Some(only),
            _ => None,
        };
        let inner: Vec<usize> = (0..self.len()).filter_map(next).collect();
        (0..self.len())
            .filter(|node| !inner.contains(node))
            .map(|head| std::iter::successors(Some(head), |&node| next(node)).collect())
            .collect()
    }

    /// What a node is given: the sum of its predecessors' values, or the graph's input.
    pub(crate) fn given(&self, node: usize, value: impl Fn(usize) -> String) -> String {
        if self.preds[node].is_empty() { "x".to_owned() } else { sum(&self.preds[node], value) }
    }
}

/// A wrapping sum of nodes' values.
pub(crate) fn sum(nodes: &[usize], value: impl Fn(usize) -> String) -> String {
    let (first, others) = nodes.split_first().expect("a sum of something");
    others.iter().fold(value(*first), |sum, &node| format!("{sum}.wrapping_add({})", value(node)))
}
