//! A circuit breaker: stops calling what keeps failing, and tries now and then whether it has recovered.
//!
//! ```text
//!            too many failures or slow calls            open time is over
//!   closed ───────────────────────────────────▶ open ───────────────────▶ half-open
//!      ▲                                          ▲                          │   │
//!      │                                          └── a probe failed ────────┘   │
//!      └───────────────── as many probes as were asked for succeeded ────────────┘
//! ```
//!
//! Each state has a *generation*. A [`Permit`] carries the one that it was given in, and a result that comes when
//! another has begun changes nothing. In the half-open state permits are *leases*: one that is dropped without a
//! result (its call was cancelled) can be given to another call at once, and one that never comes back, when its time
//! is over. So no probe can keep the breaker half open for ever.

mod builder;
mod permit;
mod window;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

pub use builder::BreakerBuilder;
pub use permit::Permit;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::window::{Rates, Window};
use super::{Idle, PolicyError};
use crate::sync::{AtomicUsize, Mutex, Ordering, lock};
use crate::{Clock, Context};

type Hook = Box<dyn Fn(&Change) + Send + Sync>;

/// A circuit breaker.
///
/// It counts the calls that it lets through in a sliding window. Failures are what the operator fails with, timeouts and
/// panics; calls that were cancelled, that another policy turned away, or whose arguments were invalid count for neither
/// side.
///
/// ```
/// use ember_core::policy::{Breaker, BreakerState, PolicyError};
/// use ember_core::ManualClock;
/// use std::time::Duration;
///
/// let clock = ManualClock::new();
/// let breaker = Breaker::builder().min_calls(2).probes(1).clock(clock.clone()).build()?;
/// let down = || Err::<(), PolicyError<&str>>("down".into());
/// for _ in 0..2 {
///     assert!(breaker.call(down).unwrap_err().operator().is_some());
/// }
/// let refused = breaker.call(down).unwrap_err();
/// assert!(refused.is_open());
/// assert_eq!(refused.retry_after(), Some(Duration::from_secs(30)));
///
/// clock.advance(Duration::from_secs(30));
/// breaker.call(|| Ok::<_, PolicyError<&str>>(())).unwrap();
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
pub struct Breaker {
    settings: Settings,
    /// The current context's, if there is none.
    clock: Option<Arc<dyn Clock>>,
    hook: Option<Hook>,
    /// Twice the generation, and one more if calls are let through without a question.
    gate: AtomicUsize,
    inner: Mutex<Inner>,
}

/// What the builder has checked.
#[derive(Clone, Debug)]
struct Settings {
    failure_rate: f64,
    /// From when on a call is slow, and how many may be.
    slow: Option<(Duration, f64)>,
    min_calls: u32,
    open: Duration,
    /// How much longer it stays open each time that a probe has failed, and how long at most.
    growth: (f64, Duration),
    probes: u32,
    lease: Duration,
    /// The window goes by time.
    by_time: bool,
}

struct Inner {
    phase: Phase,
    generation: usize,
    window: Window,
    rejected: u64,
    /// How often it has opened since it was closed.
    openings: u32,
}

enum Phase {
    Closed,
    Open { until: Instant },
    HalfOpen { leases: Vec<Lease>, next: u64, succeeded: u32 },
    Forced { open: bool },
}

struct Lease {
    number: u64,
    ends: Instant,
}

/// What state a breaker is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BreakerState {
    /// All calls go through.
    Closed,
    /// No call goes through. When the time is zero, the next one will be a probe.
    Open {
        /// How long there will be no call.
        retry_after: Duration,
    },
    /// Some calls go through, to see how they fare.
    HalfOpen,
    /// [`Breaker::force_open`] was called.
    ForcedOpen,
    /// [`Breaker::force_closed`] was called.
    ForcedClosed,
}

/// That a breaker has changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The state before.
    pub from: BreakerState,
    /// The state from here on.
    pub to: BreakerState,
}

/// What a breaker has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerCounts {
    /// The calls in the window.
    pub calls: u32,
    /// Those of them that failed.
    pub failures: u32,
    /// Those of them that were slow.
    pub slow: u32,
    /// The calls that were turned away since the breaker was made.
    pub rejected: u64,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Well.
    Success,
    /// In a way that tells of the operator's state.
    Failure,
    /// In a way that tells nothing of it.
    Neither,
}

impl Verdict {
    /// What an outcome says: failures, timeouts and panics are the operator's; cancellation, calls that were turned away
    /// and invalid values tell nothing of it.
    pub fn of<T, E>(outcome: &Result<T, PolicyError<E>>) -> Self {
        match outcome {
            Ok(_) => Self::Success,
            Err(failed) if failed.is_stopped() || failed.is_rejected() || failed.is_invalid() => {
                Self::Neither
            }
            Err(_) => Self::Failure,
        }
    }
}

