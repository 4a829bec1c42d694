//! Whether a node may go on.

use std::sync::Arc;
use std::task::Poll;

use super::attend::Waiting;
use crate::error::Site;
use crate::observe::{Carried, Run, Teller};
use crate::run::{Halted, Level};

/// What a node asks each time that it is polled.
pub struct Gate<'r> {
    level: &'r Level<'r>,
    node: u32,
    /// It has been asked right before.
    passed: bool,
}

impl<'r> Gate<'r> {
    pub(crate) const fn new(level: &'r Level<'r>, node: u32, passed: bool) -> Self {
        Self { level, node, passed }
    }

    /// Whether the node may go on. It is asked again and again; who is refused does not ask again.
    #[inline]
    pub(super) fn pass(&self, carried: &mut Option<Carried>) -> Result<(), Halted> {
        self.waiting().at(self.node);
        if self.level.core.is_undisturbed() || self.level.goes_on(self.node) {
            return Ok(());
        }
        self.level.core.left(self.node);
        if let Some(mut carried) = carried.take() {
            carried.stopped(self.level.core.context);
        }
        Err(Halted)
    }

    /// The same at the first poll, where who comes from [`Level::enter`] has been asked.
    #[inline]
    pub(super) fn pass_first(&mut self, carried: &mut Option<Carried>) -> Result<(), Halted> {
        if std::mem::take(&mut self.passed) { Ok(()) } else { self.pass(carried) }
    }

    /// Polls what waits here. If somebody observes the run, it is `carried` from poll to poll.
    #[inline]
    pub(super) fn poll<T>(&self, carried: &mut Option<Carried>, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        match self.observed() {
            None => poll(),
            Some(run) => carried.get_or_insert_with(|| Carried::new(run, self.node)).poll(poll),
        }
    }

    /// The run that the node is part of.
    #[inline(always)]
    pub(super) fn waiting(&self) -> &Waiting {
        self.level.core.waiting.expect("nodes that wait are those of `async` graphs")
    }

    /// The run, if somebody observes it.
    #[inline(always)]
    pub(super) fn observed(&self) -> Option<&Arc<Run>> {
        self.level.core.teller.as_ref().map(Teller::run)
    }

    /// Where a node stands beside this one.
    pub(super) fn site(&self, node: u32) -> Site {
        self.level.site(node)
    }

    /// The number of the node.
    pub(super) const fn node(&self) -> u32 {
        self.node
    }
}
