//! Which nodes may still start: a failure stops the nodes that stand later in the source, and only those.
//!
//! The nodes of a graph are numbered in source order. A level is one execution of a body in which each number
//! occurs once: the graph's own body, one item of a `for`, one turn of a `loop`. Its `stop` is the lowest number
//! that must not start any more. Levels nest; a node may start if every level around it lets it.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicUsize};

use ember_graph::Description;

use super::Halted;
use super::core::Core;
use crate::error::Site;
use crate::future::Gate;

/// One execution of a body.
pub struct Level<'r> {
    pub(crate) core: &'r Core<'r>,
    /// The `for` or `loop` whose body this is, if it is not the graph's own.
    construct: Option<&'r Construct<'r>>,
    /// Which item or turn this is. One level serves for items that come one after the other.
    index: AtomicUsize,
    stop: AtomicU32,
}

/// A level on cache lines of its own: each node reads it, beside cells that other threads write.
#[repr(align(64))]
pub struct Lined<'r>(Level<'r>);

impl<'r> Lined<'r> {
    #[inline]
    pub(crate) const fn new(level: Level<'r>) -> Self {
        Self(level)
    }
}

impl<'r> Deref for Lined<'r> {
    type Target = Level<'r>;

    #[inline(always)]
    fn deref(&self) -> &Level<'r> {
        &self.0
    }
}

/// A `for` or a `loop` that runs: where it stands and what surrounds it.
pub struct Construct<'r> {
    /// The level around it.
    pub(crate) level: &'r Level<'r>,
    /// The items around it.
    pub(crate) path: &'r [usize],
    /// Its number.
    pub(crate) node: u32,
    /// How many operators one item runs, besides those in constructs of its own.
    pub(crate) operators: u32,
    /// The first item that failed, the largest number if none has: later ones do not go on.
    first_failed: AtomicUsize,
}

impl<'r> Construct<'r> {
    /// One that is about to run.
    #[inline]
    pub const fn new(level: &'r Level<'r>, path: &'r [usize], node: u32, operators: u32) -> Self {
        Self { level, path, node, operators, first_failed: AtomicUsize::new(usize::MAX) }
    }

    /// The level of one item or turn.
    #[inline]
    pub const fn item(&'r self, index: usize) -> Level<'r> {
        Level {
            core: self.level.core,
            construct: Some(self),
            index: AtomicUsize::new(index),
            stop: AtomicU32::new(u32::MAX),
        }
    }
}

impl<'r> Level<'r> {
    pub(crate) const fn top(core: &'r Core<'r>) -> Self {
        Self { core, construct: None, index: AtomicUsize::new(0), stop: AtomicU32::new(u32::MAX) }
    }

    /// Goes on to another item, when the one before has come to its end well.
    #[inline(always)]
    pub(crate) fn go_on(&self, index: usize) {
        self.index.store(index, Relaxed);
    }

    /// Notes that a node starts.
    ///
    /// # Errors
    ///
    /// If it must not.
    #[inline(never)]
    pub fn start(&self, at: &Cell<u32>, node: u32) -> Result<(), Halted> {
        self.start_inline(at, node)
    }

    /// Notes that the node that starts next is the last one before a region.
    #[inline(never)]
    pub fn ahead(&self) {
        crate::executor::ahead(self);
    }

    /// The same where many start: in the items of a `for`.
    ///
    /// # Errors
    ///
    /// If it must not.
    #[inline(always)]
    pub fn start_inline(&self, at: &Cell<u32>, node: u32) -> Result<(), Halted> {
        at.set(node);
        if self.core.is_undisturbed() { Ok(()) } else { self.start_disturbed(node) }
    }

    #[cold]
    #[inline(never)]
    fn start_disturbed(&self, node: u32) -> Result<(), Halted> {
        if !self.admits(node) || !self.core.live(self, node, false) {
            self.core.close();
            return Err(self.refuse(node));
        }
        if let Some(teller) = self.core.teller() {
            teller.starts(node, || self.site(node));
        }
        Ok(())
    }

    /// Notes that a node of an `async` graph starts, and says whether it may.
    #[inline]
    pub fn enters(&self, node: u32) -> bool {
        self.comes_to(node) || self.start_disturbed(node).is_ok()
    }

    /// Notes that a node of an `async` graph is polled, and says whether nothing is in its way. Runs that are observed count as
    /// disturbed.
    #[inline(always)]
    pub(crate) fn comes_to(&self, node: u32) -> bool {
        self.core.waiting.at(node);
        self.core.is_undisturbed()
    }

    /// Whether a node that has started may go on.
    #[cold]
    pub(crate) fn goes_on(&self, node: u32) -> bool {
        !self.core.context.is_abandoned() && self.admits(node) && self.core.live(self, node, true)
    }

    /// Whether an item may start whose level this is: `node` is the first of its body.
    #[cold]
    pub(crate) fn begins(&self, node: u32) -> bool {
        !self.core.context.is_abandoned() && self.admits(node) && self.core.live(self, node, false)
    }

    /// Where a node stands that is run in this level.
    #[cold]
    pub(crate) fn site(&self, node: u32) -> Site {
        let levels = std::iter::successors(Some(self), |level| Some(level.construct?.level));
        let items = levels.filter(|level| level.construct.is_some());
        let mut path: Vec<usize> = items.map(|level| level.index.load(Relaxed)).collect();
        path.reverse();
        Site::__new(&self.core.info.description, node, &path)
    }

    /// Where a node asks while it waits.
    #[inline(always)]
    pub const fn gate(&self, node: u32) -> Gate<'_> {
        Gate::new(self, node)
    }

    /// The same of a node that has just started by [`Level::enters`].
    #[inline(always)]
    pub const fn entered(&self, node: u32) -> Gate<'_> {
        Gate::entered(self, node)
    }

    #[cold]
    fn refuse(&self, node: u32) -> Halted {
        self.core.count_around(node, false);
        Halted
    }

    fn admits(&self, node: u32) -> bool {
        node < self.stop.load(Relaxed)
            && self.construct.is_none_or(|construct| {
                self.index.load(Relaxed) <= construct.first_failed.load(Relaxed)
                    && construct.level.admits(node)
            })
    }

    /// Keeps the nodes behind a failed one from starting, here and in all levels around.
    #[cold]
    pub(crate) fn stop_after(&self, node: u32) {
        self.core.disturb();
        let mut level = self;
        let mut limit = node;
        loop {
            level.stop.fetch_min(limit, Relaxed);
            let Some(construct) = level.construct else { break };
            construct.first_failed.fetch_min(level.index.load(Relaxed), Relaxed);
            limit = end(&self.core.info.description, construct.node);
            level = construct.level;
        }
        if self.core.info.fail_fast {
            level.stop.store(0, Relaxed);
        }
    }
}

/// The number behind the last node of a construct.
fn end(description: &Description<'_>, construct: u32) -> u32 {
    let after = construct as usize + 1;
    let inside = description.nodes.iter().skip(after);
    let inside = inside.take_while(|node| node.parent.is_some_and(|parent| parent >= construct)).count();
    u32::try_from(after + inside).unwrap_or(u32::MAX)
}
