//! Calls that overlap, beside a slow and obvious breaker.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::{Change, Permit};
use super::*;

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Acquire,
    /// Tells how one of the calls under way ended, or drops it without a word.
    End(Index, Option<Verdict>),
    ForceOpen,
    ForceClosed,
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = prop_oneof![
        3 => Just(Some(Verdict::Success)),
        3 => Just(Some(Verdict::Failure)),
        1 => Just(Some(Verdict::Neither)),
        1 => Just(None),
    ];
    prop_oneof![
        4 => (0_u64..8).prop_map(Step::Wait),
        12 => Just(Step::Acquire),
        12 => (any::<Index>(), verdict).prop_map(|(which, verdict)| Step::End(which, verdict)),
        1 => prop_oneof![Just(Step::ForceOpen), Just(Step::ForceClosed), Just(Step::Reset)],
    ]
}

const WINDOW: usize = 4;
const MIN_CALLS: usize = 2;
const OPEN: u64 = 10;
const LONGEST: u64 = 25;
const LEASE: u64 = 5;

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// Whether each call has failed.
    Closed(Vec<bool>),
    Open {
        until: u64,
    },
    /// The calls under way, and until when each is waited for.
    HalfOpen {
        waited_for: Vec<(u64, u64)>,
        good: usize,
    },
    Forced {
        open: bool,
    },
}

struct Model {
    now: u64,
    phase: Phase,
    /// How many states there were.
    epoch: u64,
    openings: u32,
    /// How many calls there were.
    calls: u64,
    rejected: u64,
}

/// A call of the model: its number, and when it began.
#[derive(Clone, Copy)]
struct Call {
    number: u64,
    epoch: u64,
}

impl Model {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch += 1;
    }

    fn open(&mut self) {
        let time = (OPEN * 2_u64.pow(self.openings.min(10))).min(LONGEST);
        self.openings += 1;
        self.enter(Phase::Open { until: self.now + time });
    }

    fn close(&mut self) {
        self.openings = 0;
        self.enter(Phase::Closed(Vec::new()));
    }

    fn acquire(&mut self, probes: usize) -> Result<Call, Option<u64>> {
        if self.phase == (Phase::Forced { open: true }) {
            self.rejected += 1;
            return Err(None);
        }
        if let Phase::Open { until } = self.phase {
            if self.now < until {
                self.rejected += 1;
                return Err(Some(until - self.now));
            }
            self.enter(Phase::HalfOpen { waited_for: Vec::new(), good: 0 });
        }
        self.calls += 1;
        let call = Call { number: self.calls, epoch: self.epoch };
        if let Phase::HalfOpen { waited_for, good } = &mut self.phase {
            waited_for.retain(|probe| self.now < probe.1);
            if waited_for.len() + *good >= probes {
                self.rejected += 1;
                return Err(None);
            }
            waited_for.push((call.number, self.now + LEASE));
        }
        Ok(call)
    }

    fn end(&mut self, call: Call, verdict: Verdict, probes: usize) {
        if call.epoch != self.epoch {
            return;
        }
        match &mut self.phase {
            Phase::Closed(calls) if verdict != Verdict::Neither => {
                calls.push(verdict == Verdict::Failure);
                let last = &calls[calls.len().saturating_sub(WINDOW)..];
                let failed = last.iter().filter(|failed| **failed).count();
                if last.len() >= MIN_CALLS && failed * 2 >= last.len() {
                    self.open();
                }
            }
            Phase::HalfOpen { waited_for, good } => {
                let Some(at) = waited_for.iter().position(|probe| probe.0 == call.number) else { return };
                waited_for.remove(at);
                match verdict {
                    Verdict::Neither => {}
                    Verdict::Failure => self.open(),
                    Verdict::Success => {
                        *good += 1;
                        if *good == probes {
                            self.close();
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn state(&self) -> BreakerState {
        match self.phase {
            Phase::Closed(_) => BreakerState::Closed,
            Phase::Open { until } => {
                BreakerState::Open { retry_after: Duration::from_secs(until.saturating_sub(self.now)) }
            }
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
            Phase::Forced { open: true } => BreakerState::ForcedOpen,
            Phase::Forced { open: false } => BreakerState::ForcedClosed,
        }
    }

    fn counts(&self) -> Option<(u32, u32)> {
        let Phase::Closed(calls) = &self.phase else { return None };
        let last = &calls[calls.len().saturating_sub(WINDOW)..];
        let failed = last.iter().filter(|failed| **failed).count();
        Some((u32::try_from(last.len()).unwrap(), u32::try_from(failed).unwrap()))
    }
}

proptest! {
    #[test]
    fn calls_that_overlap_do_what_the_obvious_breaker_does(probes in 1_u32..4, steps in vec(step(), 1..300)) {
        let clock = ManualClock::new();
        let told = Arc::new(Mutex::new(Vec::<Change>::new()));
        let there = told.clone();
        let breaker = Breaker::builder()
            .window(WINDOW)
            .min_calls(u32::try_from(MIN_CALLS).unwrap())
            .probes(probes)
            .open_time(Duration::from_secs(OPEN))
            .open_time_growth(2.0, Duration::from_secs(LONGEST))
            .probe_lease(Duration::from_secs(LEASE))
            .clock(clock.clone())
            .on_change(move |change| there.lock().unwrap().push(*change))
            .build()
            .unwrap();
        let probes = probes as usize;
        let phase = Phase::Closed(Vec::new());
        let mut model = Model { now: 0, phase, epoch: 0, openings: 0, calls: 0, rejected: 0 };
        let mut under_way: Vec<(Permit<'_>, Call)> = Vec::new();
        for step in steps {
            match step {
                Step::Wait(seconds) => {
                    clock.advance(Duration::from_secs(seconds));
                    model.now += seconds;
                }
                Step::Acquire => match (breaker.acquire(), model.acquire(probes)) {
                    (Ok(permit), Ok(call)) => under_way.push((permit, call)),
                    (Err(real), Err(expected)) => prop_assert_eq!(real, expected.map(Duration::from_secs)),
                    (real, expected) => prop_assert!(false, "{real:?}, and not {:?}", expected.is_ok()),
                },
                Step::End(_, _) if under_way.is_empty() => {}
                Step::End(which, verdict) => {
                    let (permit, call) = under_way.remove(which.index(under_way.len()));
                    match verdict {
                        Some(verdict) => permit.settle(verdict),
                        None => drop(permit),
                    }
                    model.end(call, verdict.unwrap_or(Verdict::Neither), probes);
                }
                Step::ForceOpen => {
                    breaker.force_open();
                    model.enter(Phase::Forced { open: true });
                }
                Step::ForceClosed => {
                    breaker.force_closed();
                    model.enter(Phase::Forced { open: false });
                }
                Step::Reset => {
                    breaker.reset();
                    model.close();
                }
            }
            prop_assert_eq!(breaker.state(), model.state());
            let counts = breaker.counts();
            prop_assert_eq!(counts.rejected, model.rejected);
            if let Some(expected) = model.counts() {
                prop_assert_eq!((counts.calls, counts.failures), expected);
            }
        }
        let told = told.lock().unwrap();
        let kind = |state: BreakerState| std::mem::discriminant(&state);
        for pair in told.windows(2) {
            prop_assert_eq!(kind(pair[0].to), kind(pair[1].from));
        }
        if let Some(last) = told.last() {
            prop_assert_eq!(kind(last.to), kind(breaker.state()));
        }
    }
}
