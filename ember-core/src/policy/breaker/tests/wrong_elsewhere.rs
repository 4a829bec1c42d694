//! What has gone wrong in other breakers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{OnceLock, Weak, mpsc};
use std::thread;
use std::time::Instant;

use super::*;
use crate::Clock;
use crate::policy::Keyed;
use crate::watch::Watch;

/// A clock that asks the breaker, as one that logs might.
struct Curious(ManualClock, Arc<OnceLock<Weak<Breaker>>>);

impl Clock for Curious {
    fn now(&self) -> Instant {
        if let Some(breaker) = self.1.get().and_then(Weak::upgrade) {
            assert!(breaker.machine.try_lock().is_ok(), "the clock is asked under a lock");
        }
        self.0.now()
    }
}

#[test]
fn the_clock_is_asked_under_no_lock() {
    let clock = ManualClock::new();
    for by_time in [false, true] {
        let me = Arc::new(OnceLock::new());
        let builder = quick(&clock).slow_rate(SECOND, 1.0).clock(Curious(clock.clone(), me.clone()));
        let builder = if by_time { builder.window_time(SECOND) } else { builder };
        let breaker = Arc::new(builder.build().unwrap());
        me.set(Arc::downgrade(&breaker)).unwrap();
        for _ in 0..2 {
            breaker.call(down).unwrap_err();
        }
        clock.advance(10 * SECOND);
        for _ in 0..2 {
            breaker.call(well).unwrap();
        }
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert!(breaker.is_idle());
    }
}

#[test]
fn changes_are_told_in_the_order_in_which_they_came() {
    let clock = ManualClock::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let there = told.clone();
    let (begun, first) = mpsc::channel();
    let (go, gone) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let hook = move |change: &super::super::Change| {
        if there.lock().unwrap().is_empty() && change.to == BreakerState::ForcedOpen {
            begun.send(()).unwrap();
            gone.lock().unwrap().recv().unwrap();
        }
        there.lock().unwrap().push((change.from, change.to));
    };
    let breaker = quick(&clock).on_change(hook).build().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| breaker.force_open());
        first.recv().unwrap();
        // Another thread is in the middle of telling the change before this one.
        breaker.force_closed();
        go.send(()).unwrap();
    });
    let expected = [
        (BreakerState::Closed, BreakerState::ForcedOpen),
        (BreakerState::ForcedOpen, BreakerState::ForcedClosed),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn a_hook_that_panics_does_not_change_what_the_call_gives() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).on_change(|_| panic!("hook")).build().unwrap();
    for _ in 0..2 {
        let outcome = catch_unwind(AssertUnwindSafe(|| breaker.call(down)));
        assert_eq!(outcome.unwrap().unwrap_err().operator(), Some(&"down"));
    }
    assert!(matches!(breaker.state(), BreakerState::Open { .. }));
}

#[test]
fn breakers_that_opened_once_and_are_asked_no_more_do_not_fill_the_keys_for_ever() {
    let clock = ManualClock::new();
    let there = clock.clone();
    let keyed = Keyed::<u32, Breaker>::new(4, move || quick(&there).build().unwrap());
    for host in 0..4 {
        for _ in 0..2 {
            keyed.get(&host).call(down).unwrap_err();
        }
    }
    assert!(Arc::ptr_eq(&keyed.get(&10), &keyed.get(&11)), "all are open, so two others share one");
    clock.advance(10 * SECOND);
    assert!(!Arc::ptr_eq(&keyed.get(&10), &keyed.get(&11)));
    assert_eq!(keyed.len(), 4);
}

#[test]
fn a_lost_probe_does_not_keep_a_breaker_among_the_keys_for_ever() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probe_lease(5 * SECOND));
    let lost = breaker.acquire().unwrap();
    assert!(!breaker.is_idle());
    clock.advance(5 * SECOND);
    assert!(breaker.is_idle());
    drop(lost);
}

