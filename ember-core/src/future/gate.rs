//! Whether a node may go on.

use std::sync::Arc;

use super::attend::Waiting;
use crate::error::Site;
use crate::observe::{Carried, Run, Teller};
use crate::run::{Halted, Level};

/// What a node asks each time that it is polled.
pub struct Gate<'r>(State<'r>);

/// Each node that waits holds one, so it is as large as what most have.
enum State<'r> {
    Untold {
        level: &'r Level<'r>,
        node: u32,
    },
    /// The node has been asked right before.
    Entered {
        level: &'r Level<'r>,
        node: u32,
    },
    /// Somebody observes the run, and the node waits.
    Told(Box<Told<'r>>),
}

struct Told<'r> {
    level: &'r Level<'r>,
    node: u32,
    carried: Carried,
}

const _: () = assert!(size_of::<Gate<'static>>() == 2 * size_of::<usize>() || size_of::<usize>() < 8);

impl<'r> Gate<'r> {
    #[inline(always)]
    pub(crate) const fn new(level: &'r Level<'r>, node: u32) -> Self {
        Self(State::Untold { level, node })
    }

    /// Of a node that comes from [`Level::enters`]. It is not asked at its first poll, unless somebody observes the run.
    #[inline(always)]
    pub(crate) const fn entered(level: &'r Level<'r>, node: u32) -> Self {
        Self(State::Entered { level, node })
    }

    /// Whether the node may go on. It is asked again and again; who is refused does not ask again.
    #[inline]
    pub(super) fn pass(&mut self) -> Result<(), Halted> {
        let (level, node) = (self.level(), self.node());
        self.waiting().at(node);
        if level.core.is_undisturbed() { Ok(()) } else { self.pass_disturbed() }
    }

    #[cold]
    #[inline(never)]
    fn pass_disturbed(&mut self) -> Result<(), Halted> {
        let (level, node) = (self.level(), self.node());
        if level.goes_on(node) {
            return Ok(());
        }
        level.core.left(node);
        if let State::Told(told) = &mut self.0 {
            told.carried.stopped(level.core.context);
        }
        Err(Halted)
    }

    /// The same for what is polled next. If somebody observes the run, the node is carried from poll to poll.
    #[inline(always)]
    pub(super) fn pass_to_poll(&mut self) -> Result<Option<&mut Carried>, Halted> {
        if let State::Untold { level, node } = self.0 {
            let core = level.core;
            core.waiting.at(node);
            // Runs that are observed count as disturbed.
            if core.is_undisturbed() {
                return Ok(None);
            }
        } else if let State::Entered { level, node } = self.0 {
            self.0 = State::Untold { level, node };
            if level.core.teller().is_none() {
                return Ok(None);
            }
        }
        self.pass_to_poll_disturbed()
    }

    #[cold]
    #[inline(never)]
    fn pass_to_poll_disturbed(&mut self) -> Result<Option<&mut Carried>, Halted> {
        self.pass()?;
        Ok(self.carry())
    }

    /// Carries the node from here on, if somebody observes the run.
    #[cold]
    pub(super) fn carry(&mut self) -> Option<&mut Carried> {
        if let State::Entered { level, node } | State::Untold { level, node } = self.0 {
            let carried = Carried::new(level.core.teller().map(Teller::run)?, node);
            self.0 = State::Told(Box::new(Told { level, node, carried }));
        }
        self.carried()
    }

    /// The node, if it is carried.
    pub(super) fn carried(&mut self) -> Option<&mut Carried> {
        match &mut self.0 {
            State::Told(told) => Some(&mut told.carried),
            State::Entered { .. } | State::Untold { .. } => None,
        }
    }

    #[inline(always)]
    fn level(&self) -> &'r Level<'r> {
        match &self.0 {
            State::Entered { level, .. } | State::Untold { level, .. } => level,
            State::Told(told) => told.level,
        }
    }

    /// The run that the node is part of.
    #[inline(always)]
    pub(super) fn waiting(&self) -> &'r Waiting {
        &self.level().core.waiting
    }

    /// The run, if somebody observes it.
    #[inline(always)]
    pub(super) fn observed(&self) -> Option<&'r Arc<Run>> {
        self.level().core.teller().map(Teller::run)
    }

    /// Where a node stands beside this one.
    pub(super) fn site(&self, node: u32) -> Site {
        self.level().site(node)
    }

    /// The number of the node.
    #[inline(always)]
    pub(super) fn node(&self) -> u32 {
        match &self.0 {
            State::Entered { node, .. } | State::Untold { node, .. } => *node,
            State::Told(told) => told.node,
        }
    }
}
