//! At most so many calls in a time.

mod builder;

pub use builder::RateBuilder;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

use super::Refused;
use super::behind::{Behind, Pass};
use super::slots::{Slot, Slots};
use crate::Context;
use crate::executor::hold::Inside;
use crate::observe::{Since, What};
use crate::policy::PolicyError;
use crate::policy::time::Time;
use crate::policy::wait::patience::Patience;
use crate::policy::wait::turn::{self, Wait};
use crate::watch::{Line, State, Watch};

/// So many calls in a time, evenly spaced but for a burst; others wait for their turn or are refused.
///
/// In any window of time `t` at most `burst + t * calls / per` calls start. The algorithm is GCRA, see ITU-T I.371: it keeps one
/// number, has no windows at whose edges twice as many calls could pass, and takes the time from the clock only when it
/// is called. Turns are given in the order in which calls came.
///
/// A call that cannot have its turn in time is refused at once, and told exactly when it could: if nobody else comes
/// meanwhile, it is let through then.
///
/// ```
/// use std::time::Duration;
/// use ember_core::ManualClock;
/// use ember_core::policy::{Rate, Refused};
///
/// let clock = ManualClock::new();
/// let rate = Rate::builder()
///     .calls(10)
///     .per(Duration::from_secs(1))
///     .max_wait(Duration::ZERO)
///     .clock(clock.clone())
///     .build()?;
///
/// assert!(rate.try_acquire().is_ok());
/// let later = Duration::from_millis(100);
/// assert_eq!(rate.try_acquire(), Err(Refused::Full { retry_after: Some(later) }));
/// clock.advance(later);
/// assert!(rate.try_acquire().is_ok());
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
pub struct Rate {
    slots: Slots,
    /// Since when the slots count: the first call.
    start: OnceLock<Instant>,
    burst: u32,
    max_wait: Option<Duration>,
    most_waiting: usize,
    waiting: AtomicUsize,
    refused: AtomicU64,
    time: Time,
}

/// Longer than any program runs, in nanoseconds: 146 years. What is summed up of it does not overflow.
const LONG: u64 = 1 << 62;

/// Nanoseconds, for ever at most.
fn nanos(time: Duration) -> u64 {
    crate::sync::nanos(time).min(LONG)
}

/// As a layer around a call.
impl Rate {
    /// 100 calls a second, if nothing else is said.
    pub fn builder() -> RateBuilder {
        RateBuilder::default()
    }

    /// Makes a call when its turn comes. A thread that waits takes part in other work meanwhile where it can, and so may
    /// go on later than that.
    ///
    /// # Errors
    /// What the call returns; [`PolicyError::full`] if it was refused; [`PolicyError::stopped`] if its run was stopped while
    /// it waited.
    #[inline]
    pub fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        match self.acquire() {
            Ok(()) => next(),
            Err(refused) => Err(refused.by(<() as Pass>::LIMIT)),
        }
    }

    /// The same for a call that is a future.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn call_async<T, E, F>(&self, next: F) -> impl Future<Output = Result<T, PolicyError<E>>>
    where
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        Behind::new(self.acquire_async(), next)
    }
}

/// By hand.
impl Rate {
    /// Lets a call through if its turn is there.
    ///
    /// # Errors
    /// [`Refused::Full`] if not, which counts as a refusal.
    #[inline]
    pub fn try_acquire(&self) -> Result<(), Refused> {
        self.at_once().map_err(|after| self.refuse(after))
    }

    /// Blocks the thread until the turn of a call.
    ///
    /// # Errors
    /// [`Refused::Full`] if that would be too late, or too many wait; [`Refused::Stopped`] if the current context was
    /// stopped meanwhile. A call whose turn is there is let through without asking the context.
    #[inline]
    pub fn acquire(&self) -> Result<(), Refused> {
        match self.at_once() {
            Ok(()) => Ok(()),
            Err(after) if !self.may_wait() => Err(self.refuse(after)),
            Err(_) => self.wait(),
        }
    }

    /// The same without blocking the thread.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire), for the context in which it is first polled.
    pub fn acquire_async(&self) -> Pace<'_> {
        Pace { rate: self, waits: None }
    }

    /// Lets a call through if its turn is there, else tells in how many nanoseconds it could be.
    #[inline]
    fn at_once(&self) -> Result<(), u64> {
        let now = Context::__with(|context| self.now(context));
        self.slots.reserve(now, 0).map(drop)
    }

    pub(super) fn is_even(&self, context: &Context) -> bool {
        self.slots.is_even(self.now(context))
    }

    fn may_wait(&self) -> bool {
        self.most_waiting > 0 && self.max_wait.is_none_or(|time| !time.is_zero())
    }

    #[cold]
    fn wait(&self) -> Result<(), Refused> {
        let context = Context::current();
        let since = Since::now();
        let mut turn = Turn::told(self, &context, &since)?;
        let until = turn.at;
        let outcome = turn::wait(&mut turn, Some(until), &self.time, &context);
        since.tell(|took| What::RateWaited { took, granted: outcome.is_ok() });
        if outcome?.is_none() {
            turn.used = true;
        }
        Ok(())
    }

    #[inline]
    fn now(&self, context: &Context) -> u64 {
        let now = self.time.now(context);
        let start = *self.start.get_or_init(|| now);
        nanos(now.saturating_duration_since(start))
    }

    #[cold]
    fn refuse(&self, after: u64) -> Refused {
        self.refused.fetch_add(1, Relaxed);
        Refused::Full { retry_after: Some(Duration::from_nanos(after)) }
    }
}

