//! Making a breaker.

use std::fmt;
use std::time::Duration;

use super::changes::Changes;
use super::machine::{Machine, Settings};
use super::said::SaidWindow;
use super::window::Window;
use super::{Breaker, Change, Hook};
use crate::Clock;
use crate::policy::Invalid;
use crate::policy::time::Time;
use crate::sync::{AtomicUsize, Mutex};

/// Makes a [`Breaker`]. If nothing is said, it opens when half of the last 100 calls failed, of ten at least; stays
/// open for 30 seconds; and closes when three probes have succeeded.
#[must_use = "a builder makes nothing until `build` is called"]
pub struct BreakerBuilder {
    failure_rate: f64,
    slow: Option<(Duration, f64)>,
    window: Span,
    min_calls: u32,
    open: Duration,
    growth: (f64, Duration),
    probes: u32,
    lease: Duration,
    time: Time,
    hook: Option<Hook>,
}

#[derive(Clone, Copy, Debug)]
enum Span {
    Calls(usize),
    Time(Duration),
}

const DAY: Duration = Duration::from_hours(24);

impl Default for BreakerBuilder {
    fn default() -> Self {
        Self {
            failure_rate: 0.5,
            slow: None,
            window: Span::Calls(100),
            min_calls: 10,
            open: Duration::from_secs(30),
            growth: (1.0, Duration::from_mins(10)),
            probes: 3,
            lease: Duration::from_mins(1),
            time: Time::default(),
            hook: None,
        }
    }
}

impl BreakerBuilder {
    /// The share of failures that opens it: more than 0 and at most 1. Half, if nothing is said.
    pub fn failure_rate(mut self, rate: f64) -> Self {
        self.failure_rate = rate;
        self
    }

    /// Opens it also when a share of the calls takes `slow` or longer. Nothing, if nothing is said.
    pub fn slow_rate(mut self, slow: Duration, rate: f64) -> Self {
        self.slow = Some((slow, rate));
        self
    }

    /// Judges by the last so many calls, from 1 to 100,000: a byte or two each. By 100, if nothing is said.
    pub fn window(mut self, calls: usize) -> Self {
        self.window = Span::Calls(calls);
        self
    }

    /// Judges by the calls of the last time instead, from a millisecond to a day. It slides by a tenth at a time.
    pub fn window_time(mut self, time: Duration) -> Self {
        self.window = Span::Time(time);
        self
    }

    /// Judges by either, as generated code knows it.
    #[doc(hidden)]
    pub fn window_said(self, window: SaidWindow) -> Self {
        match window {
            SaidWindow::Calls(calls) => self.window(calls as usize),
            SaidWindow::Time(time) => self.window_time(time),
        }
    }

    /// How many calls there must be in the window to judge at all, at least 1. Ten, if nothing is said.
    pub fn min_calls(mut self, calls: u32) -> Self {
        self.min_calls = calls;
        self
    }

    /// How long it stays open, up to a day. 30 seconds, if nothing is said.
    pub fn open_time(mut self, time: Duration) -> Self {
        self.open = time;
        self
    }

    /// Stays open so many times longer each time that a probe fails, from 1 to 100 times, but no longer than `at_most`. The
    /// same time, if nothing is said.
    pub fn open_time_growth(mut self, factor: f64, at_most: Duration) -> Self {
        self.growth = (factor, at_most);
        self
    }

    /// How many calls must succeed in the half-open state to close it, which is also how many are under way there at most:
    /// from 1 to 1,000. Three, if nothing is said. One that fails, or is slow, opens it again. A call inside of a call of the same
    /// breaker is a probe of its own, so with 1 such calls never close it.
    pub fn probes(mut self, calls: u32) -> Self {
        self.probes = calls;
        self
    }

