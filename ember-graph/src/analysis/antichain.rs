//! The heaviest set of nodes none of which waits for another.
//!
//! By Dilworth's theorem it weighs as much as the fewest chains that cover every node as often as its
//! weight says, and those follow from a maximum matching of ends of chains with beginnings (Fulkerson,
//! "Note on Dilworth's decomposition theorem for partially ordered sets", 1956). The matching is over the
//! transitive closure, which is never built: a path through a node in the flow network stands for it.
//! The flow is found by Dinic's algorithm.

use std::collections::{HashMap, VecDeque};

const SOURCE: usize = 0;
const SINK: usize = 1;

/// `weights` and `links` speak of the indices in `nodes`.
pub(super) fn heaviest(nodes: &[usize], links: &[(usize, usize)], weights: &[usize]) -> usize {
    let total: usize = nodes.iter().map(|&node| weights[node]).sum();
    if links.is_empty() {
        return total;
    }
    let places: HashMap<usize, usize> = nodes.iter().copied().zip(0..).collect();
    let mut network = Network::new(2 + 2 * nodes.len());
    for (place, &node) in nodes.iter().enumerate() {
        network.arc(SOURCE, end(place), weights[node]);
        network.arc(beginning(place), SINK, weights[node]);
        network.arc(beginning(place), end(place), usize::MAX);
    }
    for (from, to) in links {
        if let (Some(&from), Some(&to)) = (places.get(from), places.get(to)) {
            network.arc(end(from), beginning(to), usize::MAX);
        }
    }
    total - network.maximum_flow()
}

fn end(place: usize) -> usize {
    2 + 2 * place
}

fn beginning(place: usize) -> usize {
    3 + 2 * place
}

/// An arc and its opposite stand side by side: the opposite of arc `i` is `i ^ 1`.
struct Network {
    heads: Vec<usize>,
    capacities: Vec<usize>,
    arcs: Vec<Vec<usize>>,
}

impl Network {
    fn new(vertices: usize) -> Self {
        Self { heads: Vec::new(), capacities: Vec::new(), arcs: vec![Vec::new(); vertices] }
    }

    fn arc(&mut self, from: usize, to: usize, capacity: usize) {
        for (tail, head, capacity) in [(from, to, capacity), (to, from, 0)] {
            self.arcs[tail].push(self.heads.len());
            self.heads.push(head);
            self.capacities.push(capacity);
        }
    }

    fn maximum_flow(&mut self) -> usize {
        let mut flow = 0;
        while let Some(levels) = self.levels() {
            let mut untried = vec![0; self.arcs.len()];
            loop {
                let pushed = self.push(&levels, &mut untried);
                if pushed == 0 {
                    break;
                }
                flow += pushed;
            }
        }
        flow
    }

    /// How far each vertex is from the source; none once the sink is out of reach.
    fn levels(&self) -> Option<Vec<usize>> {
        let mut levels = vec![usize::MAX; self.arcs.len()];
        levels[SOURCE] = 0;
        let mut queue = VecDeque::from([SOURCE]);
        while let Some(vertex) = queue.pop_front() {
            for &arc in &self.arcs[vertex] {
                let head = self.heads[arc];
                if self.capacities[arc] > 0 && levels[head] == usize::MAX {
                    levels[head] = levels[vertex] + 1;
                    queue.push_back(head);
                }
            }
        }
        (levels[SINK] != usize::MAX).then_some(levels)
    }

    /// Sends flow along one shortest path and says how much. The path is a stack rather than recursion,
    /// because it can be as long as the graph.
    fn push(&mut self, levels: &[usize], untried: &mut [usize]) -> usize {
        let mut path: Vec<usize> = Vec::new();
        let mut vertex = SOURCE;
        while vertex != SINK {
            if let Some(&arc) = self.arcs[vertex].get(untried[vertex]) {
                let head = self.heads[arc];
                if self.capacities[arc] > 0 && levels[head] == levels[vertex] + 1 {
                    path.push(arc);
                    vertex = head;
                } else {
                    untried[vertex] += 1;
                }
            } else if let Some(arc) = path.pop() {
                vertex = self.heads[arc ^ 1];
                untried[vertex] += 1;
            } else {
                return 0;
            }
        }
        let amount = path.iter().map(|&arc| self.capacities[arc]).min().unwrap_or(0);
        for arc in path {
            // An arc without bound stays so; its opposite never holds more than the finite flow.
            if self.capacities[arc] != usize::MAX {
                self.capacities[arc] -= amount;
            }
            if self.capacities[arc ^ 1] != usize::MAX {
                self.capacities[arc ^ 1] += amount;
            }
        }
        amount
    }
}
