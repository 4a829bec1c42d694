//! Whether a node may go on.

use super::attend::Waiting;
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
    pub(super) fn pass(&self) -> Result<(), Halted> {
        self.waiting().at(self.node);
        if self.level.core.is_undisturbed() || self.level.goes_on(self.node) {
            return Ok(());
        }
        self.level.core.left(self.node);
        Err(Halted)
    }

    /// The same at the first poll, where who comes from [`Level::enter`] has been asked.
    #[inline]
    pub(super) fn pass_first(&mut self) -> Result<(), Halted> {
        if std::mem::take(&mut self.passed) { Ok(()) } else { self.pass() }
    }

    /// The run that the node is part of.
    #[inline(always)]
    pub(super) fn waiting(&self) -> &Waiting {
        self.level.core.waiting.expect("nodes that wait are those of `async` graphs")
    }

    /// The number of the node.
    pub(super) const fn node(&self) -> u32 {
        self.node
    }
}
