//! Where a context gets the time from.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How often a thread that waits looks at a clock of which it is not known how it goes.
const LOOK: Duration = Duration::from_millis(10);

/// Tells the time to a context, so that tests of deadlines need not sleep.
///
/// Time must not go backwards: a deadline that has passed stays passed.
pub trait Clock: Send + Sync + 'static {
    /// The current moment.
    fn now(&self) -> Instant;

    /// Whether tokio's timers go by this clock, so that a run can be woken at its deadline. Of other clocks the
    /// deadline is looked at whenever a node goes on.
    fn has_timers(&self) -> bool {
        false
    }

    /// Keeps the calling thread until the clock shows `moment`, or somebody unparks the thread
    /// ([`Thread::unpark`](std::thread::Thread::unpark)). It may return earlier for no reason, so who calls it looks
    /// again.
    ///
    /// Policies wait by it between two attempts of a synchronous operator. Unless it is overridden, it sleeps for as long
    /// as is left by [`now`](Clock::now), but no longer than 10 ms by a clock without timers, which may be moved
    /// meanwhile.
    fn park_until(&self, moment: Instant) {
        let left = moment.saturating_duration_since(self.now());
        if !left.is_zero() {
            thread::park_timeout(if self.has_timers() { left } else { left.min(LOOK) });
        }
    }
}

/// The system's monotonic clock, the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn has_timers(&self) -> bool {
        true
    }
}

/// A clock that stands still until it is told to go on. Clones show the same time.
///
/// ```
/// use std::time::Duration;
/// use ember_core::{Context, ManualClock, Stopped};
///
/// let clock = ManualClock::new();
/// let cx = Context::builder().clock(clock.clone()).timeout(Duration::from_secs(2)).build();
///
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(cx.remaining(), Some(Duration::from_secs(1)));
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(cx.check(), Err(Stopped::DeadlineExceeded));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Face>);

#[derive(Debug)]
struct Face {
    hands: Mutex<Hands>,
    /// Notified whenever a thread begins to wait.
    joined: Condvar,
}

#[derive(Debug)]
struct Hands {
    now: Instant,
    sleepers: Vec<Sleeper>,
}

/// A thread that waits for a moment.
#[derive(Debug)]
struct Sleeper {
    thread: Thread,
    until: Instant,
}

impl Hands {
    /// Threads whose moment has come do not wait any more, though they may not have noticed.
    fn waiting(&self) -> usize {
        self.sleepers.iter().filter(|sleeper| self.now < sleeper.until).count()
    }
}

impl ManualClock {
    /// A clock that shows the moment of its making.
    pub fn new() -> Self {
        let hands = Hands { now: Instant::now(), sleepers: Vec::new() };
        Self(Arc::new(Face { hands: Mutex::new(hands), joined: Condvar::new() }))
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock on, for all its clones, and wakes the threads whose moment has come.
    ///
    /// # Panics
    /// If the time is beyond what an [`Instant`] holds.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.now = hands.now.checked_add(by).expect("a manual clock cannot go beyond the end of `Instant`");
        let now = hands.now;
        let due = hands.sleepers.iter().filter(|sleeper| sleeper.until <= now);
        due.for_each(|sleeper| sleeper.thread.unpark());
    }

    /// Blocks until at least so many threads wait for the clock to be moved on: so a test that moves it need not sleep
    /// until the code under test has come so far.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ember_core::{Clock, ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let noon = clock.now() + Duration::from_secs(3600);
    /// std::thread::scope(|scope| {
    ///     let sleeper = scope.spawn(|| {
    ///         while clock.now() < noon {
    ///             clock.park_until(noon);
    ///         }
    ///     });
    ///     clock.until_waiting(1);
    ///     assert!(!sleeper.is_finished());
    ///     clock.advance(Duration::from_secs(3600));
    /// });
    /// ```
    pub fn until_waiting(&self, threads: usize) {
        let hands = self.hands();
        let come = self.0.joined.wait_while(hands, |hands| hands.waiting() < threads);
        drop(come.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.hands().now
    }

    fn park_until(&self, moment: Instant) {
        let thread = thread::current();
        let me = thread.id();
        let mut hands = self.hands();
        if moment <= hands.now {
            return;
        }
        hands.sleepers.push(Sleeper { thread, until: moment });
        drop(hands);
        self.0.joined.notify_all();
        thread::park();
        self.hands().sleepers.retain(|sleeper| sleeper.thread.id() != me);
    }
}
