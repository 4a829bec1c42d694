//! What trackers of other breakers tell of: forced states, windows that forget, calls inside of calls.

use super::*;

// Known of resilience4j (issue 991): the timer of the open state made it half-open, though it had been forced since.
#[test]
fn a_breaker_that_is_forced_while_it_is_open_stays_so_when_that_time_is_up() {
    let clock = ManualClock::new();
    for closed in [false, true] {
        let breaker = quick(&clock).build().unwrap();
        for _ in 0..2 {
            breaker.call(down).unwrap_err();
        }
        assert_eq!(breaker.state(), BreakerState::Open { retry_after: 10 * SECOND });
        let (forced, passes) = if closed {
            breaker.force_closed();
            (BreakerState::ForcedClosed, true)
        } else {
            breaker.force_open();
            (BreakerState::ForcedOpen, false)
        };
        for _ in 0..5 {
            clock.advance(10 * SECOND);
            assert_eq!((breaker.call(well).is_ok(), breaker.state()), (passes, forced));
        }
    }
}

// Known of resilience4j (issues 1262 and 1335): what left the window was taken from some of its sums, and not from all.
#[test]
fn a_slow_failure_that_has_left_the_window_is_counted_nowhere() {
    let clock = ManualClock::new();
    let slow = || {
        clock.advance(2 * SECOND);
        down()
    };
    let builder = || quick(&clock).min_calls(4).slow_rate(SECOND, 1.0).failure_rate(1.0);
    let by_calls = builder().build().unwrap();
    for round in 0..3 {
        for _ in 0..2 {
            by_calls.call(slow).unwrap_err();
        }
        let counts = by_calls.counts();
        assert_eq!((counts.failures, counts.slow), (2, 2), "round {round}");
        for _ in 0..4 {
            by_calls.call(well).unwrap();
        }
        let counts = by_calls.counts();
        assert_eq!((counts.calls, counts.failures, counts.slow), (4, 0, 0), "round {round}");
    }
    let by_time = builder().window_time(10 * SECOND).build().unwrap();
    for round in 0..3 {
        by_time.call(slow).unwrap_err();
        clock.advance(20 * SECOND);
        by_time.call(well).unwrap();
        let counts = by_time.counts();
        assert_eq!((counts.calls, counts.failures, counts.slow), (1, 0, 0), "round {round}");
        clock.advance(20 * SECOND);
    }
}

// Asked of resilience4j again and again (issues 842 and 1443): whether a window of time has to pass before it is judged.
#[test]
fn a_window_of_time_does_not_have_to_pass_before_it_opens() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).window_time(60 * SECOND).min_calls(3).build().unwrap();
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
    breaker.call(down).unwrap_err();
    assert!(matches!(breaker.state(), BreakerState::Open { .. }));
}

// Known of Polly (issue 933): calls inside of calls of the same breaker kept it open for good, as the outer one was the probe and
// the inner one was turned away.
#[test]
fn a_call_inside_of_a_call_of_the_same_breaker_is_a_probe_of_its_own() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(2));
    assert_eq!(breaker.call(|| breaker.call(well)).ok(), Some(1));
    assert_eq!(breaker.state(), BreakerState::Closed);

    let breaker = opened(&clock, quick(&clock).probes(1));
    for _ in 0..3 {
        let inner = breaker.call(|| breaker.call(well));
        assert!(inner.unwrap_err().is_open(), "there is one probe, and it is the outer call");
        assert_eq!(breaker.state(), BreakerState::HalfOpen, "which says nothing of the operator");
    }
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}
