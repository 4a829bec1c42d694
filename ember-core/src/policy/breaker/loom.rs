//! Every order in which threads may meet at a breaker.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::{Breaker, BreakerBuilder, BreakerState, Change, Verdict};
use crate::ManualClock;
use crate::sync::{AtomicUsize, Mutex, Ordering};

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

fn closed() -> BreakerBuilder {
    Breaker::builder().window(4).min_calls(2).clock(ManualClock::new())
}

#[test]
fn loom_two_probes_are_never_under_way_where_one_is_asked_for() {
    loom::model(|| {
        let breaker = Arc::new(half_open(1));
        let under_way = Arc::new(AtomicUsize::new(0));
        let (there, counted) = (breaker.clone(), under_way.clone());
        let probe = |breaker: &Breaker, under_way: &AtomicUsize| {
            if let Ok(permit) = breaker.acquire() {
                assert!(permit.is_probe());
                assert_eq!(under_way.fetch_add(1, Ordering::AcqRel), 0);
                under_way.fetch_sub(1, Ordering::AcqRel);
                drop(permit);
            }
        };
        let other = thread::spawn(move || probe(&there, &counted));
        probe(&breaker, &under_way);
        other.join().unwrap();
    });
}

#[test]
fn loom_a_probe_that_is_dropped_and_one_that_succeeds_lose_no_place() {
    loom::model(|| {
        let breaker = Arc::new(half_open(2));
        let there = breaker.clone();
        let (dropped, good) = (breaker.acquire().unwrap(), breaker.acquire().unwrap());
        let other =
            thread::spawn(move || there.acquire().map(|permit| permit.settle(Verdict::Success)).is_ok());
        drop(dropped);
        good.settle(Verdict::Success);
        let third = other.join().unwrap();
        let expected = if third { BreakerState::Closed } else { BreakerState::HalfOpen };
        assert_eq!(breaker.state(), expected);
        assert!(breaker.acquire().is_ok());
    });
}

#[test]
fn loom_counts_are_exact_and_it_opens_once() {
    loom::model(|| {
        let told = Arc::new(AtomicUsize::new(0));
        let counted = told.clone();
        let hook = move |_: &Change| {
            counted.fetch_add(1, Ordering::AcqRel);
        };
        let breaker = Arc::new(closed().on_change(hook).build().unwrap());
        let there = breaker.clone();
        let fail = |breaker: &Breaker| {
            if let Ok(permit) = breaker.acquire() {
                permit.settle(Verdict::Failure);
            }
        };
        let other = thread::spawn(move || fail(&there));
        fail(&breaker);
        other.join().unwrap();
        assert!(matches!(breaker.state(), BreakerState::Open { .. }));
        assert_eq!((breaker.counts().calls, breaker.counts().failures), (2, 2));
        assert_eq!(told.load(Ordering::Acquire), 1);
    });
}

#[test]
fn loom_who_is_let_through_without_a_question_is_judged_in_the_state_that_let_it_through() {
    loom::model(|| {
        let breaker = Arc::new(closed().build().unwrap());
        let there = breaker.clone();
        let other = thread::spawn(move || {
            if let Ok(permit) = there.acquire() {
                permit.settle(Verdict::Failure);
            }
        });
        breaker.force_open();
        breaker.reset();
        other.join().unwrap();
        // It was counted before, which was forgotten, or behind; or it was turned away, or came too late.
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert!(breaker.counts().failures <= 1);
        breaker.force_open();
        assert!(breaker.acquire().is_err());
    });
}

#[test]
fn loom_changes_are_told_in_order_one_at_a_time_and_to_the_last() {
    loom::model(|| {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::new(AtomicUsize::new(0));
        let (there, at) = (told.clone(), telling.clone());
        let hook = move |change: &Change| {
            assert_eq!(at.fetch_add(1, Ordering::AcqRel), 0);
            there.lock().unwrap().push(*change);
            at.fetch_sub(1, Ordering::AcqRel);
        };
        let breaker = Arc::new(closed().on_change(hook).build().unwrap());
        let there = breaker.clone();
        let other = thread::spawn(move || there.force_open());
        breaker.force_closed();
        other.join().unwrap();
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].from, BreakerState::Closed);
        assert_eq!((told[0].to, told[1].to), (told[1].from, breaker.state()));
    });
}

#[test]
fn loom_a_success_that_is_not_noted_hides_no_failure() {
    loom::model(|| {
        let builder = Breaker::builder().window(2).min_calls(2).failure_rate(1.0).clock(ManualClock::new());
        let breaker = Arc::new(builder.build().unwrap());
        let end = |breaker: &Breaker, verdict| breaker.acquire().map(|permit| permit.settle(verdict));
        // The window is full of successes.
        end(&breaker, Verdict::Success).unwrap();
        end(&breaker, Verdict::Success).unwrap();
        let there = breaker.clone();
        let other = thread::spawn(move || end(&there, Verdict::Failure));
        end(&breaker, Verdict::Success).unwrap();
        other.join().unwrap().unwrap();
        // Whichever came first, the failure is one of the last two.
        assert_eq!((breaker.counts().calls, breaker.counts().failures), (2, 1));
        end(&breaker, Verdict::Success).unwrap();
        end(&breaker, Verdict::Success).unwrap();
        assert_eq!((breaker.counts().calls, breaker.counts().failures), (2, 0));
        end(&breaker, Verdict::Failure).unwrap();
        end(&breaker, Verdict::Failure).unwrap();
        assert!(matches!(breaker.state(), BreakerState::Open { .. }));
    });
}
