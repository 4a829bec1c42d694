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
//! is over. So no probe can keep the breaker half open for ever. Calls that hang are not stopped by it; a timeout does that.

mod builder;
mod changes;
mod future;
mod machine;
mod permit;
mod said;
mod state;
mod window;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

pub use builder::BreakerBuilder;
pub use future::BreakerCall;
pub use permit::Permit;
pub use said::{SaidWindow, WindowOf};
pub use state::{BreakerCounts, BreakerState, Change, Verdict};

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::{Duration, Instant};

use self::machine::{Gate, Leave, Machine, Settings, Step};
use self::permit::Lost;
use self::window::Rates;
use super::time::Time;
use super::{Idle, PolicyError};
use crate::error::__discard;
use crate::observe::{What, emit};
use crate::sync::{AtomicUsize, Mutex, MutexGuard, Ordering, lock};
use crate::watch::{State, Watch};

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
    time: Time,
    hook: Option<Hook>,
    /// The machine's, to be read without its lock.
    gate: AtomicUsize,
    /// No code of the user runs under this lock, the clock's among it.
    machine: Mutex<Machine>,
}

impl Breaker {
    /// Starts a breaker; see [`BreakerBuilder`] for what it is if nothing is said.
    pub fn builder() -> BreakerBuilder {
        BreakerBuilder::default()
    }

    fn now(&self) -> Instant {
        self.time.here()
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
        let mut permit = self.acquire().map_err(PolicyError::open)?;
        permit.if_lost(Lost::Panicked);
        let outcome = next();
        permit.if_lost(Lost::Dropped);
        permit.settle(judge(&outcome));
        outcome
    }

    /// The same for an `async` operator. To drop the future is to cancel the call, which counts for neither side.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[inline]
    pub fn call_async<T, E, F>(&self, next: F) -> BreakerCall<'_, F>
    where
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        BreakerCall::new(self, next)
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
        let mut permit = self.acquire().map_err(PolicyError::open)?;
        let outcome = attended(&mut permit, next).await;
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
        if let Some(generation) = self.gate().open_to() {
            let leave = Leave { generation, probe: None };
            let began = self.settings.slow.is_some().then(|| self.now());
            return Ok(Permit::new(self, leave, began));
        }
        self.ask()
    }

    #[cold]
    fn ask(&self) -> Result<Permit<'_>, Option<Duration>> {
        let now = self.now();
        let mut machine = lock(&self.machine);
        let answer = machine.ask(&self.settings, now);
        self.let_go(machine);
        let permit = answer.map(|leave| Permit::new(self, leave, Some(now)));
        self.tell();
        if permit.is_err() {
            emit(|| What::BreakerRefused);
        }
        permit
    }

    /// Takes the result of a call.
    #[inline]
    fn settle(&self, leave: Leave, verdict: Verdict, took: Option<Duration>, now: Option<Instant>) {
        let slow = self.settings.is_slow(took);
        if verdict == Verdict::Success && !slow && self.gate().is_full_of_successes(leave.generation) {
            return;
        }
        let mut machine = lock(&self.machine);
        let step = machine.settle(&self.settings, leave, verdict, slow, now);
        self.let_go(machine);
        if step != Step::Nothing {
            self.go_on(step);
        }
    }

    #[cold]
    fn go_on(&self, step: Step) {
        if step == Step::Opened {
            let now = self.now();
            lock(&self.machine).start(now);
        }
        self.tell();
    }

    #[inline]
    fn gate(&self) -> Gate {
        Gate(self.gate.load(Ordering::Acquire))
    }

    /// Lets go of the lock behind what may have changed the state.
    fn let_go(&self, machine: MutexGuard<'_, Machine>) {
        self.gate.store(machine.gate().0, Ordering::Release);
        drop(machine);
    }

    /// The state at this moment.
    pub fn state(&self) -> BreakerState {
        let now = self.now();
        lock(&self.machine).state(Some(now))
    }

    /// What was counted.
    pub fn counts(&self) -> BreakerCounts {
        let now = self.now();
        let machine = lock(&self.machine);
        let Rates { calls, failures, slow } = machine.rates(now);
        BreakerCounts { calls, failures, slow, rejected: machine.rejected }
    }

    /// Lets no call through until [`reset`](Self::reset) or [`force_closed`](Self::force_closed).
    pub fn force_open(&self) {
        self.put(|machine, now| machine.force(true, now));
    }

    /// Lets all calls through, and counts none, until [`reset`](Self::reset) or [`force_open`](Self::force_open).
    pub fn force_closed(&self) {
        self.put(|machine, now| machine.force(false, now));
    }

    /// Closes it, and forgets what was counted.
    pub fn reset(&self) {
        self.put(|machine, now| machine.close(Some(now)));
    }

    fn put(&self, change: impl FnOnce(&mut Machine, Instant)) {
        let now = self.now();
        let mut machine = lock(&self.machine);
        change(&mut machine, now);
        self.let_go(machine);
        self.tell();
    }

    /// Tells what has changed, unless another thread does, or this one further up.
    fn tell(&self) {
        let mut change = lock(&self.machine).changes.next();
        while let Some(now) = change {
            emit(|| What::BreakerChanged { from: now.from, to: now.to });
            if let Some(hook) = &self.hook {
                // A call is not to fail by who watches it; and this may be a destructor's doing.
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| hook(&now))) {
                    __discard(payload);
                }
            }
            let mut machine = lock(&self.machine);
            machine.changes.told();
            change = machine.changes.next();
        }
    }
}

impl Idle for Breaker {
    /// Whether it turns nobody away: it is closed, or its open time is over and no probe is under way.
    fn is_idle(&self) -> bool {
        let now = self.now();
        lock(&self.machine).is_idle(now)
    }
}

/// A call that has failed if it panics. While it is not polled, it can only be dropped: by whom it was made for, or by a
/// panic of another.
async fn attended<T, E, F>(permit: &mut Permit<'_>, call: F) -> Result<T, PolicyError<E>>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    let mut call = pin!(call);
    poll_fn(|cx| {
        permit.if_lost(Lost::Panicked);
        let polled = call.as_mut().poll(cx);
        permit.if_lost(Lost::Dropped);
        polled
    })
    .await
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("state", &self.state()).field("counts", &self.counts()).finish()
    }
}

impl Watch for Breaker {
    fn watch(&self) -> State {
        State::Breaker { state: self.state(), counts: self.counts() }
    }
}