#[test]
fn a_probe_whose_end_tells_nothing_does_not_keep_it_half_open_for_ever() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1));
    for _ in 0..10 {
        let ended = breaker.call(|| Err::<u8, _>(Failed::stopped(Stopped::Cancelled)));
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
    }
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_half_open_breaker_does_not_wait_for_the_minimum_of_calls() {
    let clock = ManualClock::new();
    let builder = quick(&clock).window(20).min_calls(10);
    let breaker = builder.build().unwrap();
    for _ in 0..10 {
        breaker.call(down).unwrap_err();
    }
    clock.advance(10 * SECOND);
    for _ in 0..2 {
        breaker.call(well).unwrap();
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn one_failed_probe_opens_it_however_low_the_rate_is() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(100).failure_rate(1.0));
    for _ in 0..99 {
        breaker.call(well).unwrap();
    }
    breaker.call(down).unwrap_err();
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 10 * SECOND });
}

#[test]
fn failures_that_come_while_it_is_open_neither_tell_of_it_again_nor_keep_it_open_for_longer() {
    let clock = ManualClock::new();
    let told = Arc::new(Mutex::new(0));
    let there = told.clone();
    let breaker = quick(&clock).on_change(move |_| *there.lock().unwrap() += 1).build().unwrap();
    let late: Vec<_> = (0..6).map(|_| breaker.acquire().unwrap()).collect();
    for permit in late {
        permit.settle(Verdict::Failure);
        clock.advance(SECOND);
    }
    assert_eq!(*told.lock().unwrap(), 1);
    // It opened at the second one.
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 5 * SECOND });
}

#[test]
fn calls_that_are_turned_away_do_not_keep_it_open_for_longer() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(1));
    breaker.call(down).unwrap_err();
    for left in (1..=10).rev() {
        assert_eq!(breaker.call(well).unwrap_err().retry_after(), Some(left * SECOND));
        assert_eq!(breaker.state(), BreakerState::Open { retry_after: left * SECOND });
        clock.advance(SECOND);
    }
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_probe_that_succeeds_behind_one_that_failed_neither_closes_it_nor_shortens_the_wait() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).open_time_growth(2.0, 100 * SECOND));
    let (bad, good) = (breaker.acquire().unwrap(), breaker.acquire().unwrap());
    bad.settle(Verdict::Failure);
    good.settle(Verdict::Success);
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 20 * SECOND });
    clock.advance(20 * SECOND);
    breaker.call(down).unwrap_err();
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 40 * SECOND });
}

#[test]
fn a_probe_of_an_earlier_half_open_time_neither_counts_nor_frees_a_place() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(2));
    let early = [breaker.acquire().unwrap(), breaker.acquire().unwrap()];
    let [bad, late] = early;
    bad.settle(Verdict::Failure);
    clock.advance(10 * SECOND);
    // Their leases have the same numbers as those before.
    let probes = [breaker.acquire().unwrap(), breaker.acquire().unwrap()];
    late.settle(Verdict::Success);
    assert!(breaker.acquire().is_err());
    let [first, second] = probes;
    first.settle(Verdict::Success);
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    second.settle(Verdict::Success);
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_probe_is_judged_as_any_other_call() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).probes(2));
    breaker.call_judged(down, |_| Verdict::Neither).unwrap_err();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    for _ in 0..2 {
        breaker.call_judged(down, |_| Verdict::Success).unwrap_err();
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_slow_probe_opens_it_though_it_succeeds() {
    let clock = ManualClock::new();
    let breaker = opened(&clock, quick(&clock).slow_rate(SECOND, 1.0));
    breaker.acquire().unwrap().record(Verdict::Success, SECOND);
    assert!(matches!(breaker.state(), BreakerState::Open { .. }));
}

#[test]
fn sparse_failures_do_not_open_it() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).window_time(10 * SECOND).build().unwrap();
    for _ in 0..20 {
        breaker.call(down).unwrap_err();
        clock.advance(11 * SECOND);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.counts().failures, 0, "nothing is kept for want of calls");
}

#[test]
fn a_success_that_completes_the_minimum_of_calls_shows_the_failures_before_it() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).window(10).min_calls(3).build().unwrap();
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 10 * SECOND });
}

