//! The states of a breaker, and what leads from one to the next.
//!
//! It knows no clock and calls nobody, so it can stand behind a lock: who asks it brings the time along. A window by
//! calls needs none while the breaker is closed, so a closed breaker may open without knowing when. Then the open time
//! begins at the first moment that is told, by whom it opened for or by the next call.

use std::time::{Duration, Instant};

use super::changes::Changes;
use super::window::{Rates, Window};
use super::{BreakerState, Verdict};

/// What the builder has checked.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) failure_rate: f64,
    /// From when on a call is slow, and how many may be.
    pub(super) slow: Option<(Duration, f64)>,
    pub(super) min_calls: u32,
    pub(super) open: Duration,
    /// How much longer it stays open each time that a probe has failed, and how long at most.
    pub(super) growth: (f64, Duration),
    pub(super) probes: u32,
    pub(super) lease: Duration,
    /// The window goes by time.
    pub(super) by_time: bool,
}

pub(super) struct Machine {
    phase: Phase,
    generation: usize,
    window: Window,
    pub(super) rejected: u64,
    /// How often it has opened since it was closed.
    openings: u32,
    pub(super) changes: Changes,
}

enum Phase {
    Closed,
    Open { time: Duration, until: Option<Instant> },
    HalfOpen { leases: Vec<Lease>, next: u64, succeeded: u32 },
    Forced { open: bool },
}

struct Lease {
    number: u64,
    ends: Instant,
}

/// Leave for a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leave {
    pub(super) generation: usize,
    /// The number of the lease, in the half-open state.
    pub(super) probe: Option<u64>,
}

/// What can be known of a machine without its lock, in one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gate(pub(super) usize);

impl Gate {
    const LETS_THROUGH: usize = 1;
    const SUCCESSES_COUNT: usize = 2;
    /// The numbers that are left for generations.
    const GENERATIONS: usize = usize::MAX >> 2;

    const fn new(generation: usize, lets_through: bool, successes_count: bool) -> Self {
        Self(generation << 2 | (successes_count as usize) << 1 | lets_through as usize)
    }

    /// The generation, if calls are let through without a question.
    #[inline]
    pub(super) const fn open_to(self) -> Option<usize> {
        if self.0 & Self::LETS_THROUGH == 0 { None } else { Some(self.0 >> 2) }
    }

    /// Whether a call of this generation that succeeds changes nothing: it would only take the place of another that
    /// did.
    #[inline]
    pub(super) const fn is_full_of_successes(self, generation: usize) -> bool {
        self.0 & Self::SUCCESSES_COUNT == 0 && self.0 >> 2 == generation
    }
}

/// What a result has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    Changed,
    /// It has opened, and wants to be told the time.
    Opened,
}

impl Machine {
    /// A closed one.
    pub(super) fn new(window: Window, changes: Changes) -> Self {
        Self { phase: Phase::Closed, generation: 0, window, rejected: 0, openings: 0, changes }
    }

    pub(super) fn ask(&mut self, settings: &Settings, now: Instant) -> Result<Leave, Option<Duration>> {
        self.start(now);
        if matches!(self.phase, Phase::Open { until: Some(until), .. } if until <= now) {
            self.enter(Phase::HalfOpen { leases: Vec::new(), next: 0, succeeded: 0 }, Some(now));
        }
        let generation = self.generation;
        let answer = match &mut self.phase {
            Phase::Closed | Phase::Forced { open: false } => Ok(None),
            Phase::Forced { open: true } => Err(None),
            Phase::Open { time, until } => Err(Some(left(*time, *until, Some(now)))),
            Phase::HalfOpen { leases, next, succeeded } => {
                leases.retain(|lease| lease.ends > now);
                let taken = u32::try_from(leases.len()).unwrap_or(u32::MAX);
                if taken.saturating_add(*succeeded) < settings.probes {
                    let number = *next;
                    *next += 1;
                    leases.push(Lease { number, ends: now + settings.lease });
                    Ok(Some(number))
                } else {
                    Err(None)
                }
            }
        };
        self.rejected += u64::from(answer.is_err());
        answer.map(|probe| Leave { generation, probe })
    }

