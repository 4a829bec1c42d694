//! Nodes that no frame has: those that wait between two polls, and those that another thread works for.

use std::sync::Arc;
use std::task::Poll;

use super::frame::{Frame, Open, close, put_open, take_open, with_top};
use super::run::Run;
use super::{End, What};
use crate::context::Context;
use crate::error::Site;

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
    pub(crate) fn enter(self) -> Frame<'static> {
        Frame::lent(self.run, self.open)
    }
}

/// A node that waits, between two polls. If it is dropped, so was the node.
pub struct Carried(Box<Node>);

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
        let scopes = run.scopes_of(at, &site);
        run.tell_node(at, &site, 1, What::NodeStarted, &scopes);
        let open = Some(Open { node, site, since: at, attempt: 1, scopes });
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
            put_open(open);
        }
    }

    /// Takes it up again.
    pub(crate) fn take_up(&mut self) {
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
