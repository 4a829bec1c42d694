//! Whether a node may go on.

use std::sync::Arc;
use std::task::Poll;

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
        /// It has been asked right before.
        passed: bool,
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
    pub(crate) const fn new(level: &'r Level<'r>, node: u32, passed: bool) -> Self {
        Self(State::Untold { level, node, passed })
    }

    /// Whether the node may go on. It is asked again and again; who is refused does not ask again.
    #[inline]
    pub(super) fn pass(&mut self) -> Result<(), Halted> {
        let (level, node) = (self.level(), self.node());
        self.waiting().at(node);
        if level.core.is_undisturbed() || level.goes_on(node) {
            return Ok(());
        }
        level.core.left(node);
        if let State::Told(told) = &mut self.0 {
            told.carried.stopped(level.core.context);
        }
        Err(Halted)
    }

    /// The same at the first poll, where who comes from [`Level::enter`] has been asked.
    #[inline]
    pub(super) fn pass_first(&mut self) -> Result<(), Halted> {
        if let State::Untold { passed, .. } = &mut self.0
            && std::mem::take(passed)
        {
            return Ok(());
        }
        self.pass()
    }

    /// Polls what waits here. If somebody observes the run, the node is carried from poll to poll.
    #[inline]
    pub(super) fn poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        if self.observed().is_none() {
            return poll();
        }
        match self.carry() {
            Some(carried) => carried.poll(poll),
            None => poll(),
        }
    }

    /// Carries the node from here on, if somebody observes the run.
    #[cold]
    pub(super) fn carry(&mut self) -> Option<&mut Carried> {
        if let State::Untold { level, node, .. } = self.0 {
            let carried = Carried::new(self.observed()?, node);
            self.0 = State::Told(Box::new(Told { level, node, carried }));
        }
        self.carried()
    }

    /// The node, if it is carried.
    pub(super) fn carried(&mut self) -> Option<&mut Carried> {
        match &mut self.0 {
            State::Told(told) => Some(&mut told.carried),
            State::Untold { .. } => None,
        }
    }

    #[inline(always)]
    fn level(&self) -> &'r Level<'r> {
        match &self.0 {
            State::Untold { level, .. } => level,
            State::Told(told) => told.level,
        }
    }

    /// The run that the node is part of.
    #[inline(always)]
    pub(super) fn waiting(&self) -> &'r Waiting {
        self.level().core.waiting.expect("nodes that wait are those of `async` graphs")
    }

    /// The run, if somebody observes it.
    #[inline(always)]
    pub(super) fn observed(&self) -> Option<&'r Arc<Run>> {
        self.level().core.teller.as_ref().map(Teller::run)
    }

    /// Where a node stands beside this one.
    pub(super) fn site(&self, node: u32) -> Site {
        self.level().site(node)
    }

    /// The number of the node.
    #[inline(always)]
    pub(super) fn node(&self) -> u32 {
        match &self.0 {
            State::Untold { node, .. } => *node,
            State::Told(told) => told.node,
        }
    }
}