    /// Takes the result of a call. Of a generation that is over, it counts for nothing.
    #[inline]
    pub(super) fn settle(
        &mut self,
        settings: &Settings,
        leave: Leave,
        verdict: Verdict,
        slow: bool,
        now: Option<Instant>,
    ) -> Step {
        if self.generation != leave.generation {
            return Step::Nothing;
        }
        let failed = verdict == Verdict::Failure;
        match &mut self.phase {
            Phase::Closed => {
                if verdict == Verdict::Neither {
                    return Step::Nothing;
                }
                let rates = self.window.add(now, failed, slow);
                if !settings.is_too_much(rates) {
                    return Step::Nothing;
                }
            }
            Phase::HalfOpen { leases, succeeded, .. } => {
                let held = leases.iter().position(|lease| Some(lease.number) == leave.probe);
                // The lease had ended, and another call may have it.
                let Some(held) = held else { return Step::Nothing };
                leases.swap_remove(held);
                if verdict == Verdict::Neither {
                    return Step::Nothing;
                }
                if !failed && !slow {
                    *succeeded += 1;
                    if *succeeded < settings.probes {
                        return Step::Nothing;
                    }
                    self.close(now);
                    return Step::Changed;
                }
            }
            Phase::Open { .. } | Phase::Forced { .. } => return Step::Nothing,
        }
        self.open(settings, now)
    }

    #[cold]
    fn open(&mut self, settings: &Settings, now: Option<Instant>) -> Step {
        let time = settings.open_time(self.openings);
        self.openings = self.openings.saturating_add(1);
        self.enter(Phase::Open { time, until: now.map(|now| now + time) }, now);
        if now.is_none() { Step::Opened } else { Step::Changed }
    }

    /// Tells the time to one that has opened without it.
    pub(super) fn start(&mut self, now: Instant) {
        if let Phase::Open { time, until } = &mut self.phase {
            until.get_or_insert(now + *time);
        }
    }

    pub(super) fn force(&mut self, open: bool, now: Instant) {
        self.enter(Phase::Forced { open }, Some(now));
    }

    pub(super) fn close(&mut self, now: Option<Instant>) {
        self.window.clear();
        self.openings = 0;
        self.enter(Phase::Closed, now);
    }

    /// Begins a state, and with it a generation.
    fn enter(&mut self, phase: Phase, now: Option<Instant>) {
        let from = self.state(now);
        self.phase = phase;
        self.generation = self.generation.wrapping_add(1) & Gate::GENERATIONS;
        self.changes.add(from, self.state(now));
    }

    pub(super) const fn gate(&self) -> Gate {
        let (lets_through, successes_count) = match self.phase {
            Phase::Closed => (true, !self.window.is_full_of_successes()),
            Phase::Forced { open } => (!open, open),
            Phase::Open { .. } | Phase::HalfOpen { .. } => (false, true),
        };
        Gate::new(self.generation, lets_through, successes_count)
    }

    pub(super) fn state(&self, now: Option<Instant>) -> BreakerState {
        match &self.phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { time, until } => BreakerState::Open { retry_after: left(*time, *until, now) },
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
            Phase::Forced { open: true } => BreakerState::ForcedOpen,
            Phase::Forced { open: false } => BreakerState::ForcedClosed,
        }
    }

    pub(super) fn rates(&self, now: Instant) -> Rates {
        self.window.rates(now)
    }

    /// Whether it turns nobody away at this moment, and no probe is under way whose result is waited for. What was forced
    /// is not to be forgotten.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        match &self.phase {
            Phase::Closed => true,
            Phase::Open { until, .. } => until.is_some_and(|until| until <= now),
            Phase::HalfOpen { leases, .. } => leases.iter().all(|lease| lease.ends <= now),
            Phase::Forced { .. } => false,
        }
    }
}

/// How much of the open time is left.
fn left(time: Duration, until: Option<Instant>, now: Option<Instant>) -> Duration {
    match (until, now) {
        (Some(until), Some(now)) => until.saturating_duration_since(now),
        _ => time,
    }
}

impl Settings {
    #[inline]
    pub(super) fn is_slow(&self, took: Option<Duration>) -> bool {
        self.slow.zip(took).is_some_and(|((slow, _), took)| took >= slow)
    }

    #[inline]
    fn is_too_much(&self, rates: Rates) -> bool {
        let share = |count: u32| f64::from(count) / f64::from(rates.calls.max(1));
        let bad = rates.failures > 0 || rates.slow > 0;
        bad && rates.calls >= self.min_calls
            && (share(rates.failures) >= self.failure_rate
                || self.slow.is_some_and(|(_, most)| share(rates.slow) >= most))
    }

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
