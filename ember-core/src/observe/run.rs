//! What is told of one run.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::Instant;

use ember_graph::{Description, Kind};

use super::frame::{self, Frame};
use super::scope::Scopes;
use super::{End, Event, Form, Observers, What};
use crate::context::{Context, TraceContext};
use crate::error::{Counts, Error, Site};
use crate::executor::ALWAYS_STRAIGHT;
use crate::explain::{Reason, judged};
use crate::run::Info;
use crate::strategy::Strategy;

/// The number of the next run that somebody observes.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A run that is observed.
pub(crate) struct Run {
    id: u64,
    parent: Option<u64>,
    caller: Option<Site>,
    observers: Arc<Observers>,
    context: Context,
    /// Whether the run around it has the same trace of the caller.
    is_in_trace: bool,
    scopes: Scopes,
    description: &'static Description<'static>,
    started: Instant,
    finished: AtomicUsize,
    is_over: AtomicBool,
}

impl Run {
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn parent(&self) -> Option<u64> {
        self.parent
    }

    pub(super) fn caller(&self) -> Option<&Site> {
        self.caller.as_ref()
    }

    pub(super) fn description(&self) -> &'static Description<'static> {
        self.description
    }

    pub(super) fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn trace(&self) -> Option<&TraceContext> {
        self.context.trace().filter(|_| !self.is_in_trace)
    }

    pub(super) fn wants_values(&self) -> bool {
        self.observers.want_values()
    }

    pub(super) fn now(&self) -> Instant {
        self.context.now()
    }

    /// Whether a node is one that events tell of.
    pub(super) fn is_operator(&self, node: u32) -> bool {
        self.description.nodes.get(node as usize).is_some_and(|node| node.kind == Kind::Operator)
    }

    fn event<'e>(&'e self, at: Instant, what: What<'e>) -> Event<'e> {
        Event::new(Some(self), self.context.correlation_id(), at, what)
    }

    /// Tells of the run as a whole.
    pub(super) fn tell(&self, at: Instant, what: What<'_>) {
        self.observers.tell(self.event(at, what));
    }

    /// Tells of a node.
    pub(super) fn tell_node(&self, at: Instant, site: &Site, attempt: u32, what: What<'_>, scopes: &Scopes) {
        let event = self.event(at, what);
        self.observers.tell(Event { site: Some(site), attempt, scopes: Some(scopes), ..event });
    }

    /// What accompanies a node that starts.
    pub(super) fn scopes_of(&self, at: Instant, site: &Site) -> Scopes {
        self.observers.scopes(Event { site: Some(site), ..self.event(at, What::NodeStarted) })
    }

    /// Of a run without a failure.
    fn counts(&self) -> Counts {
        Counts::__new(self.finished.load(Relaxed), 0, 0, 0)
    }

    pub(super) fn finished(&self) {
        self.ended(End::Finished, self.counts());
    }

    pub(super) fn ended(&self, end: End<'_>, counts: Counts) {
        if self.is_over.swap(true, Relaxed) {
            return;
        }
        let now = self.now();
        let took = now.saturating_duration_since(self.started);
        self.tell(now, What::RunEnded { end, took, counts });
    }

    pub(super) fn node_ended(&self, node: &frame::Open, end: End<'_>) {
        if matches!(end, End::Finished) {
            self.finished.fetch_add(1, Relaxed);
        }
        let now = self.now();
        let took = now.saturating_duration_since(node.since);
        self.tell_node(now, &node.site, node.attempt, What::NodeEnded { end, took }, &node.scopes);
    }
}

/// Tells of a run from its start to its end. A run that is dropped before is over by that.
pub(crate) struct Teller(Arc<Run>);

/// Nothing, where nobody listens.
pub(crate) type Begun = Option<Teller>;

impl Teller {
    /// Tells that a run starts.
    #[cold]
    #[inline(never)]
    pub(crate) fn begin(info: &'static Info, context: &Context, form: Form) -> Begun {
        let observers = context.observers()?.clone();
        let around = frame::at_hand();
        let caller = around.as_ref().and_then(|(_, site)| site.clone());
        let around = around.map(|(run, _)| run);
        let mut run = Run {
            id: NEXT.fetch_add(1, Relaxed),
            parent: around.as_ref().map(|around| around.id),
            caller,
            observers,
            context: context.clone(),
            is_in_trace: around.is_some_and(|around| context.shares_trace(&around.context)),
            scopes: Scopes::default(),
            description: &info.description,
            started: context.now(),
            finished: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        };
        let what = What::RunStarted { form, reason: reason(info, context, form) };
        run.scopes = run.observers.scopes(run.event(run.started, what));
        run.tell(run.started, what);
        Some(Self(Arc::new(run)))
    }

    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.0
    }

    /// Enters a piece of code in which the run's nodes follow each other.
    #[cold]
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame::enter(&self.0)
    }

    /// Tells that a node starts, and so that the one before has ended.
    #[cold]
    #[inline(never)]
    pub(crate) fn starts(&self, node: u32, site: impl FnOnce() -> Site) {
        frame::start(&self.0, node, site);
    }

    /// Tells how a node has failed.
    #[cold]
    pub(crate) fn failed(&self, node: u32, error: Option<&Error>) {
        frame::end(&self.0, node, End::failed(error));
    }

    /// Tells that the node at hand has finished, if there is one.
    #[cold]
    pub(crate) fn close(&self) {
        frame::close(&self.0);
    }

    /// Tells that the run has finished, unless it has ended otherwise.
    #[cold]
    pub(crate) fn finished(&self) {
        self.0.finished();
    }

    /// Tells how the run has ended, unless that is told.
    #[cold]
    pub(crate) fn ended(&self, end: End<'_>, counts: Counts) {
        self.0.ended(end, counts);
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.ended(End::Cancelled(self.0.context.check().err()), self.0.counts());
    }
}

/// Why a run goes as it does.
fn reason(info: &'static Info, context: &Context, form: Form) -> Reason {
    if !info.parts || ALWAYS_STRAIGHT {
        return Reason::OnlyWay;
    }
    if context.strategy().is_some_and(|strategy| strategy != Strategy::Auto) {
        return Reason::Asked;
    }
    if form == Form::Async {
        return Reason::Waits;
    }
    judged(info, context)
}
