//! The boxes of the image as a tree, and the lines within each of them.
//!
//! A line that leads into a box is cut at its border: outside it ends at a port, inside it goes on from
//! there. So every box can be laid out by itself, before the one around it.

use std::collections::{HashMap, HashSet};

use crate::picture::label::shows_parts;
use crate::picture::{Relation, relations};
use crate::structure::Structure;
use crate::{Access, Description, Source};

/// The index of the box around all others.
pub(super) const GRAPH: usize = 0;

/// Invariants: a cell stands after the one that holds it; children stand in the order of their ranks, and
/// lines between them lead to higher ones.
pub(super) struct Cells<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    /// The cell of each node.
    nodes: Vec<usize>,
}

pub(super) struct Cell<'a> {
    pub(super) role: Role<'a>,
    /// The cell around this one; its own index for the outermost.
    pub(super) parent: usize,
    /// The place in an order in which lines can run. A part has that of its first node.
    rank: usize,
    /// The place among the parent's children.
    pub(super) slot: usize,
    pub(super) children: Vec<usize>,
    /// How many lines come in through the upper border.
    pub(super) ports: usize,
    pub(super) lines: Vec<Line>,
}

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role<'a> {
    Graph,
    Input(usize),
    Node(usize),
    /// A part of a construct, such as `then`.
    Part(&'a str),
    Output,
}

/// All uses of one value in one way, as far as they run through one cell.
pub(super) struct Line {
    pub(super) from: Start,
    pub(super) flow: Flow,
    pub(super) source: Source,
    pub(super) to: Vec<Finish>,
}

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    Use(Access),
    /// The value of the graph itself.
    Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Start {
    /// A port of the cell that holds the line.
    Port(usize),
    /// A child of it.
    Cell(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Finish {
    pub(super) cell: usize,
    /// The port where the line goes on; none if the cell itself is the goal.
    pub(super) port: Option<usize>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(description: &Description<'a>, structure: &Structure) -> Self {
        let mut cells = Self { cells: Vec::new(), nodes: Vec::new() };
        cells.add(Role::Graph, GRAPH, 0);
        for input in 0..description.inputs.len() {
            cells.add(Role::Input(input), GRAPH, input);
        }
        let mut parts = HashMap::new();
        for (index, node) in description.nodes.iter().enumerate() {
            let rank = description.inputs.len() + structure.rank(index);
            let parent = match structure.parent(index) {
                None => GRAPH,
                Some(parent) if node.part.is_empty() || !shows_parts(description, structure, parent) => {
                    cells.nodes[parent]
                }
                Some(parent) => {
                    let part = *parts
                        .entry((parent, node.part))
                        .or_insert_with(|| cells.add(Role::Part(node.part), cells.nodes[parent], rank));
                    cells.cells[part].rank = cells.cells[part].rank.min(rank);
                    part
                }
            };
            let cell = cells.add(Role::Node(index), parent, rank);
            cells.nodes.push(cell);
        }
        cells.sort_children();
        let mut wiring = Wiring::default();
        for relation in relations(description, structure) {
            cells.connect(&mut wiring, &relation);
        }
        if let Some(output) = description.output
            && let Some(&cell) = cells.nodes.get(output as usize)
        {
            let cell_of_output = cells.add(Role::Output, GRAPH, usize::MAX);
            let source = Source::Node(output);
            cells.connect_cells(&mut wiring, cell, cell_of_output, Flow::Output, source);
        }
        cells
    }

    fn add(&mut self, role: Role<'a>, parent: usize, rank: usize) -> usize {
        let index = self.cells.len();
        let mut slot = 0;
        if index != parent {
            slot = self.cells[parent].children.len();
            self.cells[parent].children.push(index);
        }
        self.cells.push(Cell { role, parent, rank, slot, children: Vec::new(), ports: 0, lines: Vec::new() });
        index
    }

    fn sort_children(&mut self) {
        for cell in 0..self.cells.len() {
            let mut children = std::mem::take(&mut self.cells[cell].children);
            children.sort_by_key(|&child| self.cells[child].rank);
            for (slot, &child) in children.iter().enumerate() {
                self.cells[child].slot = slot;
            }
            self.cells[cell].children = children;
        }
    }

    fn connect(&mut self, wiring: &mut Wiring, relation: &Relation<'_>) {
        let from = match relation.from {
            // Inputs stand directly after the graph.
            Source::Input(input) => 1 + input as usize,
            Source::Node(node) => self.nodes[node as usize],
        };
        let to = self.nodes[relation.to];
        self.connect_cells(wiring, from, to, Flow::Use(relation.access), relation.from);
    }

    fn connect_cells(&mut self, wiring: &mut Wiring, from: usize, to: usize, flow: Flow, source: Source) {
        let around_from = self.with_surroundings(from);
        let around_to = self.with_surroundings(to);
        // Both lists start at the graph; they part below the innermost cell that holds both ends.
        let common = around_from.iter().zip(&around_to).take_while(|(one, other)| one == other).count();
        let Some(&first) = around_to.get(common) else { return };
        let meeting = around_to[common - 1];
        let mut start = match around_from.get(common) {
            // Sides of a construct are in no order, and a line never leads upwards.
            Some(&beside) if self.cells[beside].rank > self.cells[first].rank => return,
            Some(&beside) => Start::Cell(beside),
            // The line starts at a construct and leads to a node inside of it.
            None => Start::Port(self.port(wiring, meeting, from, flow)),
        };
        let mut holder = meeting;
        for &cell in &around_to[common..] {
            let port = (cell != to).then(|| self.port(wiring, cell, from, flow));
            self.line(wiring, holder, start, flow, source, Finish { cell, port });
            let Some(port) = port else { return };
            (start, holder) = (Start::Port(port), cell);
        }
    }

    /// The cell after all that hold it, the outermost first.
    fn with_surroundings(&self, mut cell: usize) -> Vec<usize> {
        let mut surroundings = vec![cell];
        while cell != GRAPH {
            cell = self.cells[cell].parent;
            surroundings.push(cell);
        }
        surroundings.reverse();
        surroundings
    }

    fn port(&mut self, wiring: &mut Wiring, cell: usize, from: usize, flow: Flow) -> usize {
        let ports = &mut self.cells[cell].ports;
        *wiring.ports.entry((cell, from, flow)).or_insert_with(|| {
            *ports += 1;
            *ports - 1
        })
    }

    fn line(
        &mut self,
        wiring: &mut Wiring,
        holder: usize,
        from: Start,
        flow: Flow,
        source: Source,
        to: Finish,
    ) {
        let lines = &mut self.cells[holder].lines;
        let line = *wiring.lines.entry((holder, from, flow)).or_insert_with(|| {
            lines.push(Line { from, flow, source, to: Vec::new() });
            lines.len() - 1
        });
        if wiring.finishes.insert((holder, line, to)) {
            lines[line].to.push(to);
        }
    }
}

/// What is connected so far.
#[derive(Default)]
struct Wiring {
    ports: HashMap<(usize, usize, Flow), usize>,
    lines: HashMap<(usize, Start, Flow), usize>,
    finishes: HashSet<(usize, usize, Finish)>,
}
