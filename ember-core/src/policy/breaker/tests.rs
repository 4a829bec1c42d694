mod known_elsewhere;
mod model;
mod permits;
mod waits;
mod wrong_elsewhere;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Breaker, BreakerBuilder, BreakerState, Verdict};
use crate::policy::{Idle, PolicyError, Span};
use crate::{Context, ManualClock, Stopped};

type Failed = PolicyError<&'static str>;

const SECOND: Duration = Duration::from_secs(1);

fn down() -> Result<u8, Failed> {
    Err("down".into())
}

#[expect(clippy::unnecessary_wraps, reason = "it is an operator that could fail")]
fn well() -> Result<u8, Failed> {
    Ok(1)
}

/// One that opens at the second failure of two calls, for ten seconds.
fn quick(clock: &ManualClock) -> BreakerBuilder {
    Breaker::builder().window(4).min_calls(2).open_time(10 * SECOND).probes(2).clock(clock.clone())
}

fn opened(clock: &ManualClock, builder: BreakerBuilder) -> Breaker {
    let breaker = builder.build().unwrap();
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 10 * SECOND });
    clock.advance(10 * SECOND);
    breaker
}

#[test]
fn r23_a_breaker_opens_probes_and_closes() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock));
    assert_eq!(breaker.call(well).ok(), Some(1));
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(breaker.call(well).ok(), Some(1));
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.counts().calls, 0, "it starts anew");
}

#[test]
fn an_open_breaker_says_when_to_come_back() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    clock.advance(4 * SECOND);
    let refused = breaker.call(well).unwrap_err();
    assert_eq!(refused.retry_after(), Some(6 * SECOND));
    assert_eq!(breaker.counts().rejected, 1);
}

#[test]
fn a_failed_probe_opens_it_again_for_longer() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).open_time_growth(2.0, 30 * SECOND));
    for open in [20, 30, 30] {
        breaker.call(down).unwrap_err();
        assert_eq!(breaker.state(), BreakerState::Open { retry_after: open * SECOND });
        clock.advance(open * SECOND);
    }
    for _ in 0..2 {
        breaker.call(well).unwrap();
    }
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 10 * SECOND }, "closing forgets it");
}

#[test]
fn too_few_calls_are_no_rate() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).min_calls(3).build().unwrap();
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
    breaker.call(down).unwrap_err();
    assert_ne!(breaker.state(), BreakerState::Closed);
}

#[test]
fn slow_calls_open_it_though_they_succeed() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).slow_rate(SECOND, 1.0).build().unwrap();
    for took in [SECOND, 2 * SECOND] {
        breaker
            .call(|| {
                clock.advance(took);
                well()
            })
            .unwrap();
    }
    assert_ne!(breaker.state(), BreakerState::Closed);
}

#[test]
fn what_tells_nothing_of_the_operator_counts_for_neither_side() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    for failed in [
        Failed::stopped(Stopped::Cancelled),
        Failed::full("concurrency", None),
        Failed::open(None),
        Failed::invalid("no name"),
    ] {
        breaker.call(|| Err::<u8, _>(failed)).unwrap_err();
    }
    assert_eq!(breaker.counts().calls, 0);
    breaker.call(|| Err::<u8, _>(Failed::timed_out(Span::Attempt, SECOND))).unwrap_err();
    breaker.call(|| Err::<u8, _>(Failed::panicked(Box::new("boom")))).unwrap_err();
    assert_eq!(breaker.counts().failures, 2);
}

#[test]
fn what_fails_in_a_run_that_was_cancelled_counts_for_neither_side() {
    let breaker = quick(&ManualClock::new()).build().unwrap();
    let cx = Context::builder().build();
    cx.cancel();
    cx.scope(|| breaker.call(down)).unwrap_err();
    assert_eq!(breaker.counts().calls, 0);
    cx.scope(|| breaker.call(well)).unwrap();
    breaker.call(down).unwrap_err();
    assert_eq!((breaker.counts().calls, breaker.counts().failures), (2, 1));
}

#[test]
fn a_judge_may_see_it_otherwise() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    for _ in 0..3 {
        breaker.call_judged(down, |_| Verdict::Success).unwrap_err();
    }
    assert_eq!((breaker.counts().calls, breaker.counts().failures), (3, 0));
}

// What has gone wrong in other breakers.

#[test]
fn permits_of_probes_that_never_come_back_do_not_keep_it_half_open_for_ever() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probe_lease(5 * SECOND));
    let lost = [breaker.acquire().unwrap(), breaker.acquire().unwrap()];
    assert_eq!(breaker.acquire().unwrap_err(), None);
    clock.advance(5 * SECOND);
    for _ in 0..2 {
        breaker.call(well).unwrap();
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    // And when they come back after all, it changes nothing.
    for permit in lost {
        permit.settle(Verdict::Failure);
    }
    assert_eq!((breaker.state(), breaker.counts().calls), (BreakerState::Closed, 0));
}

