//! The chain of nodes that determined when a run ended.
//!
//! This is the critical path of what happened, as in critical path analysis of program activity graphs (Yang and Miller,
//! "Critical Path Analysis for the Execution of Parallel and Distributed Programs", ICDCS 1988): it is followed backwards, from
//! the node that ended last to the one that ended last among those it waited for, and so on to a node that waited for none.
//! Each node is at work after the one before it in the chain has ended; so what each took, and the gaps between, make up the
//! run's duration.
//!
//! What a node waited for is said by the edges of the description. Of constructs and of glue nothing is told, so edges through
//! these lead to the nodes behind: those in the body of a construct, and those that it waits for itself. In a `loop` a turn
//! waits for the one before. An instance of a node is the node with its indices; the value that it used is that of the
//! instance with the same indices, as far as both stand in the same constructs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ember_graph::{Description, Kind, Source};

use super::recording::{Bar, Moment, Nanos, Recording};
use crate::error::Site;

/// The chain of nodes that determined when a run ended, first to last.
///
/// [`before`](CriticalNode::before) and [`took`](CriticalNode::took) of all nodes and [`after`](Self::after) add up to
/// [`took`](Self::took).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CriticalPath {
    /// The graph that ran.
    pub graph: &'static str,
    /// How long the run took.
    pub took: Duration,
    /// The nodes. None if no node ended.
    pub nodes: Vec<CriticalNode>,
    /// From the end of the last node to that of the run.
    pub after: Duration,
}

/// A node that others waited for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CriticalNode {
    /// The node.
    pub site: Site,
    /// From the end of the node before it, or the start of the run, to its start: it waited for a thread, or what is told of
    /// no node was done.
    pub before: Duration,
    /// From its start to its end.
    pub took: Duration,
    /// How much of that it was not at work for: it waited for permits, rates and the time before another attempt.
    pub waited: Duration,
}

impl Recording {
    /// That of a run which has ended.
    pub(super) fn critical_path(&self, run: u64) -> Option<CriticalPath> {
        let run = self.runs.iter().position(|known| known.id == run)?;
        let whole = &self.bars[self.runs[run].bar];
        whole.outcome?;
        let mut last = whole.started.at;
        let mut nodes = Vec::new();
        for bar in self.critical_bars(run) {
            let bar = &self.bars[bar];
            let site = bar.site.clone()?;
            let before = Duration::from_nanos(bar.started.at - last);
            let [took, waited] = [bar.took(), bar.waited()].map(Duration::from_nanos);
            nodes.push(CriticalNode { site, before, took, waited });
            last = bar.ended.at;
        }
        let after = Duration::from_nanos(whole.ended.at - last);
        Some(CriticalPath {
            graph: self.runs[run].name(),
            took: Duration::from_nanos(whole.took()),
            nodes,
            after,
        })
    }

    /// The bars of the chain, first to last.
    pub(super) fn critical_bars(&self, run: usize) -> Vec<usize> {
        let Some(description) = self.runs[run].description else { return Vec::new() };
        let whole = &self.bars[self.runs[run].bar];
        let is_within = |bar: &Bar| whole.started <= bar.started && bar.ended <= whole.ended;
        let ended = self.runs[run].nodes.iter().filter(|&&bar| self.bars[bar].outcome.is_some());
        let bars: Vec<usize> = ended.copied().filter(|&bar| is_within(&self.bars[bar])).collect();
        let ran: Vec<Ran> = bars
            .iter()
            .filter_map(|&bar| {
                let bar = &self.bars[bar];
                let site = bar.site.as_ref()?;
                Some(Ran {
                    node: site.number(),
                    indices: site.indices().collect(),
                    started: bar.started,
                    ended: bar.ended,
                })
            })
            .collect();
        chain(description, &ran).into_iter().map(|ran| bars[ran]).collect()
    }
}

/// An instance of a node that ran.
pub(super) struct Ran {
    pub(super) node: u32,
    pub(super) indices: Vec<usize>,
    pub(super) started: Moment,
    pub(super) ended: Moment,
}

impl Ran {
    /// By the order of the events and by the clocks, which may be several.
    fn is_before(&self, other: &Self) -> bool {
        self.ended.place < other.started.place && self.ended.at <= other.started.at
    }

    fn end(&self) -> (Nanos, u64) {
        (self.ended.at, self.ended.place)
    }
}

/// The chain, first to last, as indices of what ran.
pub(super) fn chain(description: &Description<'_>, ran: &[Ran]) -> Vec<usize> {
    let structure = Structure::new(description, ran);
    let mut chain = Vec::new();
    let mut next = (0..ran.len()).max_by_key(|&at| ran[at].end());
    while let Some(at) = next {
        chain.push(at);
        let waited_for = structure.waited_for(&ran[at]);
        let earlier = waited_for.into_iter().filter(|&before| ran[before].is_before(&ran[at]));
        next = earlier.max_by_key(|&before| ran[before].end());
    }
    chain.reverse();
    chain
}

/// What waits for what.
struct Structure<'a> {
    description: &'a Description<'a>,
    instances: BTreeMap<(u32, &'a [usize]), usize>,
    incoming: BTreeMap<u32, Vec<u32>>,
    /// By node, how many indices it has: one for each `for` and `loop` around it.
    depths: Vec<usize>,
}