impl Breaker {
    /// Starts a breaker; see [`BreakerBuilder`] for what it is if nothing is said.
    pub fn builder() -> BreakerBuilder {
        BreakerBuilder::default()
    }

    fn now(&self) -> Instant {
        self.clock.as_ref().map_or_else(|| Context::__with(Context::now), |clock| clock.now())
    }

    /// Calls `next`, unless the breaker is open.
    ///
    /// # Errors
    ///
    /// What `next` fails with, or [`PolicyError::open`].
    #[inline]
    pub fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        self.call_judged(next, Verdict::of)
    }

    /// The same, where `judge` tells how a call ended.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[inline]
    pub fn call_judged<T, E>(
        &self,
        next: impl FnOnce() -> Result<T, PolicyError<E>>,
        judge: impl FnOnce(&Result<T, PolicyError<E>>) -> Verdict,
    ) -> Result<T, PolicyError<E>> {
        let permit = self.acquire().map_err(PolicyError::open)?;
        let outcome = next();
        permit.settle(judge(&outcome));
        outcome
    }

    /// The same for an `async` operator. To drop the future is to cancel the call, which counts for neither side.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[inline]
    pub async fn call_async<T, E, F>(&self, next: F) -> Result<T, PolicyError<E>>
    where
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        let permit = self.acquire().map_err(PolicyError::open)?;
        let outcome = next.await;
        permit.settle(Verdict::of(&outcome));
        outcome
    }

    /// The same, where `judge` tells how a call ended.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[inline]
    pub async fn call_async_judged<T, E, F>(
        &self,
        next: F,
        judge: impl FnOnce(&Result<T, PolicyError<E>>) -> Verdict,
    ) -> Result<T, PolicyError<E>>
    where
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        let permit = self.acquire().map_err(PolicyError::open)?;
        let outcome = next.await;
        permit.settle(judge(&outcome));
        outcome
    }

    /// Asks whether a call may be made. What has come of it is told to the [`Permit`].
    ///
    /// # Errors
    ///
    /// If it may not: how long there will be no call, if that is known. It is not where others probe at this moment, and
    /// where the breaker was forced open.
    #[inline]
    pub fn acquire(&self) -> Result<Permit<'_>, Option<Duration>> {
        let gate = self.gate.load(Ordering::Acquire);
        if gate % 2 == 1 {
            return Ok(Permit::new(self, gate / 2, None));
        }
        self.ask()
    }

    #[cold]
    fn ask(&self) -> Result<Permit<'_>, Option<Duration>> {
        let now = self.now();
        let mut inner = lock(&self.inner);
        let before = inner.state(now);
        let opens = matches!(inner.phase, Phase::Open { until } if until <= now);
        if opens {
            inner.enter(Phase::HalfOpen { leases: Vec::new(), next: 0, succeeded: 0 }, &self.gate);
        }
        let generation = inner.generation;
        let answer = match &mut inner.phase {
            Phase::Closed | Phase::Forced { open: false } => Ok(Permit::new(self, generation, None)),
            Phase::Forced { open: true } => Err(None),
            Phase::Open { until } => Err(Some(until.saturating_duration_since(now))),
            Phase::HalfOpen { leases, next, succeeded } => {
                leases.retain(|lease| lease.ends > now);
                let taken = u32::try_from(leases.len()).unwrap_or(u32::MAX);
                if taken.saturating_add(*succeeded) < self.settings.probes {
                    let lease = Lease { number: *next, ends: now + self.settings.lease };
                    *next += 1;
                    let number = lease.number;
                    leases.push(lease);
                    Ok(Permit::new(self, generation, Some(number)))
                } else {
                    Err(None)
                }
            }
        };
        inner.rejected += u64::from(answer.is_err());
        let to = inner.state(now);
        drop(inner);
        if opens {
            self.tell(before, to);
        }
        answer
    }

    /// Takes the result of a call.
    fn settle(&self, generation: usize, probe: Option<u64>, verdict: Verdict, took: Option<Duration>) {
        if probe.is_none() && verdict == Verdict::Neither {
            return;
        }
        // To ask costs more than the rest of what happens for a call.
        let now = self.settings.by_time.then(|| self.now());
        let mut inner = lock(&self.inner);
        if inner.generation != generation {
            return;
        }
        let Inner { phase, window, .. } = &mut *inner;
        let (failed, slow) = (verdict == Verdict::Failure, self.is_slow(took));
        let turn = match phase {
            Phase::Closed => {
                window.add(now, failed, slow);
                self.is_too_much(window.rates(now)).then_some(Turn::Open)
            }
            Phase::HalfOpen { leases, succeeded, .. } => {
                let held = leases.iter().position(|lease| Some(lease.number) == probe);
                // The lease had ended, and another call may have it.
                let Some(held) = held else { return };
                leases.swap_remove(held);
                match verdict {
                    Verdict::Neither => None,
                    _ if failed || slow => Some(Turn::Open),
                    _ => {
                        *succeeded += 1;
                        (*succeeded >= self.settings.probes).then_some(Turn::Close)
                    }
                }
            }
            Phase::Open { .. } | Phase::Forced { .. } => None,
        };
        let Some(turn) = turn else { return };
        let now = now.unwrap_or_else(|| self.now());
        let from = inner.state(now);
        match turn {
            Turn::Open => {
                let until = now + self.settings.open_time(inner.openings);
                inner.openings = inner.openings.saturating_add(1);
                inner.enter(Phase::Open { until }, &self.gate);
            }
            Turn::Close => inner.close(&self.gate),
        }
        let to = inner.state(now);
        drop(inner);
        self.tell(from, to);
    }

    fn measures(&self) -> bool {
        self.settings.slow.is_some()
    }

    fn is_slow(&self, took: Option<Duration>) -> bool {
        self.settings.slow.zip(took).is_some_and(|((slow, _), took)| took >= slow)
    }

    fn is_too_much(&self, rates: Rates) -> bool {
        let share = |count: u32| f64::from(count) / f64::from(rates.calls.max(1));
        rates.calls >= self.settings.min_calls
            && (share(rates.failures) >= self.settings.failure_rate
                || self.settings.slow.is_some_and(|(_, most)| share(rates.slow) >= most))
    }

    /// The state at this moment.
    pub fn state(&self) -> BreakerState {
        let now = self.now();
        lock(&self.inner).state(now)
    }

    /// What was counted.
    pub fn counts(&self) -> BreakerCounts {
        let now = self.now();
        let mut inner = lock(&self.inner);
        let Rates { calls, failures, slow } = inner.window.rates(Some(now));
        BreakerCounts { calls, failures, slow, rejected: inner.rejected }
    }

    /// Lets no call through until [`reset`](Self::reset) or [`force_closed`](Self::force_closed).
    pub fn force_open(&self) {
        self.put(|inner, gate| inner.enter(Phase::Forced { open: true }, gate));
    }

    /// Lets all calls through, and counts none, until [`reset`](Self::reset) or [`force_open`](Self::force_open).
    pub fn force_closed(&self) {
        self.put(|inner, gate| inner.enter(Phase::Forced { open: false }, gate));
    }

    /// Closes it, and forgets what was counted.
    pub fn reset(&self) {
        self.put(Inner::close);
    }

    fn put(&self, change: impl FnOnce(&mut Inner, &AtomicUsize)) {
        let now = self.now();
        let mut inner = lock(&self.inner);
        let from = inner.state(now);
        change(&mut inner, &self.gate);
        let to = inner.state(now);
        drop(inner);
        self.tell(from, to);
    }

    /// Tells a change. No lock is held.
    fn tell(&self, from: BreakerState, to: BreakerState) {
        if let Some(hook) = &self.hook
            && from != to
        {
            hook(&Change { from, to });
        }
    }
}