#[test]
fn the_call_that_begins_a_part_of_the_window_counts_at_once() {
    let clock = ManualClock::new();
    let breaker = quick(&clock).window_time(10 * SECOND).failure_rate(0.3).build().unwrap();
    for _ in 0..2 {
        breaker.call(well).unwrap();
    }
    clock.advance(SECOND);
    breaker.call(down).unwrap_err();
    assert!(matches!(breaker.state(), BreakerState::Open { .. }));
}

/// A clock that shows what it is told, earlier moments too.
struct Shaky(Arc<Mutex<Instant>>);

impl Clock for Shaky {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

#[test]
fn a_clock_that_goes_back_loses_no_calls_and_wedges_nothing() {
    let now = Arc::new(Mutex::new(Instant::now() + 100 * SECOND));
    let breaker = quick(&ManualClock::new())
        .clock(Shaky(now.clone()))
        .window_time(10 * SECOND)
        .slow_rate(SECOND, 1.0)
        .probes(1)
        .build()
        .unwrap();
    breaker.call(down).unwrap_err();
    let permit = breaker.acquire().unwrap();
    *now.lock().unwrap() -= 50 * SECOND;
    permit.settle(Verdict::Failure);
    assert_eq!(breaker.state(), BreakerState::Open { retry_after: 10 * SECOND });
    *now.lock().unwrap() += 10 * SECOND;
    breaker.call(well).unwrap();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_hook_may_change_the_state_and_is_told_so_behind() {
    let clock = ManualClock::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let there = told.clone();
    let breaker = Arc::new_cyclic(|me: &Weak<Breaker>| {
        let me = me.clone();
        let hook = move |change: &super::super::Change| {
            if let (BreakerState::Open { .. }, Some(me)) = (change.to, me.upgrade()) {
                me.force_open();
            }
            there.lock().unwrap().push(change.to);
        };
        quick(&clock).on_change(hook).build().unwrap()
    });
    for _ in 0..2 {
        breaker.call(down).unwrap_err();
    }
    let open = BreakerState::Open { retry_after: 10 * SECOND };
    assert_eq!(*told.lock().unwrap(), [open, BreakerState::ForcedOpen]);
}

#[test]
fn r37_changes_that_a_slow_hook_has_not_seen_do_not_grow_without_bound() {
    let clock = ManualClock::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let there = told.clone();
    let breaker = Arc::new_cyclic(|me: &Weak<Breaker>| {
        let me = me.clone();
        let hook = move |change: &super::super::Change| {
            let first = there.lock().unwrap().is_empty();
            there.lock().unwrap().push(*change);
            if let (true, Some(me)) = (first, me.upgrade()) {
                for _ in 0..1000 {
                    me.force_closed();
                    me.force_open();
                }
            }
        };
        quick(&clock).on_change(hook).build().unwrap()
    });
    breaker.force_open();
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 65);
    assert!(told.windows(2).all(|pair| pair[0].to == pair[1].from));
    assert_eq!(told.last().unwrap().to, BreakerState::ForcedOpen);
}

/// Whoever looks may go by a clock that is far ahead of that of the calls.
#[test]
fn who_looks_takes_no_call_out_of_a_window_by_time() {
    let [calls, looks] = [ManualClock::new(), ManualClock::new()];
    looks.advance(3600 * SECOND);
    let [calls, looks] = [calls, looks].map(|clock| Context::builder().clock(clock).build());
    let breaker = Breaker::builder().min_calls(2).window_time(60 * SECOND).build().unwrap();
    let look = || looks.scope(|| (breaker.state(), breaker.counts().calls, breaker.watch().to_string()));
    assert_eq!(look().1, 0, "nor does he begin the first part of it");
    calls.scope(|| breaker.call(down)).unwrap_err();
    let seen = "closed, 0 of 0 calls failed, 0 turned away".to_owned();
    assert_eq!(look(), (BreakerState::Closed, 0, seen), "an hour later nothing would count");
    assert_eq!(calls.scope(|| breaker.counts().failures), 1);
    calls.scope(|| breaker.call(down)).unwrap_err();
    assert!(matches!(calls.scope(|| breaker.state()), BreakerState::Open { .. }));
}
