//! Which node a thread is at.
//!
//! A *frame* is a piece of code in which the nodes of a run follow each other on one thread: a straight line, a task, a lot
//! of a `for`, one poll of a task that waits. So one node at most is open in it, and ends when the next one starts, when it
//! fails, or with the frame. Frames nest, as a node may call a graph, and a thread that waits takes up other work. Nodes
//! that wait are *carried* from poll to poll.
//!
//! Nobody is told anything while the frames are borrowed, since observers may run graphs.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use super::run::Run;
use super::{Begun, End, What};
use crate::error::Site;

thread_local! {
    static FRAMES: RefCell<Vec<Inner>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct Inner {
    pub(super) run: Arc<Run>,
    pub(super) open: Option<Open>,
    /// Another frame tells of the node's end.
    pub(super) is_lent: bool,
    /// Of a straight line: it tells of the run as well.
    pub(super) _teller: Begun,
}

/// A node that has started.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) node: u32,
    pub(super) site: Site,
    pub(super) since: Instant,
    pub(super) attempt: u32,
}

/// Changes the innermost frame. Nothing without one, and while the thread ends.
pub(super) fn with_top<R>(f: impl FnOnce(&mut Inner) -> R) -> Option<R> {
    FRAMES.try_with(|frames| frames.borrow_mut().last_mut().map(f)).ok().flatten()
}

/// Takes the node of a run that is open, if this frame tells of it.
pub(super) fn take_open(run: &Arc<Run>, which: impl FnOnce(&Open) -> bool) -> Option<Open> {
    with_top(|top| {
        let tells = Arc::ptr_eq(&top.run, run) && !top.is_lent;
        if tells { top.open.take_if(|open| which(open)) } else { None }
    })
    .flatten()
}

/// The run that the thread works for, and the node of it.
pub(super) fn at_hand() -> Option<(u64, Option<Site>)> {
    with_top(|top| (top.run.id(), top.open.as_ref().map(|open| open.site.clone())))
}

/// Notes that the node at hand, if any, has finished.
pub(super) fn close(run: &Arc<Run>) {
    if let Some(open) = take_open(run, |_| true) {
        run.node_ended(&open, End::Finished);
    }
}

/// Notes that a node starts. Others than operators only end the one before.
pub(super) fn start(run: &Arc<Run>, node: u32, site: impl FnOnce() -> Site) {
    close(run);
    if !run.is_operator(node) {
        return;
    }
    let open = Open { node, site: site(), since: run.now(), attempt: 1 };
    let site = open.site.clone();
    let at = open.since;
    with_top(|top| top.open = Some(open));
    run.tell(at, Some(&site), 1, What::NodeStarted);
}

/// Notes how a node has ended. If another one is at hand, that has finished.
pub(super) fn end(run: &Arc<Run>, node: u32, end: End<'_>) {
    match take_open(run, |open| open.node == node) {
        Some(open) => run.node_ended(&open, end),
        None => close(run),
    }
}

/// A frame, until it is dropped.
#[must_use = "it is left at once if it is not kept"]
pub(crate) struct Frame {
    run: Arc<Run>,
    depth: usize,
}

impl Frame {
    #[cold]
    pub(crate) fn enter(run: &Arc<Run>) -> Self {
        Self::push(Inner { run: run.clone(), open: None, is_lent: false, _teller: None })
    }

    pub(super) fn push(inner: Inner) -> Self {
        let run = inner.run.clone();
        Self { run, depth: push(inner).unwrap_or(usize::MAX) }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        close(&self.run);
        let left = FRAMES.try_with(|frames| {
            let mut frames = frames.borrow_mut();
            let from = self.depth.min(frames.len());
            frames.split_off(from)
        });
        drop(left);
    }
}

/// Adds a frame, and tells how many were there before.
pub(super) fn push(inner: Inner) -> Option<usize> {
    let pushed = FRAMES.try_with(|frames| {
        let mut frames = frames.borrow_mut();
        frames.push(inner);
        frames.len() - 1
    });
    pushed.ok()
}

/// Takes off the innermost frame, which is to be dropped when the frames are not borrowed any more.
pub(super) fn pop() -> Option<Inner> {
    FRAMES.try_with(|frames| frames.borrow_mut().pop()).ok().flatten()
}
