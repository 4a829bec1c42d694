//! Making a context.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::time::{Duration, Instant};

use super::instead::Instead;
use super::{Clock, Context, Inner, InvalidTraceParent, LIVE, OBSERVED, TraceContext, WATCHED, Waiters, id};
use crate::Strategy;
use crate::executor::{Placement, Share};
use crate::observe::{self, Observer, Observers};
use crate::policy::MemoryBudget;
use crate::resource::{self, Resource};
use crate::runtime::{self, Priority, Shared};

/// Makes a [`Context`]; see [`Context::builder`].
///
/// ```
/// use std::time::Duration;
/// use ember_core::{Context, Strategy};
///
/// let request = Context::builder().timeout(Duration::from_secs(30)).correlation_id("order-17").build();
/// let part = Context::builder().parent(&request).strategy(Strategy::Sequential).build();
///
/// assert_eq!(part.correlation_id(), "order-17");
/// assert_eq!(part.deadline(), request.deadline());
/// ```
#[derive(Default)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct ContextBuilder {
    deadline: Option<Instant>,
    timeout: Option<Duration>,
    correlation_id: Option<Arc<str>>,
    trace: Option<Arc<TraceContext>>,
    strategy: Option<Strategy>,
    parallel_from: Option<Duration>,
    threads: Option<usize>,
    priority: Option<Priority>,
    memory: Option<MemoryBudget>,
    observers: Vec<Arc<dyn Observer>>,
    instead: Instead,
    home: Option<Arc<Shared>>,
    parent: Option<Context>,
    clock: Option<Arc<dyn Clock>>,
}