/// Gauges.
impl Rate {
    /// The time between two calls in the long run.
    pub fn interval(&self) -> Duration {
        Duration::from_nanos(self.slots.interval())
    }

    /// How many calls may start at once.
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// How many calls wait for their turn.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// How many calls have been refused so far. Runs that were stopped do not count.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rate")
            .field("interval", &self.interval())
            .field("burst", &self.burst)
            .field("waiting", &self.waiting())
            .field("refused", &self.refused())
            .finish_non_exhaustive()
    }
}

impl Pass for () {
    const LIMIT: &'static str = "rate";

    /// Nobody waits for a call that has started.
    fn enter(&self) -> Option<Inside> {
        None
    }
}

/// A turn to come. If it is dropped before, it is given back.
struct Turn<'l> {
    rate: &'l Rate,
    slot: Slot,
    at: Instant,
    used: bool,
    _waits: Option<Waits<'l>>,
}

impl<'l> Turn<'l> {
    /// The same; that there is none is told to those who listen.
    fn told(rate: &'l Rate, context: &Context, since: &Since) -> Result<Self, Refused> {
        Self::new(rate, context).inspect_err(|_| since.tell(|took| What::RateWaited { took, granted: false }))
    }

    fn new(rate: &'l Rate, context: &Context) -> Result<Self, Refused> {
        context.check()?;
        let waits = Waits::new(rate);
        let patience = match (&waits, rate.max_wait) {
            (None, _) => 0,
            (Some(_), Some(time)) => nanos(time),
            (Some(_), None) => LONG,
        };
        // A turn behind the deadline is none.
        let patience = context.remaining().map_or(patience, |left| patience.min(nanos(left)));
        let now = rate.now(context);
        let slot = rate.slots.reserve(now, patience).map_err(|after| rate.refuse(after))?;
        let start = rate.start.get().copied().unwrap_or_else(|| rate.time.now(context));
        // It may have come by now, and then there is nothing to give back.
        let used = slot.start <= now;
        Ok(Self { rate, slot, at: start + Duration::from_nanos(slot.start), used, _waits: waits })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.rate.slots.give_back(self.slot);
        }
    }
}

impl Wait for Turn<'_> {
    type Output = ();

    /// It comes by itself.
    fn poll(&mut self, _: &Waker) -> Poll<()> {
        if self.used { Poll::Ready(()) } else { Poll::Pending }
    }

    fn step_aside(&mut self) -> bool {
        true
    }
}

/// Counts a call that waits.
struct Waits<'l>(&'l AtomicUsize);

impl<'l> Waits<'l> {
    /// Nothing if so many wait already.
    fn new(rate: &'l Rate) -> Option<Self> {
        let one_more = |waiting| (waiting < rate.most_waiting).then_some(waiting + 1);
        rate.waiting.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        Some(Self(&rate.waiting))
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// The future of [`Rate::acquire_async`]. Dropping it gives the turn back.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Pace<'l> {
    rate: &'l Rate,
    /// There once it waits.
    waits: Option<Box<(Turn<'l>, Patience, Since)>>,
}

impl Pace<'_> {
    #[cold]
    fn wait(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Refused>> {
        let rate = self.rate;
        let (turn, patience, since) = match &mut self.waits {
            Some(waits) => &mut **waits,
            None => {
                let context = Context::current();
                let since = Since::now();
                let turn = Turn::told(rate, &context, &since)?;
                let patience = Patience::new(context, Some(turn.at), &rate.time);
                &mut **self.waits.insert(Box::new((turn, patience, since)))
            }
        };
        let outcome = match patience.register(cx.waker()) {
            _ if turn.used => Ok(()),
            Ok(()) if !patience.is_over(&rate.time) => return Poll::Pending,
            outcome => outcome,
        };
        turn.used |= outcome.is_ok();
        since.tell(|took| What::RateWaited { took, granted: outcome.is_ok() });
        self.waits = None;
        Poll::Ready(outcome.map_err(Refused::from))
    }
}

impl Future for Pace<'_> {
    type Output = Result<(), Refused>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let rate = self.rate;
        if self.waits.is_none() {
            match rate.at_once() {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(after) if !rate.may_wait() => return Poll::Ready(Err(rate.refuse(after))),
                Err(_) => {}
            }
        }
        self.wait(cx)
    }
}

impl fmt::Debug for Pace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("waits", &self.waits.is_some()).finish_non_exhaustive()
    }
}

impl Watch for Rate {
    fn watch(&self) -> State {
        let line = Line::new(self.waiting(), self.most_waiting, self.refused());
        State::Rate { interval: self.interval(), line }
    }
}
