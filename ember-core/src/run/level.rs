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
use super::shared::Core;
use crate::error::Site;
use crate::future::Gate;

/// One execution of a body.
pub struct Level<'r> {
    pub(crate) core: &'r Core<'r>,
    place: Option<Place<'r>>,
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

/// Where a level stands within the level around it.
struct Place<'r> {
    up: &'r Level<'r>,
    /// The `for` or `loop` whose body this is.
    construct: u32,
    /// Which item or turn this is. One level serves for items that come one after the other.
    index: AtomicUsize,
    /// The first item of the same `for` that failed: later ones do not go on.
    first_failed: &'r AtomicUsize,
}

impl Place<'_> {
    #[inline(always)]
    fn is_before_failures(&self) -> bool {
        self.index.load(Relaxed) <= self.first_failed.load(Relaxed)
    }
}

impl<'r> Level<'r> {
    pub(crate) const fn top(core: &'r Core<'r>) -> Self {
        Self { core, place: None, stop: AtomicU32::new(u32::MAX) }
    }

    /// The level of one item or turn.
    #[inline]
    pub fn item(up: &'r Level<'r>, construct: u32, index: usize, first_failed: &'r AtomicUsize) -> Self {
        let place = Place { up, construct, index: AtomicUsize::new(index), first_failed };
        Self { core: up.core, place: Some(place), stop: AtomicU32::new(u32::MAX) }
    }

    /// Goes on to another item, when the one before has come to its end well.
    #[inline(always)]
    pub(crate) fn go_on(&self, index: usize) {
        if let Some(place) = &self.place {
            place.index.store(index, Relaxed);
        }
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
        if let Some(teller) = &self.core.teller {
            teller.starts(node, || self.site(node));
        }
        Ok(())
    }

    /// Notes that a node of an `async` graph starts.
    ///
    /// # Errors
    ///
    /// If it must not.
    #[inline]
    pub fn enter(&self, node: u32) -> Result<(), Halted> {
        let core = self.core;
        if let Some(waiting) = core.waiting {
            waiting.at(node);
        }
        if core.is_undisturbed() { Ok(()) } else { self.start_disturbed(node) }
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
        let places = std::iter::successors(self.place.as_ref(), |place| place.up.place.as_ref());
        let mut path: Vec<usize> = places.map(|place| place.index.load(Relaxed)).collect();
        path.reverse();
        Site::__new(&self.core.info.description, node, &path)
    }

    /// Where a node asks while it waits.
    #[inline(always)]
    pub const fn gate(&self, node: u32) -> Gate<'_> {
        Gate::new(self, node)
    }

    /// The same of a node that has just started by [`Level::enter`].
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
            && match &self.place {
                None => true,
                Some(place) => place.is_before_failures() && place.up.admits(node),
            }
    }

    /// Keeps the nodes behind a failed one from starting, here and in all levels around.
    #[cold]
    pub(crate) fn stop_after(&self, node: u32) {
        self.core.disturb();
        let mut level = self;
        let mut limit = node;
        loop {
            level.stop.fetch_min(limit, Relaxed);
            let Some(place) = &level.place else { break };
            place.first_failed.fetch_min(place.index.load(Relaxed), Relaxed);
            limit = end(&self.core.info.description, place.construct);
            level = place.up;
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
