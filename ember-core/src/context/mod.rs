//! What a run carries down to every node: deadline, cancellation, correlation id and strategy.

mod builder;
mod clock;
mod current;
mod id;
mod instead;
mod stopped;
mod together;
mod trace;
mod waiters;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

pub use self::builder::ContextBuilder;
pub use self::clock::{Clock, ManualClock, SystemClock};
#[cfg(feature = "parallel")]
pub(crate) use self::current::Here;
pub use self::current::{Ambient, Around, Quiet};
pub(crate) use self::current::{Limit, is_away, is_silent, reconsider, says_nothing, wants_order};
pub(crate) use self::id::{is_unprintable, printable};
use self::instead::Instead;
pub use self::stopped::Stopped;
pub use self::trace::{InvalidTraceParent, InvalidTraceState, TraceContext};
use self::waiters::Waiters;
pub(crate) use self::waiters::Watch;

use crate::Strategy;
#[cfg(feature = "parallel")]
use crate::executor::Crew;
use crate::executor::{Placement, Share};
use crate::observe::{self, Observers};
use crate::policy::MemoryBudget;
use crate::runtime::{Priority, Shared};

/// What a run of a graph belongs to: its deadline, its cancellation, its correlation id and its strategy.
///
/// A clone is a second handle on the same context: cancelling one cancels all. A graph runs in the
/// context of the innermost [`scope`](Context::scope) around its call, and so does every node of it,
/// on whichever thread.
///
/// ```
/// use ember_core::{Context, Stopped};
///
/// let cx = Context::builder().correlation_id("order-17").build();
/// cx.scope(|| {
///     assert_eq!(Context::current().correlation_id(), "order-17");
///     assert_eq!(Context::current().check(), Ok(()));
/// });
///
/// cx.cancel();
/// assert_eq!(cx.check(), Err(Stopped::Cancelled));
/// ```
#[derive(Clone)]
pub struct Context(Arc<Inner>);

// Apart from the counters of its `Arc`, which each thread that helps a run writes.
#[repr(align(64))]
struct Inner {
    /// [`LIVE`], and with it bits of [`WATCHED`], [`CANCELLED`] and others.
    state: AtomicU8,
    /// The earlier of the context's own deadline and its parent's.
    deadline: Option<Instant>,
    /// Nothing for the system's clock, which so costs no allocation.
    clock: Option<Arc<dyn Clock>>,
    parent: Option<Context>,
    correlation_id: Arc<str>,
    /// The trace of the caller, if he told.
    trace: Option<Arc<TraceContext>>,
    strategy: Option<Strategy>,
    parallel_from: Duration,
    /// The runtime that it belongs to, if one was made.
    home: Option<Arc<Shared>>,
    /// How many threads may work for it, if that is bounded.
    share: Option<Arc<Share>>,
    priority: Priority,
    memory: Option<MemoryBudget>,
    observers: Option<Arc<Observers>>,
    /// What stands in the place of resources.
    instead: Option<Arc<Instead>>,
    /// What of that threads take with them.
    place: Placement,
    /// Whether nothing in it is the user's, or ends threads: then any thread may be the last that has it.
    is_plain: bool,
    /// Those who want to be woken when it is cancelled.
    waiters: Waiters,
}

/// Every context has this bit. With no other, nothing can have stopped it: the one state that a single load settles.
const LIVE: u8 = 128;
/// A deadline or a parent can stop the context, so its own state does not settle the question.
const WATCHED: u8 = 1;
const CANCELLED: u8 = 2;
/// Nobody waits for the run's outcome any more.
const ABANDONED: u8 = 4;
/// A timer has seen the deadline pass.
const EXPIRED: u8 = 8;
/// Somebody observes its runs.
const OBSERVED: u8 = 16;

// A context's interior changes only through an atomic, and a clock is used through `&` alone.
impl UnwindSafe for Context {}
impl RefUnwindSafe for Context {}

