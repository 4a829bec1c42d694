//! What a description says about a run: how long it must be, and how wide it can get.

mod antichain;
mod chain;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::chain::Parts;
use crate::structure::{Structure, sound_parent};
use crate::{Description, Kind, Node};

impl<'a> Description<'a> {
    /// The node with this path, such as `facts` or `best.then`.
    ///
    /// ```
    /// # use ember_graph::{Description, Kind, Node};
    /// # let nodes = [Node::__new("facts", "search", Kind::Operator, None, "", true, 3, 9, None)];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &[], &nodes, &[], Some(0));
    /// assert_eq!(answer.node("facts").unwrap().operator, "search");
    /// assert!(answer.node("fact").is_none());
    /// ```
    pub fn node(&self, path: &str) -> Option<&'a Node<'a>> {
        self.nodes.iter().find(|node| node.path == path)
    }

    /// The nodes directly inside of a construct, or the outermost ones for `None`, with their indices, in
    /// source order.
    ///
    /// ```
    /// # use ember_graph::{Description, Kind, Node};
    /// # let nodes = [
    /// #     Node::__new("best", "", Kind::Branch, None, "", false, 3, 9, None),
    /// #     Node::__new("best.then", "judge", Kind::Operator, Some(0), "then", false, 3, 20, None),
    /// #     Node::__new("best.else", "vote", Kind::Operator, Some(0), "else", false, 3, 40, None),
    /// # ];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &[], &nodes, &[], Some(0));
    /// let parts: Vec<_> = answer.children(Some(0)).map(|(_, node)| node.part).collect();
    /// assert_eq!(parts, ["then", "else"]);
    /// assert_eq!(answer.children(None).count(), 1);
    /// ```
    pub fn children(&self, parent: Option<u32>) -> impl Iterator<Item = (u32, &'a Node<'a>)> + use<'a> {
        let parent = parent.map(|parent| parent as usize);
        (0u32..)
            .zip(self.nodes)
            .filter(move |(index, node)| sound_parent(*index as usize, node.parent) == parent)
    }

    /// The longest chain of nodes that wait for each other, in the order in which they run: with enough
    /// threads, no run can be faster than its operators one after another.
    ///
    /// An operator counts one, glue nothing. A construct counts as much as the longest chain inside of it
    /// (one item of a fan-out, one round of a loop, the longest part of a branch) and is followed by that
    /// chain; what a node inside waits for, the whole construct waits for. Of several longest chains it is
    /// one with the fewest nodes, and empty if the graph calls no operator.
    ///
    /// ```
    /// # use ember_graph::{Access, Description, Edge, Kind, Node, Source};
    /// # let op = |path| Node::__new(path, path, Kind::Operator, None, "", false, 1, 1, None);
    /// # let nodes = [op("prompt"), op("search"), op("rank"), op("draft")];
    /// # let edge = |from, to| Edge::__new(Source::Node(from), to, Access::Borrow, "");
    /// # let edges = [edge(1, 2), edge(0, 3), edge(2, 3)];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &[], &nodes, &edges, Some(3));
    /// // `draft` waits for `prompt` and for `rank`, which waits for `search`.
    /// assert_eq!(answer.critical_path(), [1, 2, 3]);
    /// ```
    ///
    /// The time is linear in nodes and edges, apart from sorting the edges and from how deep the ends of an
    /// edge are nested.
    pub fn critical_path(&self) -> Vec<u32> {
        chain::longest(self, Parts::Longest, |_| 1)
    }

    /// The same where operators are not alike: `cost` tells what each adds to a run on average, in any unit. The costs of the
    /// operators on the path add up to what a run takes with enough threads.
    ///
    /// It is asked of operators alone. An operator in a part that every tenth run takes costs a tenth: so all parts of a
    /// branch count together, and the longest chains of all are on the path. Sums beyond [`u64::MAX`] count as that.
    ///
    /// ```
    /// # use ember_graph::{Access, Description, Edge, Kind, Node, Source};
    /// # let op = |path| Node::__new(path, path, Kind::Operator, None, "", false, 1, 1, None);
    /// # let nodes = [op("prompt"), op("search"), op("rank"), op("draft")];
    /// # let edge = |from, to| Edge::__new(Source::Node(from), to, Access::Borrow, "");
    /// # let edges = [edge(1, 2), edge(0, 3), edge(2, 3)];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &[], &nodes, &edges, Some(3));
    /// let millis = [90, 20, 30, 40];
    /// assert_eq!(answer.critical_path_by(|node| millis[node as usize]), [0, 3]);
    /// ```
    pub fn critical_path_by(&self, cost: impl Fn(u32) -> u64) -> Vec<u32> {
        chain::longest(self, Parts::All, cost)
    }

    /// The largest number of operators that may run at once: what a pool needs at most.
    ///
    /// Glue counts nothing. A construct counts as much as its body: the widest part of a branch, one item
    /// of a fan-out (how many items there are, only a run can tell), one round of a loop.
    ///
    /// ```
    /// # use ember_graph::{Access, Description, Edge, Kind, Node, Source};
    /// # let op = |path| Node::__new(path, path, Kind::Operator, None, "", false, 1, 1, None);
    /// # let nodes = [op("prompt"), op("search"), op("rank"), op("draft")];
    /// # let edge = |from, to| Edge::__new(Source::Node(from), to, Access::Borrow, "");
    /// # let edges = [edge(1, 2), edge(0, 3), edge(2, 3)];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &[], &nodes, &edges, Some(3));
    /// assert_eq!(answer.width(), 2);
    /// ```
    ///
    /// The number is exact: the heaviest antichain of the order of each body, by Dilworth's theorem. With
    /// *n* nodes and *m* edges the time is at most *O(n (n + m))*.
    pub fn width(&self) -> usize {
        let structure = Structure::new(self);
        let links = structure.links(self);
        let mut within = vec![Vec::new(); self.nodes.len() + 1];
        for (from, to) in links {
            within[structure.parent(to).map_or(0, |parent| parent + 1)].push((from, to));
        }
        let mut widths = vec![0; self.nodes.len()];
        // A parent stands before its children, so backwards means from the inside out.
        for index in (0..self.nodes.len()).rev() {
            let body = structure.body(Some(index));
            widths[index] = match self.nodes[index].kind {
                Kind::Glue if body.is_empty() => 0,
                Kind::Operator if body.is_empty() => 1,
                Kind::Branch => self.widest_part(body, &within[index + 1], &widths),
                _ => antichain::heaviest(body, &within[index + 1], &widths),
            };
        }
        antichain::heaviest(structure.body(None), &within[0], &widths)
    }

    fn widest_part(&self, body: &[usize], links: &[(usize, usize)], widths: &[usize]) -> usize {
        let mut parts = BTreeMap::<&str, (Vec<usize>, Vec<(usize, usize)>)>::new();
        for &index in body {
            parts.entry(self.nodes[index].part).or_default().0.push(index);
        }
        for &(from, to) in links {
            if self.nodes[from].part == self.nodes[to].part {
                parts.entry(self.nodes[from].part).or_default().1.push((from, to));
            }
        }
        let width = |(nodes, links): &(Vec<_>, Vec<_>)| antichain::heaviest(nodes, links, widths);
        parts.values().map(width).max().unwrap_or(0)
    }
}