impl ContextBuilder {
    /// The longest correlation id, in bytes.
    pub const MAX_CORRELATION_ID: usize = id::MAX;

    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Ends the run at a moment. Of several limits, a [`timeout`](Self::timeout) and a parent's
    /// deadline among them, the earliest counts.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Ends the run some time after [`build`](Self::build), by the context's clock.
    ///
    /// A time too long for an [`Instant`] sets no limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Names the run in logs and errors.
    ///
    /// Characters that would break or disguise a line of a log (control characters, line separators,
    /// directional and invisible marks) are replaced by `U+FFFD`, and what exceeds
    /// [`MAX_CORRELATION_ID`](Self::MAX_CORRELATION_ID) bytes is cut off. An empty id counts as none:
    /// then the parent's serves, or a random one of 32 lower-case hexadecimal digits.
    ///
    /// ```
    /// use ember_core::Context;
    ///
    /// let cx = Context::builder().correlation_id("a\nb").build();
    /// assert_eq!(cx.correlation_id(), "a\u{fffd}b");
    /// ```
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlation_id = id::sanitized(&id.into());
        self
    }

    /// Makes runs part of the trace of a caller, by the header `traceparent` of his request.
    ///
    /// # Errors
    ///
    /// If it is none: see [`TraceContext`]. Go on without it then, as a caller that sends rubbish has no trace.
    ///
    /// ```
    /// use ember_core::Context;
    ///
    /// let cx = Context::builder().traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?.build();
    /// assert!(cx.traceparent().is_some());
    /// assert!(Context::builder().traceparent("rubbish").is_err());
    /// # Ok::<(), ember_core::InvalidTraceParent>(())
    /// ```
    pub fn traceparent(self, header: &str) -> Result<Self, InvalidTraceParent> {
        Ok(self.trace(header.parse()?))
    }

    /// The same of one that was parsed already, or has a [`tracestate`](TraceContext::with_tracestate).
    pub fn trace(mut self, trace: TraceContext) -> Self {
        self.trace = Some(Arc::new(trace));
        self
    }

    /// Chooses how runs use threads.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = Some(strategy);
        self
    }

    /// Keeps runs in order under [`Strategy::Auto`] that are expected to take less time than this, and longer ones until
    /// they have taken it. Zero, the default, leaves that to what was measured.
    pub fn parallel_from(mut self, cost: Duration) -> Self {
        self.parallel_from = Some(cost);
        self
    }

    /// Lets at most so many threads work for the runs of this context at the same time, those that call them included, which
    /// never wait for others to leave; zero counts as one. A bound of the parent's holds beside this one only where this one
    /// sets none.
    pub fn threads(mut self, most: usize) -> Self {
        self.threads = Some(most);
        self
    }

    /// Lets runs go before others, which is the default, or after them.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Bounds the memory that its runs hold. Nothing asks for it by itself: operators find it as [`Context::memory`], and
    /// batches and streams are [given](crate::Batch::memory) it.
    pub fn memory(mut self, budget: &MemoryBudget) -> Self {
        self.memory = Some(budget.clone());
        self
    }

    /// Tells an observer what the runs of this context do, beside those that observe its parent, or the
    /// [process](crate::observe::install).
    ///
    /// ```
    /// use ember_core::Context;
    /// use ember_core::observe::Recorder;
    ///
    /// let recorder = Recorder::new(1000);
    /// let cx = Context::builder().observer(recorder.clone()).build();
    /// assert!(recorder.events().is_empty());
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// The same of some that are shared already.
    pub(crate) fn observers(mut self, observers: Vec<Arc<dyn Observer>>) -> Self {
        self.observers.extend(observers);
        self
    }

    /// Lets a value stand in the place of a shared resource, for all that runs in the context: a model in a test that answers
    /// as the test says, or a client of one tenant's. Nothing is loaded then.
    ///
    /// ```
    /// use ember_core::{Context, Resource};
    /// use std::convert::Infallible;
    ///
    /// static GREETING: Resource<String> = Resource::new(&|| Ok::<_, Infallible>("hello".to_owned()));
    ///
    /// let cx = Context::builder().resource(&GREETING, "servus".to_owned()).build();
    /// assert_eq!(*cx.scope(|| GREETING.get())?, "servus");
    /// assert_eq!(GREETING.status().loads, 0);
    /// # Ok::<(), ember_core::resource::LoadError>(())
    /// ```
    pub fn resource<T, L>(mut self, resource: &Resource<T, L>, value: impl Into<Arc<T>>) -> Self
    where
        T: Send + Sync + 'static,
        L: resource::Mode,
    {
        self.instead.put(resource.anchor(), value.into());
        self
    }

    /// Takes over what stands in the place of resources in another context.
    pub(super) fn instead_of(mut self, other: &Context) -> Self {
        self.instead = Instead::from(other.0.instead.as_ref());
        self
    }

    /// Makes it a context of a runtime.
    pub(crate) fn home(mut self, home: Arc<Shared>) -> Self {
        self.home = Some(home);
        self
    }

    /// Gives it a correlation id of its own, also where the parent has one.
    pub(crate) fn new_correlation_id(mut self) -> Self {
        self.correlation_id = Some(id::random());
        self
    }

    /// Puts the context below another: it is cancelled and late with it, and takes over its correlation
    /// id, trace, strategy, runtime, priority, its bounds, resources, observers and clock where none are set. Nothing leads upwards: cancelling the child leaves the
    /// parent alone.
    pub fn parent(mut self, parent: &Context) -> Self {
        self.parent = Some(parent.clone());
        self
    }

    /// Measures the deadline by another clock than the system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// By the clock of another context, and of its runtime.
    pub(super) fn beside(mut self, other: &Context) -> Self {
        self.clock.clone_from(&other.0.clock);
        self.home.clone_from(&other.0.home);
        self
    }

    /// Makes the context.
    pub fn build(self) -> Context {
        let above = self.parent.as_ref().map(|parent| &*parent.0);
        let clock = self.clock.or_else(|| above?.clock.clone());
        let until = self.timeout.and_then(|timeout| {
            let now = clock.as_ref().map_or_else(Instant::now, |clock| clock.now());
            now.checked_add(timeout)
        });
        let deadline =
            [self.deadline, until, above.and_then(|above| above.deadline)].into_iter().flatten().min();
        let correlation_id =
            self.correlation_id.or_else(|| Some(above?.correlation_id.clone())).unwrap_or_else(id::random);
        let trace = self.trace.or_else(|| above?.trace.clone());
        let strategy = self.strategy.or_else(|| above?.strategy);
        let parallel_from = self.parallel_from.or_else(|| Some(above?.parallel_from)).unwrap_or_default();
        let home = self.home.or_else(|| above?.home.clone()).or_else(|| runtime::installed().cloned());
        let share = self.threads.map(|most| Arc::new(Share::new(most))).or_else(|| above?.share.clone());
        let priority = self.priority.or_else(|| Some(above?.priority)).unwrap_or_default();
        let memory = self.memory.or_else(|| above?.memory.clone());
        let inherited = match &self.parent {
            Some(parent) => parent.observers().cloned(),
            None => observe::installed().cloned(),
        };
        let observers = if self.observers.is_empty() {
            inherited
        } else {
            Some(Observers::new(inherited.as_deref(), self.observers))
        };
        let instead = self.instead.below(above.and_then(|above| above.instead.as_ref()));
        let place = Placement::new(
            home.as_ref().and_then(|home| home.own_crew()),
            priority == Priority::Bulk,
            share.is_some(),
        );
        let is_installed = |home| runtime::installed().is_some_and(|installed| Arc::ptr_eq(installed, home));
        let is_plain = clock.is_none()
            && observers.is_none()
            && instead.is_none()
            // It may have a clock of the user's.
            && memory.is_none()
            && home.as_ref().is_none_or(is_installed)
            && above.is_none_or(|above| above.is_plain);
        // The default context never stops: below it, too, one load settles whether to go on.
        let parent = self.parent.filter(|parent| !parent.is_default());
        let state = if deadline.is_some() || parent.is_some() { LIVE | WATCHED } else { LIVE };
        let state = if observers.is_some() { state | OBSERVED } else { state };
        Context(Arc::new(Inner {
            state: AtomicU8::new(state),
            deadline,
            clock,
            parent,
            correlation_id,
            trace,
            strategy,
            parallel_from,
            home,
            share,
            priority,
            memory,
            observers,
            instead,
            place,
            is_plain,
            waiters: Waiters::default(),
        }))
    }
}

impl fmt::Debug for ContextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextBuilder")
            .field("deadline", &self.deadline)
            .field("timeout", &self.timeout)
            .field("correlation_id", &self.correlation_id)
            .field("strategy", &self.strategy)
            .field("parallel_from", &self.parallel_from)
            .field("parent", &self.parent)
            .finish_non_exhaustive()
    }
}
