//! The critical path of random runs of random graphs.

use std::collections::BTreeMap;

use ember_graph::{Access, Description, Edge, Kind, Node, Source};
use proptest::prelude::*;

use crate::observe::timeline::critical::{Ran, chain};
use crate::observe::timeline::recording::Moment;

/// A node of a random graph: its kind, where its construct is and which nodes before it waits for, as far as both can be.
#[derive(Clone, Debug)]
struct Made {
    kind: Kind,
    around: Option<prop::sample::Index>,
    waits: Vec<prop::sample::Index>,
    takes: u64,
    delay: u64,
}

fn made() -> impl Strategy<Value = Made> {
    let kind = prop_oneof![
        6 => Just(Kind::Operator),
        2 => Just(Kind::Glue),
        1 => Just(Kind::FanOut),
        1 => Just(Kind::Branch),
        1 => Just(Kind::Loop),
    ];
    let waits = prop::collection::vec(any::<prop::sample::Index>(), 0..3);
    (kind, prop::option::of(any::<prop::sample::Index>()), waits, 0..5_u64, 0..3_u64)
        .prop_map(|(kind, around, waits, takes, delay)| Made { kind, around, waits, takes, delay })
}

/// What a random graph is: by node, its kind, its parent and the nodes it waits for.
struct Graph {
    kinds: Vec<Kind>,
    parents: Vec<Option<usize>>,
    waits: Vec<Vec<usize>>,
}

impl Graph {
    /// Constructs stand before their nodes, which follow each other without a gap.
    fn new(made: &[Made]) -> Self {
        let (mut kinds, mut parents, mut waits) = (Vec::new(), Vec::new(), Vec::new());
        let mut open: Vec<usize> = Vec::new();
        for (at, node) in made.iter().enumerate() {
            match node.around {
                Some(around) => open.truncate(around.index(open.len() + 1)),
                None => open.clear(),
            }
            let parent = open.last().copied();
            // Edges come from the same body or from one around it.
            let can: Vec<usize> = (0..at)
                .filter(|&from| {
                    let home: Option<usize> = parents[from];
                    home.is_none() || open.contains(&home.unwrap())
                })
                .filter(|from| !open.contains(from))
                .collect();
            let from = node.waits.iter().filter(|_| !can.is_empty()).map(|wait| can[wait.index(can.len())]);
            waits.push(from.collect());
            kinds.push(node.kind);
            parents.push(parent);
            if matches!(node.kind, Kind::FanOut | Kind::Branch | Kind::Loop) {
                open.push(at);
            }
        }
        Self { kinds, parents, waits }
    }

    fn around(&self, node: usize) -> Vec<usize> {
        std::iter::successors(self.parents[node], |&around| self.parents[around]).collect()
    }

    fn depth(&self, node: usize) -> usize {
        let around = self.around(node);
        around.iter().filter(|&&around| matches!(self.kinds[around], Kind::FanOut | Kind::Loop)).count()
    }

    /// All instances of a node, if each `for` has two items and each `loop` takes two turns.
    fn instances(&self, node: usize) -> Vec<Vec<usize>> {
        let depth = self.depth(node);
        (0..1_usize << depth).map(|bits| (0..depth).rev().map(|at| bits >> at & 1).collect()).collect()
    }

    /// The slow one: what an instance of any node, constructs and glue included, waits for directly.
    fn waits_for(&self, node: usize, indices: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let mut all = Vec::new();
        for &from in &self.waits[node] {
            all.push((from, indices[..self.depth(from)].to_vec()));
        }
        if let Some(parent) = self.parents[node] {
            all.extend(self.waits_for(parent, &indices[..self.depth(parent)]));
            if self.kinds[parent] == Kind::Loop && indices[self.depth(parent)] > 0 {
                let mut before = indices[..=self.depth(parent)].to_vec();
                before[self.depth(parent)] -= 1;
                for inner in (0..self.kinds.len()).filter(|&inner| self.around(inner).contains(&parent)) {
                    let instances = self.instances(inner).into_iter().filter(|of| of.starts_with(&before));
                    all.extend(instances.map(|instance| (inner, instance)));
                }
            }
        }
        all
    }

