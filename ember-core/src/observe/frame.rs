//! Which node a thread is at.
//!
//! A *frame* is a piece of code in which the nodes of a run follow each other on one thread: a straight line, a task, a lot
//! of a `for`, one poll of a task that waits. So one node at most is open in it, and ends when the next one starts, when it
//! fails, or with the frame. Frames nest, as a node may call a graph, and a thread that waits takes up other work. Nodes
//! that wait are *carried* from poll to poll.
//!
//! While a node is open in a frame, the frame's thread is in the node's scopes, and with the frame in those of the run.
//!
//! Nobody is told anything while the frames are borrowed, since observers may run graphs. Scopes are entered, left and dropped
//! outside of it too, as they are the observers' code.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ptr;
use std::sync::Arc;
use std::time::Instant;

use super::run::Run;
use super::scope::Scopes;
use super::{Begun, End, What, observers};
use crate::context::{Context, TraceContext, is_away};
use crate::error::Site;

thread_local! {
    static FRAMES: RefCell<Vec<Inner>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct Inner {
    pub(super) run: Arc<Run>,
    pub(super) open: Option<Open>,
    /// Another frame tells of the node's end.
    is_lent: bool,
    /// Whether it has entered the scopes of the run.
    is_inside: bool,
    /// Of a straight line: it tells of the run as well.
    _teller: Begun,
}

impl Inner {
    pub(super) const fn new(run: Arc<Run>, open: Option<Open>, teller: Begun) -> Self {
        Self { run, open, is_lent: false, is_inside: false, _teller: teller }
    }

    fn leave(self) {
        if let Some(open) = &self.open {
            open.scopes.leave();
        }
        if self.is_inside {
            self.run.scopes().leave();
        }
    }
}

/// A node that has started.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) node: u32,
    pub(super) site: Site,
    pub(super) since: Instant,
    pub(super) attempt: u32,
    pub(super) scopes: Scopes,
}

/// Changes the innermost frame. Nothing without one, and while the thread ends.
pub(super) fn with_top<R>(f: impl FnOnce(&mut Inner) -> R) -> Option<R> {
    FRAMES.try_with(|frames| frames.borrow_mut().last_mut().map(f)).ok().flatten()
}

/// Takes the node of a run that is open, if this frame tells of it.
pub(super) fn take_open(run: &Run, which: impl FnOnce(&Open) -> bool) -> Option<Open> {
    let taken = with_top(|top| {
        let tells = ptr::eq(Arc::as_ptr(&top.run), run) && !top.is_lent;
        if tells { top.open.take_if(|open| which(open)) } else { None }
    });
    let taken = taken.flatten();
    if let Some(open) = &taken {
        open.scopes.leave();
    }
    taken
}

/// Makes a node the one that is open in the innermost frame.
pub(super) fn put_open(open: Open) {
    if let Some(before) = with_top(|top| top.open.take()).flatten() {
        before.scopes.leave();
    }
    open.scopes.enter();
    let mut open = Some(open);
    with_top(|top| top.open = open.take());
    // There is no frame.
    if let Some(open) = open {
        open.scopes.leave();
    }
}

/// The run that the thread works for, and the node of it. What it does while it waits may be anybody's.
pub(super) fn at_hand() -> Option<(Arc<Run>, Option<Site>)> {
    let at_hand = || with_top(|top| (top.run.clone(), top.open.as_ref().map(|open| open.site.clone())));
    if is_away() { None } else { at_hand() }
}

/// Whether an observer of the run at hand wants values. Nothing without a run.
pub(super) fn is_wanted_at_hand() -> Option<bool> {
    with_top(|top| top.run.wants_values())
}

/// The exported span that the thread is in, if it is one of runs in that context, or one above it.
#[inline]
pub(crate) fn trace_at_hand(context: &Context) -> Option<TraceContext> {
    if !observers::any() || is_away() {
        return None;
    }
    let (run, node) = with_top(|top| (top.run.clone(), top.open.as_ref().map(|open| open.scopes.clone())))?;
    let is_of_run = context.is_within(run.context());
    is_of_run.then(|| node.and_then(|node| node.trace()).or_else(|| run.scopes().trace())).flatten()
}

/// Notes that the node at hand, if any, has finished.
pub(super) fn close(run: &Run) {
    if let Some(open) = take_open(run, |_| true) {
        run.node_ended(&open, End::Finished);
    }
}

/// Notes that a node starts. Others than operators only end the one before.
pub(super) fn start(run: &Run, node: u32, site: impl FnOnce() -> Site) {
    close(run);
    if !run.is_operator(node) {
        return;
    }
    let (site, at) = (site(), run.now());
    let scopes = run.scopes_of(at, &site);
    run.tell_node(at, &site, 1, What::NodeStarted, &scopes);
    put_open(Open { node, site, since: at, attempt: 1, scopes });
}

/// Notes how a node has ended. If another one is at hand, that has finished.
pub(super) fn end(run: &Run, node: u32, end: End<'_>) {
    match take_open(run, |open| open.node == node) {
        Some(open) => run.node_ended(&open, end),
        None => close(run),
    }
}

/// A frame, until it is dropped.
#[must_use = "it is left at once if it is not kept"]
pub(crate) struct Frame<'r> {
    run: Cow<'r, Arc<Run>>,
    /// How many frames were there before; nothing while the thread ends.
    depth: Option<usize>,
}

impl<'r> Frame<'r> {
    #[cold]
    pub(crate) fn enter(run: &'r Arc<Run>) -> Self {
        Self { run: Cow::Borrowed(run), depth: push(run, Inner::new(run.clone(), None, None)) }
    }

    /// One that works for a node whose end another one tells.
    pub(super) fn lent(run: Arc<Run>, open: Open) -> Self {
        let inner = Inner { is_lent: true, ..Inner::new(run.clone(), Some(open), None) };
        Self { depth: push(&run, inner), run: Cow::Owned(run) }
    }
}

impl Drop for Frame<'_> {
    fn drop(&mut self) {
        close(&self.run);
        if let Some(depth) = self.depth {
            while frames().is_some_and(|frames| frames > depth) {
                leave();
            }
        }
    }
}

/// How many there are.
fn frames() -> Option<usize> {
    FRAMES.try_with(|frames| frames.borrow().len()).ok()
}

/// Adds a frame of a run, and tells how many were there before.
pub(super) fn push(run: &Arc<Run>, mut inner: Inner) -> Option<usize> {
    let node = inner.open.as_ref().map(|open| open.scopes.clone());
    let pushed = FRAMES.try_with(|frames| {
        let mut frames = frames.borrow_mut();
        // Another frame of the run is right below.
        let is_there =
            frames.last().is_some_and(|below| Arc::ptr_eq(&below.run, run) && below.open.is_none());
        inner.is_inside = !is_there && !run.scopes().is_none();
        let is_inside = inner.is_inside;
        frames.push(inner);
        (frames.len() - 1, is_inside)
    });
    let (depth, is_inside) = pushed.ok()?;
    if is_inside {
        run.scopes().enter();
    }
    if let Some(node) = node {
        node.enter();
    }
    Some(depth)
}

/// Leaves the innermost frame.
pub(super) fn leave() {
    let left = FRAMES.try_with(|frames| frames.borrow_mut().pop()).ok().flatten();
    if let Some(left) = left {
        left.leave();
    }
}