    /// After which time a probe that has not come back is given up, so that another can be made, up to a day. 60 seconds,
    /// if nothing is said. It is not stopped, so where calls can hang, let them have a timeout too.
    pub fn probe_lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Takes the time from another clock than the current context's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.time = Time::of(clock);
        self
    }

    /// Calls `hook` at each change of the state, under no lock, and for one change at a time, in their order: on the thread
    /// that caused it, or on the one that is at an earlier change. So what it is told last holds, and it may use the
    /// breaker; a change that it causes is told behind.
    ///
    /// Of more than 64 changes that wait for a slow hook, the last ones are told as one. A panic of the hook ends there, and
    /// the call goes on.
    pub fn on_change(mut self, hook: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// Makes the breaker, closed.
    ///
    /// # Errors
    ///
    /// If a setting is out of its bounds.
    pub fn build(self) -> Result<Breaker, Invalid> {
        let window = self.checked()?;
        let settings = Settings {
            failure_rate: self.failure_rate,
            slow: self.slow,
            min_calls: self.min_calls,
            open: self.open,
            growth: self.growth,
            probes: self.probes,
            lease: self.lease,
            by_time: window.is_by_time(),
        };
        let machine = Machine::new(window, Changes::new());
        Ok(Breaker {
            settings,
            time: self.time,
            hook: self.hook,
            gate: AtomicUsize::new(machine.gate().0),
            machine: Mutex::new(machine),
        })
    }

    /// Where nothing is said of slow calls, both are zero, which [`check`](Self::check) refuses.
    #[cfg(feature = "settings")]
    pub(in crate::policy) fn map_slow(
        mut self,
        change: impl FnOnce((Duration, f64)) -> (Duration, f64),
    ) -> Self {
        self.slow = Some(change(self.slow.unwrap_or_default()));
        self
    }

    #[cfg(feature = "settings")]
    pub(in crate::policy) fn map_growth(
        mut self,
        change: impl FnOnce((f64, Duration)) -> (f64, Duration),
    ) -> Self {
        self.growth = change(self.growth);
        self
    }

    #[cfg(feature = "settings")]
    pub(in crate::policy) fn check(&self) -> Result<(), Invalid> {
        self.checked().map(drop)
    }

    /// The window, if all settings are within their bounds.
    fn checked(&self) -> Result<Window, Invalid> {
        rate("failure_rate", self.failure_rate)?;
        if let Some((slow, share)) = self.slow {
            time("slow_call", slow, DAY)?;
            rate("slow_rate", share)?;
        }
        time("open_time", self.open, DAY)?;
        time("probe_lease", self.lease, DAY)?;
        let (factor, at_most) = self.growth;
        if !(1.0..=100.0).contains(&factor) {
            return Err(invalid("open_time_growth", factor, "from 1 to 100"));
        }
        time("open_time_growth.at_most", at_most, DAY)?;
        if self.min_calls == 0 {
            return Err(invalid("min_calls", 0, "at least 1"));
        }
        if !(1..=1000).contains(&self.probes) {
            return Err(invalid("probes", self.probes, "from 1 to 1000"));
        }
        match self.window {
            Span::Calls(calls @ 1..=100_000) => {
                if u32::try_from(calls).is_ok_and(|calls| calls < self.min_calls) {
                    return Err(invalid("min_calls", self.min_calls, "at most the calls of the window"));
                }
                Ok(Window::of_calls(calls))
            }
            Span::Calls(calls) => Err(invalid("window", calls, "from 1 to 100000 calls")),
            Span::Time(time) if (Duration::from_millis(1)..=DAY).contains(&time) => Ok(Window::of_time(time)),
            Span::Time(time) => {
                Err(invalid("window_time", format_args!("{time:?}"), "from 1 ms to 24 hours"))
            }
        }
    }
}

fn invalid(setting: &'static str, value: impl fmt::Display, must: &'static str) -> Invalid {
    Invalid::new("breaker", setting, value, must)
}

fn rate(setting: &'static str, rate: f64) -> Result<(), Invalid> {
    if rate > 0.0 && rate <= 1.0 { Ok(()) } else { Err(invalid(setting, rate, "more than 0 and at most 1")) }
}

fn time(setting: &'static str, time: Duration, most: Duration) -> Result<(), Invalid> {
    if time.is_zero() || time > most {
        return Err(invalid(setting, format_args!("{time:?}"), "more than zero and at most 24 hours"));
    }
    Ok(())
}

impl fmt::Debug for BreakerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerBuilder")
            .field("failure_rate", &self.failure_rate)
            .field("slow_rate", &self.slow)
            .field("window", &self.window)
            .field("min_calls", &self.min_calls)
            .field("open_time", &self.open)
            .field("probes", &self.probes)
            .finish_non_exhaustive()
    }
}
