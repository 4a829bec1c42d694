//! Every order in which threads may meet at a breaker.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::{Breaker, BreakerState, Verdict};
use crate::ManualClock;

/// A half-open one: its next calls are probes.
fn half_open(probes: u32) -> Breaker {
    let clock = ManualClock::new();
    let breaker = Breaker::builder()
        .window(2)
        .min_calls(1)
        .probes(probes)
        .open_time(Duration::from_secs(1))
        .clock(clock.clone())
        .build()
        .unwrap();
    breaker.acquire().unwrap().settle(Verdict::Failure);
    clock.advance(Duration::from_secs(1));
    breaker
}

#[test]
fn loom_one_probe_is_under_way_at_a_time() {
    loom::model(|| {
        let breaker = Arc::new(half_open(1));
        let there = breaker.clone();
        let other = thread::spawn(move || there.acquire().map(|permit| drop(permit)).is_ok());
        let held = breaker.acquire();
        let here = held.is_ok();
        drop(held);
        let there = other.join().unwrap();
        assert!(here || there, "one of two gets through");
        assert!(breaker.acquire().is_ok(), "what was dropped has come back");
    });
}

#[test]
fn loom_a_failed_and_a_good_probe_leave_it_open() {
    loom::model(|| {
        let breaker = Arc::new(half_open(2));
        let there = breaker.clone();
        let bad = breaker.acquire().unwrap();
        let other = thread::spawn(move || {
            if let Ok(good) = there.acquire() {
                good.settle(Verdict::Success);
            }
        });
        bad.settle(Verdict::Failure);
        other.join().unwrap();
        assert!(matches!(breaker.state(), BreakerState::Open { .. }));
    });
}

#[test]
fn loom_a_result_of_an_older_generation_changes_nothing() {
    loom::model(|| {
        let breaker = Arc::new(Breaker::builder().window(2).min_calls(1).build().unwrap());
        let there = breaker.clone();
        let late = breaker.acquire().unwrap();
        let other = thread::spawn(move || there.reset());
        late.settle(Verdict::Failure);
        other.join().unwrap();
        // Either it was counted before the reset, which forgot it, or it came too late.
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert_eq!(breaker.counts().calls, 0);
    });
}