impl Context {
    /// Starts a context with no deadline, no parent and a random correlation id.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::new()
    }

    /// Stops the context and all contexts below it; nodes that run are not interrupted, but may
    /// [`check`](Context::check).
    ///
    /// The default context belongs to all runs of the process that were given no other, so cancelling
    /// it has no effect.
    ///
    /// ```
    /// use ember_core::Context;
    ///
    /// let request = Context::builder().build();
    /// let part = Context::builder().parent(&request).build();
    /// request.cancel();
    /// assert!(part.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        if !self.is_default() {
            self.0.state.fetch_or(CANCELLED, Ordering::Relaxed);
            self.0.waiters.wake();
        }
    }

    /// Stops a run's own context, whose outcome nobody waits for any more. If the deadline has stopped it, those who linger
    /// are told of that.
    pub(crate) fn abandon(&self) {
        let why = match self.__stopped() {
            Some(Stopped::DeadlineExceeded) => EXPIRED,
            Some(Stopped::Cancelled) | None => CANCELLED,
        };
        self.0.state.fetch_or(why | ABANDONED, Ordering::Relaxed);
        self.0.waiters.wake();
    }

    /// Whether nobody waits for the run any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.state.load(Ordering::Relaxed) & ABANDONED != 0
    }

    /// Notes that a timer has seen the deadline pass.
    pub(crate) fn expire(&self) {
        self.0.state.fetch_or(EXPIRED, Ordering::Relaxed);
    }

    /// What stands here in the place of the resource of that number.
    #[inline]
    pub(crate) fn instead_of(&self, id: usize) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.instead.as_ref()?.get(id)
    }

    /// Whether the same stands here in the place of resources as there.
    fn has_instead_of(&self, other: &Self) -> bool {
        match (&self.0.instead, &other.0.instead) {
            (None, None) => true,
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }

    /// A context for what belongs to no run, but was begun by one: with its clock, runtime and resources, and neither
    /// deadline nor cancellation.
    pub(crate) fn aside(&self) -> Self {
        Self::builder().beside(self).instead_of(self).build()
    }

    /// A context of a run's own below this one.
    pub(crate) fn own(&self) -> Self {
        Self::builder().parent(self).build()
    }

    /// Whether the context or one above it was cancelled. A deadline that passed does not count.
    pub fn is_cancelled(&self) -> bool {
        self.lineage().any(Self::is_cancelled_itself)
    }

    /// Asks whether to go on: for operators that run long.
    ///
    /// # Errors
    /// [`Stopped::Cancelled`] if the context was cancelled, else [`Stopped::DeadlineExceeded`] once its
    /// deadline has come.
    ///
    /// ```
    /// use ember_core::{Context, Stopped};
    ///
    /// fn count(cx: &Context, to: u32) -> Result<u32, Stopped> {
    ///     let mut n = 0;
    ///     while n < to {
    ///         cx.check()?;
    ///         n += 1;
    ///     }
    ///     Ok(n)
    /// }
    ///
    /// let cx = Context::builder().build();
    /// assert_eq!(count(&cx, 3), Ok(3));
    /// cx.cancel();
    /// assert_eq!(count(&cx, 3), Err(Stopped::Cancelled));
    /// ```
    pub fn check(&self) -> Result<(), Stopped> {
        self.__stopped().map_or(Ok(()), Err)
    }

    /// When the run must be over: the earliest deadline of the context and those above it.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// The time left until the deadline by the context's clock, zero once it has passed; nothing
    /// without a deadline.
    pub fn remaining(&self) -> Option<Duration> {
        self.0.deadline.map(|deadline| deadline.saturating_duration_since(self.now()))
    }

    /// The id that ties together all that is logged about a run: at most
    /// [`ContextBuilder::MAX_CORRELATION_ID`] bytes of printable text.
    ///
    /// ```
    /// use ember_core::Context;
    ///
    /// let cx = Context::builder().build();
    /// assert_eq!(cx.correlation_id().len(), 32);
    /// assert!(cx.correlation_id().bytes().all(|b| b.is_ascii_hexdigit()));
    /// ```
    pub fn correlation_id(&self) -> &str {
        &self.0.correlation_id
    }

    /// What to tell the service that a node calls, so that its spans join the trace of the run: as the header `traceparent`,
    /// and [`tracestate`](TraceContext::tracestate).
    ///
    /// Within a node whose span is exported, the parent is that span. Else it is what the [caller has
    /// told](ContextBuilder::traceparent), handed on as it came; nothing without both. Contexts below have it too.
    ///
    /// ```
    /// use ember_core::Context;
    ///
    /// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let cx = Context::builder().traceparent(header)?.build();
    /// let below = Context::builder().parent(&cx).build();
    /// assert_eq!(below.traceparent().map(|trace| trace.to_string()).as_deref(), Some(header));
    /// assert_eq!(Context::builder().build().traceparent(), None);
    /// # Ok::<(), ember_core::InvalidTraceParent>(())
    /// ```
    pub fn traceparent(&self) -> Option<TraceContext> {
        observe::trace_at_hand(self).or_else(|| self.trace().cloned())
    }

    /// The trace of the caller.
    pub(crate) fn trace(&self) -> Option<&TraceContext> {
        self.0.trace.as_deref()
    }

    /// Whether it has the caller's trace from another.
    pub(crate) fn shares_trace(&self, other: &Self) -> bool {
        match (&self.0.trace, &other.0.trace) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }

    /// Whether it is another or below it, as far as can be told: contexts below have its id, unless they were given their
    /// own.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.correlation_id, &other.0.correlation_id)
            || self.lineage().any(|cx| Arc::ptr_eq(&cx.0, &other.0))
    }

    /// The strategy asked for, if one was.
    pub fn strategy(&self) -> Option<Strategy> {
        self.0.strategy
    }

    /// Whether its runs go before others, or after them.
    pub fn priority(&self) -> Priority {
        self.0.priority
    }

    /// The memory that its runs may hold, if that is bounded: those that work with large values ask it.
    ///
    /// ```
    /// use ember_core::{Context, Weigh};
    /// use ember_core::policy::MemoryBudget;
    ///
    /// let budget = MemoryBudget::builder().bytes(1 << 20).build()?;
    /// let cx = Context::builder().memory(&budget).build();
    ///
    /// let page = vec![0_u8; 4096];
    /// let _admitted = cx.memory().map(|memory| memory.admit(page.weight())).transpose().unwrap();
    /// assert_eq!(budget.used(), page.weight());
    /// # Ok::<(), ember_core::policy::Invalid>(())
    /// ```
    pub fn memory(&self) -> Option<&MemoryBudget> {
        self.0.memory.as_ref()
    }

    /// How many threads at most work for its runs, those that call them included, if that is bounded.
    pub fn threads(&self) -> Option<usize> {
        self.share().map(|share| share.most())
    }

    /// What the threads of its [`Runtime`](crate::Runtime) are called, if it belongs to one that has threads of its own.
    pub fn runtime_name(&self) -> Option<String> {
        self.home()?.name().map(str::to_owned)
    }

    #[cfg(feature = "parallel")]
    pub(crate) fn is_bulk(&self) -> bool {
        self.0.priority == Priority::Bulk
    }

    pub(crate) fn share(&self) -> Option<&Arc<Share>> {
        self.0.share.as_ref()
    }

    /// The runtime that it belongs to, if one was made.
    pub(crate) fn home(&self) -> Option<&Arc<Shared>> {
        self.0.home.as_ref()
    }

    /// The helpers of its runs.
    #[cfg(feature = "parallel")]
    pub(crate) fn crew(&self) -> &'static Crew {
        self.0.place.crew()
    }

    /// Whether nodes are to run one after the other.
    pub(crate) fn is_in_order(&self) -> bool {
        self.strategy() == Some(Strategy::Sequential)
    }

    /// Whether it may be dropped by any thread, and so at any time behind its runs.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.is_plain
    }

    /// Whether nobody observes it, and nodes need not run at the same time.
    fn is_quiet(&self) -> bool {
        self.is_undisturbed(Self::IS_OBSERVED) && !self.strategy().is_some_and(Strategy::is_parallel)
    }

    /// How long runs stay in order at least, if the strategy is to choose.
    pub fn parallel_from(&self) -> Duration {
        self.0.parallel_from
    }

    /// All signs that something may have stopped the context, and the one that nobody waits for the run any more.
    pub(crate) const ANY_SIGN: u8 = !LIVE;
    pub(crate) const IS_ABANDONED: u8 = ABANDONED;
    /// No sign of that kind, but it has to be told what nodes do.
    pub(crate) const IS_OBSERVED: u8 = OBSERVED;

    /// What every context shows: who heeds it is never undisturbed.
    pub(crate) const IS_LIVE: u8 = LIVE;

    /// Whether there is none of these signs: one relaxed load.
    #[inline(always)]
    pub(crate) fn is_undisturbed(&self, signs: u8) -> bool {
        self.0.state.load(Ordering::Relaxed) & signs == 0
    }

    /// All signs, for who asks often.
    #[inline(always)]
    pub(crate) fn all_signs(&self) -> &AtomicU8 {
        &self.0.state
    }

    /// Those who observe its runs.
    pub(crate) fn observers(&self) -> Option<&Arc<Observers>> {
        self.0.observers.as_ref().or_else(|| self.is_default().then(observe::installed)?)
    }

    /// Asked before every node.
    #[doc(hidden)]
    #[inline]
    pub fn __stopped(&self) -> Option<Stopped> {
        if self.is_undisturbed(Self::ANY_SIGN) { None } else { self.stopped_or_late() }
    }

    #[cold]
    #[inline(never)]
    fn stopped_or_late(&self) -> Option<Stopped> {
        if self.is_cancelled() {
            Some(Stopped::Cancelled)
        } else if self.is_late() {
            Some(Stopped::DeadlineExceeded)
        } else {
            None
        }
    }

    /// Whether its time is the system's.
    #[cfg(feature = "tokio")]
    pub(crate) fn has_timers(&self) -> bool {
        self.0.clock.as_ref().is_none_or(|clock| clock.has_timers())
    }

    fn is_cancelled_itself(&self) -> bool {
        self.0.state.load(Ordering::Relaxed) & CANCELLED != 0
    }

    /// A deadline already includes those above it, so an ancestor is asked only where it has a clock of
    /// its own.
    fn is_late(&self) -> bool {
        if self.lineage().any(|cx| cx.0.state.load(Ordering::Relaxed) & EXPIRED != 0) {
            return true;
        }
        let mut asked: Option<&Self> = None;
        self.lineage().any(|cx| {
            if asked.is_some_and(|below| below.shares_clock(cx)) {
                return false;
            }
            asked = Some(cx);
            cx.0.deadline.is_some_and(|deadline| deadline <= cx.now())
        })
    }

    /// The context, then its parent, and so on.
    fn lineage(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |cx| cx.0.parent.as_ref())
    }

    /// The moment by its clock.
    pub(crate) fn now(&self) -> Instant {
        self.0.clock.as_ref().map_or_else(Instant::now, |clock| clock.now())
    }

    /// Where it has the time from.
    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_deref().unwrap_or(&SystemClock)
    }

    fn shares_clock(&self, other: &Self) -> bool {
        match (&self.0.clock, &other.0.clock) {
            (None, None) => true,
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.__stopped() {
            None => "live",
            Some(Stopped::Cancelled) => "cancelled",
            Some(Stopped::DeadlineExceeded) => "past its deadline",
        };
        f.debug_struct("Context")
            .field("correlation_id", &self.correlation_id())
            .field("state", &format_args!("{state}"))
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    /// Frees a long line of ancestors one by one: left to the compiler it would recurse.
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(mut inner) = next.and_then(|cx| Arc::into_inner(cx.0)) {
            next = inner.parent.take();
        }
    }
}
