//! A slow and obvious breaker beside the real one: all calls are kept with their moments, and judged anew each time.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::window::PARTS;
use super::super::{Breaker, BreakerState, Verdict};
use crate::ManualClock;

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(u32),
    Call { fails: bool, slow: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u32..3000).prop_map(Step::Wait),
        6 => (any::<bool>(), any::<bool>()).prop_map(|(fails, slow)| Step::Call { fails, slow }),
        // So many in a row that windows hold nothing else.
        6 => Just(Step::Call { fails: false, slow: false }),
    ]
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    failure_rate: f64,
    slow_rate: f64,
    min_calls: u32,
    /// So many calls, or those of so many milliseconds.
    window: Result<usize, u32>,
    probes: u32,
}

fn rule() -> impl Strategy<Value = Rule> {
    let window = prop_oneof![(5_usize..12).prop_map(Ok), (100_u32..5000).prop_map(Err)];
    (0.1..=1.0, 0.1..=1.0, 1_u32..5, window, 1_u32..4).prop_map(
        |(failure_rate, slow_rate, min_calls, window, probes)| Rule {
            failure_rate,
            slow_rate,
            min_calls,
            window,
            probes,
        },
    )
}

const SLOW: u64 = 100;
const OPEN: u64 = 2000;

/// In milliseconds since the start.
#[derive(Default)]
struct Model {
    now: u64,
    /// When the window began, and what was called since: when, whether it failed, whether it was slow.
    began: Option<u64>,
    calls: Vec<(u64, bool, bool)>,
    open_until: Option<u64>,
    /// How many probes have succeeded, in the half-open state.
    probed: Option<u32>,
}

impl Model {
    fn state(&self) -> &'static str {
        match (self.open_until, self.probed) {
            (_, Some(_)) => "half-open",
            (Some(_), None) => "open",
            (None, None) => "closed",
        }
    }

    /// The calls of the window: it slides by whole parts.
    fn window(&self, rule: Rule) -> Vec<(u64, bool, bool)> {
        match rule.window {
            Ok(size) => self.calls.iter().rev().take(size).copied().collect(),
            Err(millis) => {
                let began = self.began.unwrap_or(self.now);
                let long = u128::from(millis) * 1_000_000 / PARTS as u128;
                let part = |at: u64| u128::from(at - began) * 1_000_000 / long;
                let current = part(self.now);
                let inside = |call: &&(u64, bool, bool)| current - part(call.0) < PARTS as u128;
                self.calls.iter().filter(inside).copied().collect()
            }
        }
    }

    /// Whether the call was made.
    fn call(&mut self, rule: Rule, fails: bool, slow: bool) -> bool {
        if let Some(until) = self.open_until {
            if self.now < until {
                return false;
            }
            self.open_until = None;
            self.probed = Some(0);
        }
        if slow {
            self.now += SLOW;
        }
        if let Some(probed) = &mut self.probed {
            *probed += 1;
            if fails || slow {
                self.probed = None;
                self.open_until = Some(self.now + OPEN);
            } else if *probed == rule.probes {
                *self = Self { now: self.now, ..Self::default() };
            }
            return true;
        }
        self.began.get_or_insert(self.now);
        self.calls.push((self.now, fails, slow));
        let window = self.window(rule);
        let share = |is: fn(&(u64, bool, bool)) -> bool| {
            let (all, those) = (window.len(), window.iter().filter(|call| is(call)).count());
            f64::from(u32::try_from(those).unwrap()) / f64::from(u32::try_from(all).unwrap())
        };
        let (failures, slows) = (share(|call| call.1), share(|call| call.2));
        if window.len() >= rule.min_calls as usize
            && (failures >= rule.failure_rate || slows >= rule.slow_rate)
        {
            self.open_until = Some(self.now + OPEN);
        }
        true
    }
}

proptest! {
    #[test]
    fn the_breaker_does_what_the_obvious_one_does(rule in rule(), steps in vec(step(), 1..200)) {
        let clock = ManualClock::new();
        let builder = Breaker::builder()
            .failure_rate(rule.failure_rate)
            .slow_rate(Duration::from_millis(SLOW), rule.slow_rate)
            .min_calls(rule.min_calls)
            .open_time(Duration::from_millis(OPEN))
            .probes(rule.probes)
            .clock(clock.clone());
        let builder = match rule.window {
            Ok(size) => builder.window(size),
            Err(millis) => builder.window_time(Duration::from_millis(millis.into())),
        };
        let breaker = builder.build().unwrap();
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Wait(millis) => {
                    clock.advance(Duration::from_millis(millis.into()));
                    model.now += u64::from(millis);
                }
                Step::Call { fails, slow } => {
                    let made = match breaker.acquire() {
                        Err(_) => false,
                        Ok(permit) => {
                            if slow {
                                clock.advance(Duration::from_millis(SLOW));
                            }
                            permit.settle(if fails { Verdict::Failure } else { Verdict::Success });
                            true
                        }
                    };
                    prop_assert_eq!(made, model.call(rule, fails, slow));
                }
            }
            let state = match breaker.state() {
                BreakerState::Closed => "closed",
                BreakerState::HalfOpen => "half-open",
                _ => "open",
            };
            prop_assert_eq!(state, model.state());
            if state == "closed" {
                let window = model.window(rule);
                let those = |is: fn(&&(u64, bool, bool)) -> bool| window.iter().filter(is).count();
                let counts = breaker.counts();
                let counted = [counts.calls, counts.failures, counts.slow].map(|n| n as usize);
                prop_assert_eq!(counted, [window.len(), those(|call| call.1), those(|call| call.2)]);
            }
        }
    }
}
