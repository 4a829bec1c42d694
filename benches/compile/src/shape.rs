//! The shapes of graphs: which nodes each node takes its values from.

use std::fmt;

/// How many nodes a layer of a layered graph has.
const WIDTH: usize = 16;

/// A family of graphs of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One after the other.
    Chain,
    /// One, and all others behind it side by side.
    Fan,
    /// A fork, two halves of the same kind side by side, and a join.
    SeriesParallel,
    /// Layers of 16; each node takes two values of the layer before.
    Layered,
    /// A chain, and beside each of its nodes a leg that nothing else waits for.
    Caterpillar,
}

impl Shape {
    pub(crate) const ALL: [Self; 5] =
        [Self::Chain, Self::Fan, Self::SeriesParallel, Self::Layered, Self::Caterpillar];

    /// The name on the command line and in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Fan => "fan",
            Self::SeriesParallel => "series-parallel",
            Self::Layered => "layered",
            Self::Caterpillar => "caterpillar",
        }
    }

    /// For each node the earlier nodes that it uses; those without any use the input.
    pub(crate) fn nodes(self, size: usize) -> Vec<Vec<usize>> {
        match self {
            Self::Chain => (0..size).map(|i| i.checked_sub(1).into_iter().collect()).collect(),
            Self::Fan => (0..size).map(|i| if i == 0 { vec![] } else { vec![0] }).collect(),
            Self::SeriesParallel => {
                let mut nodes = Vec::with_capacity(size);
                fork(&mut nodes, None, size);
                nodes
            }
            Self::Layered => (0..size).map(layered).collect(),
            Self::Caterpillar => (0..size)
                .map(|i| match i {
                    0 => vec![],
                    leg if leg % 2 == 1 => vec![leg - 1],
                    spine => vec![spine - 2],
                })
                .collect(),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Adds `size` nodes behind `from`, in series and side by side; gives the last one.
fn fork(nodes: &mut Vec<Vec<usize>>, mut from: Option<usize>, size: usize) -> Option<usize> {
    if size < 4 {
        for _ in 0..size {
            nodes.push(from.into_iter().collect());
            from = Some(nodes.len() - 1);
        }
        return from;
    }
    nodes.push(from.into_iter().collect());
    let top = Some(nodes.len() - 1);
    let inner = size - 2;
    let left = fork(nodes, top, inner / 2);
    let right = fork(nodes, top, inner - inner / 2);
    nodes.push(left.into_iter().chain(right).collect());
    Some(nodes.len() - 1)
}

/// Two different nodes of the layer before, in a pattern that no series-parallel graph has.
fn layered(i: usize) -> Vec<usize> {
    let (layer, place) = (i / WIDTH, i % WIDTH);
    if layer == 0 {
        return vec![];
    }
    let before = (layer - 1) * WIDTH;
    let stride = 1 + layer * 5 % (WIDTH - 1);
    vec![before + place, before + (place + stride) % WIDTH]
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn shapes_have_their_size_and_only_look_back() {
        for shape in Shape::ALL {
            for size in [1, 2, 16, 64, 255, 1024] {
                let nodes = shape.nodes(size);
                assert_eq!(nodes.len(), size, "{shape}");
                for (i, uses) in nodes.iter().enumerate() {
                    assert!(uses.iter().all(|&used| used < i), "{shape}: {i} uses {uses:?}");
                    assert!(uses.len() < 2 || uses[0] != uses[1], "{shape}: {i} uses one twice");
                }
            }
        }
    }
}
