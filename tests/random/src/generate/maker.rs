//! The state of a graph in the making, and how a line gets its arguments.

use std::collections::BTreeSet;

use super::body::KIND_COUNT;
use super::construct::Construct;
use super::forms::{Form, Take, operators};
use super::glue;
use super::rng::Rng;
use super::themes;
use super::tree::Graph;
use super::types::Ty;
use super::values::{Id, Scope, State, Value};

/// How a line chooses among the values that fit.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// The last value.
    Chain,
    /// The first ones.
    Fan,
    /// The last value or the one so many steps before.
    Wavefront(usize),
    /// Any of the last so many.
    Layers(usize),
    /// The last ones of the line's own component, of so many.
    Islands(usize),
}

/// A node that `#[after(..)]` can name.
#[derive(Clone)]
pub(super) struct Anchor {
    pub(super) id: Id,
    pub(super) block: usize,
    pub(super) name: String,
    pub(super) mark: Option<usize>,
}

#[derive(Clone)]
pub(super) struct Maker {
    pub(super) rng: Rng,
    pub(super) scope: Scope,
    pub(super) name: String,
    pub(super) fallible: bool,
    pub(super) shape: Shape,
    pub(super) island: Option<usize>,
    /// How many nodes may still be written.
    pub(super) left: usize,
    /// Where set, lines use these values and the tally only.
    pub(super) only: Option<Vec<Id>>,
    pub(super) nodes: usize,
    pub(super) constructs: BTreeSet<Construct>,
    /// Blocks from the outermost to the one that is written.
    pub(super) blocks: Vec<usize>,
    /// How many branches, and how many bodies that run more than once, stand around the line that is written.
    pub(super) branches: usize,
    pub(super) repeats: usize,
    pub(super) anchors: Vec<Anchor>,
    pub(super) marks: usize,
    pub(super) orders: Vec<(usize, usize)>,
    pub(super) inner: Vec<Graph>,
    pub(super) favourite: usize,
    pub(super) operators: Vec<Form>,
    pub(super) glue: Vec<Form>,
    pub(super) changes: Vec<Form>,
    pub(super) arguments: Vec<(Take, Form)>,
    next_id: Id,
    next_name: usize,
    next_block: usize,
}

impl Maker {
    pub(super) fn new(mut rng: Rng, name: &str, fallible: bool, nodes: usize) -> Self {
        let shape = match rng.below(5) {
            0 => Shape::Chain,
            1 => Shape::Fan,
            2 => Shape::Wavefront(2 + rng.below(3)),
            3 => Shape::Layers(2 + rng.below(4)),
            _ => Shape::Islands(2 + rng.below(2)),
        };
        let (mut operators, mut glue) = (operators(), glue::values());
        themes::set(&mut rng, &mut operators, &mut glue);
        // The kind of statement that this graph has most of, beside plain nodes.
        let favourite = rng.below(KIND_COUNT);
        Self {
            rng,
            scope: Scope::default(),
            name: name.into(),
            fallible,
            shape,
            island: None,
            left: nodes,
            only: None,
            nodes: 0,
            constructs: BTreeSet::new(),
            blocks: vec![0],
            branches: 0,
            repeats: 0,
            anchors: Vec::new(),
            marks: 0,
            orders: Vec::new(),
            inner: Vec::new(),
            operators,
            glue,
            favourite,
            changes: glue::changes(),
            arguments: glue::arguments(),
            next_id: 1,
            next_name: 0,
            next_block: 1,
        }
    }

    pub(super) fn see(&mut self, construct: Construct) {
        self.constructs.insert(construct);
    }

    /// Runs `write`; where it gives up, nothing is left of it but the chance it used.
    pub(super) fn attempt<T>(&mut self, write: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.clone();
        let written = write(self);
        if written.is_none() {
            let rng = self.rng.clone();
            *self = Self { rng, ..before };
        }
        written
    }

    pub(super) fn block(&self) -> usize {
        *self.blocks.last().expect("the body is a block")
    }

    /// How many blocks stand around the one that is written.
    pub(super) fn depth(&self) -> usize {
        self.blocks.len() - 1
    }

    /// Opens a block and says which ids its values will not be below.
    pub(super) fn open(&mut self) -> Id {
        self.blocks.push(self.next_block);
        self.next_block += 1;
        self.next_id
    }

    pub(super) fn close(&mut self) {
        let block = self.blocks.pop().expect("a block was opened");
        if self.scope.values.iter().any(|value| value.block == block && !value.used) {
            self.see(Construct::Unused);
        }
        self.scope.values.retain(|value| value.block != block);
    }

    /// What the line that is written can name: all that is usable, of its own component.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Value> {
        let here =
            |value: &&Value| value.island.is_none() || self.island.is_none() || value.island == self.island;
        let chosen = |value: &&Value| {
            self.only.as_ref().is_none_or(|only| value.name == "t" || only.contains(&value.id))
        };
        self.scope.usable().filter(here).filter(chosen)
    }

    /// A name that this block does not use; in an inner block sometimes one of an outer block.
    fn name(&mut self) -> String {
        let here = self.block();
        if self.depth() > 0 && self.rng.chance(14) {
            let taken = |name: &str| {
                self.scope.values.iter().any(|v| v.name == name && (v.block == here || v.pinned))
            };
            let outer: Vec<String> =
                self.scope.values.iter().filter(|v| !taken(&v.name)).map(|v| v.name.clone()).collect();
            if !outer.is_empty() {
                self.see(Construct::Shadowing);
                return self.rng.pick(&outer).clone();
            }
        }
        self.next_name += 1;
        format!("v{}", self.next_name)
    }

    /// Binds a value to a name of its own and gives the name.
    pub(super) fn bind(&mut self, ty: Ty, from: Vec<Id>, mutable: bool) -> String {
        let name = self.name();
        self.bind_as(name.clone(), ty, from, mutable);
        name
    }

    /// The value that was bound last.
    pub(super) fn last_id(&self) -> Id {
        self.next_id - 1
    }

    pub(super) fn bind_as(&mut self, name: String, ty: Ty, from: Vec<Id>, mutable: bool) -> Id {
        let id = self.next_id;
        self.next_id += 1;
        let (block, island) = (self.block(), self.island);
        self.scope.values.push(Value {
            id,
            name,
            ty,
            mutable,
            state: State::Alive,
            from,
            block,
            island,
            frozen: false,
            pinned: false,
            read: false,
            used: false,
        });
        id
    }
}