    /// What is in an instance of a construct.
    fn body(&self, node: usize, indices: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let inner = (0..self.kinds.len()).filter(|&inner| self.around(inner).contains(&node));
        inner
            .flat_map(|inner| self.instances(inner).into_iter().map(move |instance| (inner, instance)))
            .filter(|(_, instance)| instance.starts_with(indices))
            .collect()
    }

    /// The instances of operators that one waits for, through what is none.
    fn operators_before(&self, node: usize, indices: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let mut found = Vec::new();
        let mut looked = Vec::new();
        let mut next = self.waits_for(node, indices);
        while let Some((node, indices)) = next.pop() {
            if looked.contains(&(node, indices.clone())) {
                continue;
            }
            looked.push((node, indices.clone()));
            if self.kinds[node] == Kind::Operator {
                found.push((node, indices));
                continue;
            }
            next.extend(self.body(node, &indices));
            next.extend(self.waits_for(node, &indices));
        }
        found
    }

    fn with<R>(&self, f: impl FnOnce(&Description<'_>) -> R) -> R {
        let nodes: Vec<Node<'_>> = (0..self.kinds.len())
            .map(|at| {
                let parent = self.parents[at].map(|parent| u32::try_from(parent).unwrap());
                Node::__new("node", "operator", self.kinds[at], parent, "", false, 1, 1, None)
            })
            .collect();
        let edges: Vec<Edge<'_>> = (0_u32..)
            .zip(&self.waits)
            .flat_map(|(to, waits)| waits.iter().map(move |&from| (u32::try_from(from).unwrap(), to)))
            .map(|(from, to)| Edge::__new(Source::Node(from), to, Access::Borrow, "value"))
            .collect();
        f(&Description::__new("graph", "file", 1, &[], &nodes, &edges, None))
    }
}

/// A run in which each node starts somewhat later than it could.
fn run(graph: &Graph, made: &[Made]) -> Vec<Ran> {
    fn end(
        graph: &Graph,
        made: &[Made],
        node: usize,
        indices: Vec<usize>,
        ends: &mut BTreeMap<(usize, Vec<usize>), (u64, u64)>,
    ) -> u64 {
        if let Some((_, end)) = ends.get(&(node, indices.clone())) {
            return *end;
        }
        let before = graph.operators_before(node, &indices);
        let ready = before.into_iter().map(|(node, indices)| end(graph, made, node, indices, ends)).max();
        let start = ready.unwrap_or(0) + made[node].delay;
        let over = start + made[node].takes;
        ends.insert((node, indices), (start, over));
        over
    }
    let mut ends = BTreeMap::new();
    for node in (0..made.len()).filter(|&node| graph.kinds[node] == Kind::Operator) {
        for instance in graph.instances(node) {
            end(graph, made, node, instance, &mut ends);
        }
    }
    // An order of events in which each node starts when those before it have ended: by time, and by line at the same time.
    let mut all: Vec<_> = ends.into_iter().collect();
    all.sort_by_key(|((node, indices), (start, over))| (*start, *over, *node, indices.clone()));
    let mut ran = Vec::new();
    let mut done: Vec<((usize, Vec<usize>), u64)> = Vec::new();
    let mut place = 0;
    while !all.is_empty() {
        let ready = all
            .iter()
            .position(|((node, indices), _)| {
                let before = graph.operators_before(*node, indices);
                before.iter().all(|before| done.iter().any(|(done, _)| done == before))
            })
            .expect("nothing waits for itself");
        let ((node, indices), (start, over)) = all.remove(ready);
        ran.push(Ran {
            node: u32::try_from(node).unwrap(),
            indices: indices.clone(),
            started: Moment { at: start, place },
            ended: Moment { at: over, place: place + 1 },
        });
        place += 2;
        done.push(((node, indices), over));
    }
    ran
}

#[test]
fn a_turn_waits_for_what_glue_of_the_one_before_has_waited_for() {
    let takes = |kind, takes| Made { kind, around: None, waits: Vec::new(), takes, delay: 0 };
    let made =
        [takes(Kind::Operator, 5), takes(Kind::Loop, 0), takes(Kind::Operator, 1), takes(Kind::Glue, 0)];
    let graph = Graph {
        kinds: made.iter().map(|made| made.kind).collect(),
        parents: vec![None, None, Some(1), Some(1)],
        waits: vec![vec![], vec![], vec![], vec![0]],
    };
    let ran = run(&graph, &made);
    let path = graph.with(|description| chain(description, &ran));
    let path: Vec<_> = path.iter().map(|&at| (ran[at].node, &*ran[at].indices)).collect();
    assert_eq!(path, [(0, &[][..]), (2, &[1])]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_critical_path_is_a_path_of_the_graph_whose_parts_add_up(made in prop::collection::vec(made(), 1..9)) {
        let graph = Graph::new(&made);
        prop_assume!((0..made.len()).all(|node| graph.depth(node) <= 3));
        let ran = run(&graph, &made);
        let path = graph.with(|description| chain(description, &ran));
        prop_assert_eq!(path.is_empty(), ran.is_empty());
        let Some(&last) = path.last() else { return Ok(()) };
        prop_assert_eq!(ran[last].ended.at, ran.iter().map(|ran| ran.ended.at).max().unwrap());

        let key = |at: usize| (ran[at].node as usize, ran[at].indices.clone());
        let mut sum = ran[path[0]].started.at;
        for (at, &this) in path.iter().enumerate() {
            let (node, indices) = key(this);
            let before = graph.operators_before(node, &indices);
            if at == 0 {
                prop_assert!(before.is_empty(), "{:?} waited for {:?}", key(this), before);
            } else {
                let previous = path[at - 1];
                prop_assert!(before.contains(&key(previous)), "{:?} did not wait for {:?}", key(this), key(previous));
                let ends = ran.iter().filter(|ran| before.contains(&(ran.node as usize, ran.indices.clone())));
                prop_assert_eq!(ran[previous].ended.at, ends.map(|ran| ran.ended.at).max().unwrap());
                sum += ran[this].started.at - ran[previous].ended.at;
            }
            sum += ran[this].ended.at - ran[this].started.at;
        }
        prop_assert_eq!(sum, ran[last].ended.at);
    }

    #[test]
    fn a_description_that_makes_no_sense_does_no_harm(
        parents in prop::collection::vec(prop::option::of(0..12_u32), 1..8),
        edges in prop::collection::vec((0..12_u32, 0..12_u32), 0..12),
        ran in prop::collection::vec((0..12_u32, prop::collection::vec(0..3_usize, 0..3), 0..9_u64, 0..9_u64), 0..12),
    ) {
        let kinds = [Kind::Operator, Kind::Glue, Kind::FanOut, Kind::Loop];
        let nodes: Vec<Node<'_>> = parents
            .iter()
            .enumerate()
            .map(|(at, parent)| Node::__new("node", "operator", kinds[at % 4], *parent, "", false, 1, 1, None))
            .collect();
        let edges: Vec<Edge<'_>> =
            edges.iter().map(|(from, to)| Edge::__new(Source::Node(*from), *to, Access::Take, "")).collect();
        let ran: Vec<Ran> = ran
            .into_iter()
            .zip(0..)
            .map(|((node, indices, start, took), place)| Ran {
                node,
                indices,
                started: Moment { at: start, place: 2 * place },
                ended: Moment { at: start + took, place: 2 * place + 1 },
            })
            .collect();
        let description = Description::__new("graph", "file", 1, &[], &nodes, &edges, None);
        let path = chain(&description, &ran);
        prop_assert!(path.windows(2).all(|pair| ran[pair[0]].ended.at <= ran[pair[1]].started.at));
    }
}
