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
use std::task::Poll;
use std::time::Instant;

use super::observers;
use super::run::Run;
use super::{Begun, End, Event, Form, Teller, What};
use crate::context::Context;
use crate::error::{Counts, Site};
use crate::run::Info;

thread_local! {
    static FRAMES: RefCell<Vec<Inner>> = const { RefCell::new(Vec::new()) };
}

struct Inner {
    run: Arc<Run>,
    open: Option<Open>,
    /// Another frame tells of the node's end.
    is_lent: bool,
    /// Of a straight line: it tells of the run as well.
    _teller: Begun,
}

/// A node that has started.
#[derive(Clone)]
pub(crate) struct Open {
    node: u32,
    pub(super) site: Site,
    pub(super) since: Instant,
    pub(super) attempt: u32,
}

/// Changes the innermost frame. Nothing without one, and while the thread ends.
fn with_top<R>(f: impl FnOnce(&mut Inner) -> R) -> Option<R> {
    FRAMES.try_with(|frames| frames.borrow_mut().last_mut().map(f)).ok().flatten()
}

/// Takes the node of a run that is open, if this frame tells of it.
fn take_open(run: &Arc<Run>, which: impl FnOnce(&Open) -> bool) -> Option<Open> {
    with_top(|top| {
        let tells = Arc::ptr_eq(&top.run, run) && !top.is_lent;
        if tells { top.open.take_if(|open| which(open)) } else { None }
    })
    .flatten()
}

/// The run that the thread works for.
pub(super) fn run_at_hand() -> Option<u64> {
    with_top(|top| top.run.id())
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

    fn push(inner: Inner) -> Self {
        let run = inner.run.clone();
        Self { run, depth: push(inner).unwrap_or(usize::MAX) }
    }
}

/// Adds a frame, and tells how many were there before.
fn push(inner: Inner) -> Option<usize> {
    let pushed = FRAMES.try_with(|frames| {
        let mut frames = frames.borrow_mut();
        frames.push(inner);
        frames.len() - 1
    });
    pushed.ok()
}

/// The frame of a straight line, which is left in any case: so the run needs no place for it.
///
/// When one of these is called the innermost frame is that of the line, since all above have been left.
pub(crate) enum Straight {}

impl Straight {
    /// Enters it. Nothing else is to be called if this has come to nothing.
    #[cold]
    pub(crate) fn enter(info: &'static Info, context: &Context) -> bool {
        let teller = Teller::begin(info, context, Form::StraightLine);
        teller
            .as_ref()
            .map(|teller| teller.run().clone())
            .is_some_and(|run| push(Inner { run, open: None, is_lent: false, _teller: teller }).is_some())
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
        let left = FRAMES.try_with(|frames| frames.borrow_mut().pop());
        drop(left);
    }

    fn run() -> Option<Arc<Run>> {
        with_top(|top| top.run.clone())
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

/// A node on a thread that works for it elsewhere than where it is told of.
pub(crate) struct Lent {
    run: Arc<Run>,
    open: Open,
}

impl Lent {
    /// The node at hand.
    #[cold]
    pub(crate) fn at_hand() -> Option<Self> {
        with_top(|top| Some(Self { run: top.run.clone(), open: top.open.clone()? })).flatten()
    }

    /// A node that is carried.
    #[cold]
    pub(crate) fn of(carried: &Carried) -> Option<Self> {
        Some(Self { run: carried.0.run.clone(), open: carried.0.open.clone()? })
    }

    /// Makes it the node at hand, where something of it is done.
    pub(crate) fn enter(self) -> Frame {
        Frame::push(Inner { run: self.run, open: Some(self.open), is_lent: true, _teller: None })
    }
}

/// A node that waits, between two polls. If it is dropped, so was the node.
pub(crate) struct Carried(Box<Node>);

struct Node {
    run: Arc<Run>,
    /// Nothing while a frame has it, and when it has ended.
    open: Option<Open>,
}

impl Carried {
    /// Takes a node with it that has started in this frame.
    #[cold]
    pub(crate) fn new(run: &Arc<Run>, node: u32) -> Self {
        Self(Box::new(Node { run: run.clone(), open: take_open(run, |open| open.node == node) }))
    }

    /// Starts a node that is carried from the beginning.
    #[cold]
    pub(crate) fn start(run: &Arc<Run>, node: u32, site: Site) -> Self {
        let at = run.now();
        run.tell(at, Some(&site), 1, What::NodeStarted);
        let open = Some(Open { node, site, since: at, attempt: 1 });
        Self(Box::new(Node { run: run.clone(), open }))
    }

    /// Polls it. When it is there it becomes the node at hand: how it has ended is told next.
    pub(crate) fn poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        self.put_down();
        let polled = poll();
        if polled.is_pending() {
            self.take_up();
        }
        polled
    }

    /// Polls a branch of a race, which ends by itself.
    pub(crate) fn race<T, E>(&mut self, poll: impl FnOnce() -> Poll<Result<T, E>>) -> Poll<Result<T, E>> {
        self.put_down();
        let polled = poll();
        self.take_up();
        if let Poll::Ready(outcome) = &polled {
            self.ended(if outcome.is_ok() { End::Finished } else { End::Failed(None) });
        }
        polled
    }

    /// Makes it the node at hand of this frame.
    pub(crate) fn put_down(&mut self) {
        if let Some(open) = self.0.open.take() {
            close(&self.0.run);
            with_top(|top| top.open = Some(open));
        }
    }

    /// Takes it up again.
    fn take_up(&mut self) {
        self.0.open = take_open(&self.0.run, |_| true);
    }

    /// It has ended.
    #[cold]
    pub(crate) fn ended(&mut self, end: End<'_>) {
        if let Some(open) = self.0.open.take() {
            self.0.run.node_ended(&open, end);
        }
    }

    /// Its context, or that of the failure of another node, has stopped it.
    #[cold]
    pub(crate) fn stopped(&mut self, context: &Context) {
        self.ended(End::Cancelled(context.check().err()));
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.ended(End::Cancelled(None));
    }
}

/// Whether anybody may listen to a policy: a load, where nobody ever has.
#[inline(always)]
pub(crate) fn is_heard() -> bool {
    observers::any()
}

/// Tells what a policy does at the node at hand, or outside of graphs.
#[inline(always)]
pub(crate) fn emit(what: impl FnOnce() -> What<'static>) {
    if is_heard() {
        emit_cold(what());
    }
}

#[cold]
#[inline(never)]
fn emit_cold(what: What<'static>) {
    let at_hand = with_top(|top| {
        let node = top.open.as_mut().map(|open| {
            let attempt = open.attempt;
            if matches!(what, What::Backoff { .. }) {
                // The one that follows.
                open.attempt += 1;
            }
            (open.site.clone(), attempt)
        });
        (top.run.clone(), node)
    });
    match at_hand {
        Some((run, Some((site, attempt)))) => run.tell(run.now(), Some(&site), attempt, what),
        Some((run, None)) => run.tell(run.now(), None, 1, what),
        None => Context::__with(|context| {
            let Some(observers) = context.observers() else { return };
            let (correlation_id, at) = (context.correlation_id(), context.now());
            observers.tell(&Event { run: None, correlation_id, site: None, attempt: 1, at, what });
        }),
    }
}
