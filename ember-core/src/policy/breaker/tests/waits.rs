//! Calls that wait.

use std::future::{Future, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context as Task, Poll, Waker};

use super::*;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Task::from_waker(Waker::noop()))
}

fn done<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it should be done"),
    }
}

#[test]
fn r23_a_call_that_waits_opens_probes_and_closes_too() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    for _ in 0..2 {
        done(breaker.call_async(ready(down()))).unwrap_err();
    }
    let refused = done(breaker.call_async(ready(well()))).unwrap_err();
    assert_eq!(refused.retry_after(), Some(10 * SECOND));
    clock.advance(10 * SECOND);
    for _ in 0..2 {
        done(breaker.call_async(ready(well()))).unwrap();
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_future_that_is_not_polled_takes_no_permit() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1));
    let never = breaker.call_async(ready(well()));
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
    drop(never);
}

#[test]
fn a_future_that_is_dropped_counts_for_neither_side() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    for _ in 0..10 {
        let mut waiting = Box::pin(breaker.call_async(pending::<Result<u8, Failed>>()));
        assert!(poll(waiting.as_mut()).is_pending());
    }
    assert_eq!((breaker.counts().calls, breaker.state()), (0, BreakerState::Closed));
}

#[test]
fn a_probe_whose_future_is_dropped_leaves_its_place_to_others() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1));
    for _ in 0..10 {
        let mut probe = Box::pin(breaker.call_async(pending::<Result<u8, Failed>>()));
        assert!(poll(probe.as_mut()).is_pending());
        assert!(breaker.call(well).unwrap_err().is_open());
    }
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_probe_that_never_ends_does_not_keep_it_half_open_for_ever() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1).probe_lease(5 * SECOND));
    let mut hangs = pin!(breaker.call_async(pending::<Result<u8, Failed>>()));
    assert!(poll(hangs.as_mut()).is_pending());
    clock.advance(5 * SECOND);
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_future_that_panics_when_it_is_polled_has_failed() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    let panics = |call: &mut dyn FnMut()| assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    panics(&mut || {
        let _ = done(breaker.call_async(async { panic!("polled") as Result<u8, Failed> }));
    });
    assert_eq!(breaker.counts().failures, 1);
}

#[test]
fn a_future_that_another_ones_panic_drops_has_not_failed() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let mut waiting = pin!(breaker.call_async(pending::<Result<u8, Failed>>()));
        assert!(poll(waiting.as_mut()).is_pending());
        panic!("boom");
    }));
    assert!(caught.is_err());
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_judge_that_panics_says_nothing_of_the_operator() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1));
    let judge = |_: &Result<u8, Failed>| -> Verdict { panic!("judge") };
    let caught = catch_unwind(AssertUnwindSafe(|| breaker.call_judged(well, judge)));
    assert!(caught.is_err());
    let caught = catch_unwind(AssertUnwindSafe(|| done(breaker.call_async_judged(ready(well()), judge))));
    assert!(caught.is_err());
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
}

#[test]
fn a_call_that_waits_can_go_to_other_threads() {
    fn check<T: Send>(_: &T) {}
    let breaker = Breaker::builder().build().unwrap();
    check(&breaker.call_async(ready(well())));
}