#[test]
fn a_probe_that_is_dropped_gives_its_permit_back() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1));
    for _ in 0..10 {
        let probe = breaker.acquire().unwrap();
        assert!(probe.is_probe() && breaker.acquire().is_err());
        drop(probe);
    }
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_probe_that_panics_opens_it() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _: Result<u8, Failed> = breaker.call(|| panic!("boom"));
    }));
    assert!(panicked.is_err());
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 10 * SECOND });
}

#[test]
fn a_result_that_comes_late_does_not_reopen_what_has_recovered() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    let late: Vec<_> = (0..4).map(|_| breaker.acquire().unwrap()).collect();
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    clock.advance(10 * SECOND);
    for _ in 0..2 {
        breaker.call(well).unwrap();
    }
    for permit in late {
        permit.settle(Verdict::Failure);
    }
    assert_eq!((breaker.state(), breaker.counts().calls), (BreakerState::Closed, 0));
}

#[test]
fn a_success_that_comes_late_does_not_close_an_open_breaker() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).probes(1).build().unwrap();
    let late = breaker.acquire().unwrap();
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    late.settle(Verdict::Success);
    assert!(matches!(breaker.state(), BreakerState::Open { .. }));
}

#[test]
fn no_more_probes_are_under_way_than_were_asked_for() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock));
    let first = breaker.acquire().unwrap();
    breaker.call(well).unwrap();
    assert!(breaker.acquire().is_err(), "one has succeeded, and one is under way");
    first.settle(Verdict::Success);
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_forced_state_stays_until_it_is_taken_back() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    breaker.force_open();
    clock.advance(1000 * SECOND);
    assert_eq!(breaker.call(well).unwrap_err().retry_after(), None);
    breaker.force_closed();
    for _ in 0..10 {
        breaker.call(down).unwrap_err();
    }
    assert_eq!(breaker.state(), BreakerState::ForcedClosed);
    breaker.reset();
    assert_eq!((breaker.state(), breaker.counts().calls), (BreakerState::Closed, 0));
}

#[test]
fn changes_are_told_in_order_and_under_no_lock() {
    let clock = ManualClock::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let there = told.clone();
    let breaker = Arc::new_cyclic(|me: &std::sync::Weak<Breaker>| {
        let me = me.clone();
        quick(&clock)
            .probes(1)
            .on_change(move |change| {
                let now = me.upgrade().map(|breaker| breaker.state());
                there.lock().unwrap().push((change.to, now == Some(change.to)));
            })
            .build()
            .unwrap()
    });
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    clock.advance(10 * SECOND);
    breaker.call(well).unwrap();
    let open = BreakerState::Open { retry_after: 10 * SECOND };
    let expected = [(open, true), (BreakerState::HalfOpen, true), (BreakerState::Closed, true)];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn an_open_breaker_is_not_idle() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).build().unwrap();
    assert!(breaker.is_idle());
    breaker.force_open();
    assert!(!breaker.is_idle());
}

#[test]
fn impossible_settings_are_refused() {
    let refused = |builder: BreakerBuilder| builder.build().unwrap_err().to_string();
    let breaker = Breaker::builder;
    for rate in [0.0, -0.5, 1.5, f64::NAN, f64::INFINITY] {
        assert!(refused(breaker().failure_rate(rate)).contains("`failure_rate`"), "{rate}");
        assert!(refused(breaker().slow_rate(SECOND, rate)).contains("`slow_rate`"), "{rate}");
    }
    assert!(refused(breaker().window(0)).contains("`window` is 0"));
    assert!(refused(breaker().window(5)).contains("`min_calls` is 10"));
    assert!(refused(breaker().window_time(Duration::ZERO)).contains("`window_time`"));
    assert!(refused(breaker().min_calls(0)).contains("`min_calls`"));
    assert!(refused(breaker().probes(0)).contains("`probes`"));
    assert!(refused(breaker().open_time(Duration::MAX)).contains("`open_time`"));
    assert!(refused(breaker().open_time_growth(f64::NAN, SECOND)).contains("`open_time_growth`"));
}

#[test]
fn counts_are_exact_under_contention() {
    let breaker = Breaker::builder().window(100_000).min_calls(100_000).build().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let breaker = &breaker;
            scope.spawn(move || {
                for _ in 0..1000 {
                    let _ = if thread == 0 { breaker.call(down) } else { breaker.call(well) };
                }
            });
        }
    });
    assert_eq!((breaker.counts().calls, breaker.counts().failures), (4000, 1000));
}