/// What was found, and where has been looked.
#[derive(Default)]
struct Found<'a> {
    ran: BTreeSet<usize>,
    looked: BTreeSet<(u32, &'a [usize])>,
}

impl<'a> Structure<'a> {
    fn new(description: &'a Description<'a>, ran: &'a [Ran]) -> Self {
        let mut incoming = BTreeMap::<u32, Vec<u32>>::new();
        for edge in description.edges {
            // Edges lead to later nodes; another one would be a mistake.
            if let Source::Node(from) = edge.from
                && from < edge.to
            {
                incoming.entry(edge.to).or_default().push(from);
            }
        }
        let instances = ran.iter().enumerate().map(|(at, ran)| ((ran.node, &*ran.indices), at)).collect();
        let mut structure = Self { description, instances, incoming, depths: Vec::new() };
        for node in (0_u32..).take(description.nodes.len()) {
            let depth = structure.parent(node).map_or(0, |parent| structure.inner_depth(parent));
            structure.depths.push(depth);
        }
        structure
    }

    fn parent(&self, node: u32) -> Option<u32> {
        self.description.nodes.get(node as usize)?.parent.filter(|&parent| parent < node)
    }

    fn kind(&self, node: u32) -> Option<Kind> {
        self.description.nodes.get(node as usize).map(|node| node.kind)
    }

    fn depth(&self, node: u32) -> usize {
        self.depths.get(node as usize).copied().unwrap_or(0)
    }

    /// How many indices those in its body have.
    fn inner_depth(&self, node: u32) -> usize {
        self.depth(node) + usize::from(matches!(self.kind(node), Some(Kind::FanOut | Kind::Loop)))
    }

    fn waited_for(&self, ran: &'a Ran) -> BTreeSet<usize> {
        let mut found = Found::default();
        self.behind(ran.node, &ran.indices, &mut found);
        found.ran
    }

    /// What a node and the constructs around it wait for. `indices` may be less than all, for what stands in a body whose
    /// items are all meant.
    fn behind(&self, node: u32, indices: &'a [usize], found: &mut Found<'a>) {
        let mut around = Some(node);
        while let Some(node) = around {
            for &from in self.incoming.get(&node).into_iter().flatten() {
                // Within a body whose items are all meant, each is looked at by itself.
                if let Some(indices) = indices.get(..self.depth(from)) {
                    self.reach(from, indices, found);
                }
            }
            around = self.parent(node);
            if let Some(parent) = around
                && self.kind(parent) == Some(Kind::Loop)
            {
                self.turn_before(parent, indices, found);
            }
        }
    }

    /// The nodes of the turn before that of the indices, and what those of it that nothing is told of have waited for.
    fn turn_before(&self, turns: u32, indices: &'a [usize], found: &mut Found<'a>) {
        let Some(&turn) = indices.get(self.depth(turns)) else { return };
        let mut before = indices[..=self.depth(turns)].to_vec();
        for turn in (0..turn).rev() {
            before[self.depth(turns)] = turn;
            let mut is_told = false;
            for inner in self.body(turns) {
                let instances = self.instances_of(inner, &before);
                if instances.is_empty() {
                    self.in_front(turns, inner, indices, found);
                }
                is_told |= !instances.is_empty();
                found.ran.extend(instances);
            }
            if is_told {
                break;
            }
        }
    }

    /// What a node in the body of a loop waits for that stands in front of the loop, which is the same in all turns.
    fn in_front(&self, turns: u32, inner: u32, indices: &'a [usize], found: &mut Found<'a>) {
        for &from in self.incoming.get(&inner).into_iter().flatten().filter(|&&from| from < turns) {
            if let Some(indices) = indices.get(..self.depth(from)) {
                self.reach(from, indices, found);
            }
        }
    }

    /// What made the value of a node: it, or what is behind it if nothing is told of it.
    fn reach(&self, node: u32, indices: &'a [usize], found: &mut Found<'a>) {
        if !found.looked.insert((node, indices)) {
            return;
        }
        let instances = self.instances_of(node, indices);
        if !instances.is_empty() {
            found.ran.extend(instances);
            return;
        }
        for inner in self.body(node) {
            self.reach_inner(inner, indices, found);
        }
        self.behind(node, indices, found);
    }

    /// All items of a node in the body of a construct.
    fn reach_inner(&self, node: u32, indices: &'a [usize], found: &mut Found<'a>) {
        if !found.looked.insert((node, indices)) {
            return;
        }
        let instances = self.instances_of(node, indices);
        if instances.is_empty() {
            self.behind(node, indices, found);
        }
        found.ran.extend(instances);
    }

    /// The nodes in the body of a construct, at any depth.
    fn body(&self, node: u32) -> impl Iterator<Item = u32> {
        let last = u32::try_from(self.description.nodes.len()).unwrap_or(u32::MAX);
        (node.saturating_add(1)..last).take_while(move |&inner| {
            std::iter::successors(self.parent(inner), |&around| self.parent(around))
                .any(|around| around == node)
        })
    }

    fn instances_of(&self, node: u32, indices: &[usize]) -> Vec<usize> {
        let all = self.instances.range((node, indices)..);
        let is_one = |other: u32, at: &[usize]| other == node && at.starts_with(indices);
        all.take_while(|((other, at), _)| is_one(*other, at)).map(|(_, &ran)| ran).collect()
    }
}