enum Turn {
    Open,
    Close,
}

impl Settings {
    fn open_time(&self, openings: u32) -> Duration {
        let (growth, most) = self.growth;
        let times = growth.powi(i32::try_from(openings).unwrap_or(i32::MAX));
        let seconds = self.open.as_secs_f64() * times;
        // Compared as numbers: the product may be beyond all times.
        if seconds.is_finite() && seconds < most.as_secs_f64() {
            Duration::from_secs_f64(seconds)
        } else {
            most.max(self.open)
        }
    }
}

impl Inner {
    fn state(&self, now: Instant) -> BreakerState {
        match &self.phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { until } => BreakerState::Open { retry_after: until.saturating_duration_since(now) },
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
            Phase::Forced { open: true } => BreakerState::ForcedOpen,
            Phase::Forced { open: false } => BreakerState::ForcedClosed,
        }
    }

    /// Begins a state, and with it a generation.
    fn enter(&mut self, phase: Phase, gate: &AtomicUsize) {
        let lets_through = matches!(phase, Phase::Closed | Phase::Forced { open: false });
        self.phase = phase;
        // One bit of the gate is taken.
        self.generation = self.generation.wrapping_add(1) & (usize::MAX >> 1);
        gate.store(self.generation * 2 + usize::from(lets_through), Ordering::Release);
    }

    fn close(&mut self, gate: &AtomicUsize) {
        self.window.clear();
        self.openings = 0;
        self.enter(Phase::Closed, gate);
    }
}

impl Idle for Breaker {
    /// A closed one turns nobody away.
    fn is_idle(&self) -> bool {
        matches!(lock(&self.inner).phase, Phase::Closed)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("state", &self.state()).field("counts", &self.counts()).finish()
    }
}
