//! The frame of a straight line.

use std::sync::Arc;

use super::frame::{Inner, close, end, leave, push, start, with_top};
use super::run::Run;
use super::{End, Form, Teller};
use crate::context::Context;
use crate::error::{Counts, Site};
use crate::run::Info;

/// The frame of a straight line, which is left in any case: so the run needs no place for it.
///
/// When one of these is called the innermost frame is that of the line, since all above have been left.
pub(crate) enum Straight {}

impl Straight {
    /// Enters it. Nothing else is to be called if this has come to nothing.
    #[cold]
    pub(crate) fn enter(info: &'static Info, context: &Context) -> bool {
        let Some(teller) = Teller::begin(info, context, Form::StraightLine) else { return false };
        let run = teller.run().clone();
        push(&run, Inner::new(run.clone(), None, Some(teller))).is_some()
    }

    /// Notes that a node starts.
    #[cold]
    pub(crate) fn starts(node: u32, site: impl FnOnce() -> Site) {
        if let Some(run) = Self::run() {
            start(&run, node, site);
        }
    }

    /// Notes that the node at hand has finished.
    #[cold]
    pub(crate) fn close() {
        if let Some(run) = Self::run() {
            close(&run);
        }
    }

    /// Notes that a node has failed, and the run with it.
    #[cold]
    pub(crate) fn failed(node: u32, how: End<'_>, counts: Counts) {
        if let Some(run) = Self::run() {
            end(&run, node, how);
            run.ended(how, counts);
        }
    }

    /// Leaves the line. If nothing else is told by then, it has finished.
    #[cold]
    pub(crate) fn leave() {
        let Some(run) = Self::run() else { return };
        close(&run);
        run.finished();
        leave();
    }

    fn run() -> Option<Arc<Run>> {
        with_top(|top| top.run.clone())
    }
}
