use std::time::{Duration, Instant};

use super::{Gauge, IN_A_ROW, LAST, OFTEN, Place, Start, often, seldom};
use crate::context::{Context, ManualClock};
use crate::executor::chance::{every, tests::share};
use crate::executor::lot::InALot;
use crate::executor::{crew, tick};
use crate::explain::Reason;
use crate::policy::MemoryBudget;
use crate::runtime::{Priority, Runtime};

#[test]
fn only_a_tiny_graph_goes_at_once_and_not_before_the_thread_has_timed_enough() {
    let gauge = Gauge::new(4, false);
    let at_once = || {
        tick::begin();
        assert!(!gauge.goes_at_once(), "none was timed at this tick");
        // Another may begin at any time.
        (0..1 << 21).any(|_| {
            tick::time();
            tick::timed(false);
            gauge.goes_at_once()
        })
    };
    assert!(!at_once(), "its cost is not known");
    gauge.took(Duration::from_nanos(20));
    assert!(at_once());
    gauge.in_order.forget();
    gauge.took(micros(300));
    assert!(!at_once(), "it is long");
}

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

#[test]
fn tasks_that_contend_do_not_make_the_straight_line_look_dear() {
    let gauge = Gauge::new(4, false);
    let judge = || gauge.judge(Place::Warm, true, Duration::ZERO);
    for _ in 0..4 {
        gauge.was_busy(micros(300));
        gauge.parallel[Place::Warm as usize].took(micros(150));
    }
    assert_eq!(judge(), Reason::Cheaper);
    // Seen once on the straight line, and again in parallel.
    gauge.took_straight(micros(100));
    for _ in 0..4 {
        gauge.parallel[Place::Warm as usize].took(micros(150));
        gauge.was_busy(micros(300));
    }
    assert_eq!(judge(), Reason::Dearer);
    assert_eq!(gauge.in_order(), Some(micros(100)));
}

#[test]
fn tasks_that_do_not_contend_stay_worth_it() {
    let gauge = Gauge::new(4, false);
    for time in [300, 290, 310] {
        gauge.was_busy(micros(time));
        gauge.parallel[Place::Warm as usize].took(micros(160));
        gauge.took_straight(micros(300));
        assert_eq!(gauge.judge(Place::Warm, true, Duration::ZERO), Reason::Cheaper);
    }
}

#[test]
fn the_straight_line_is_checked_soon_and_then_seldom_and_never_where_it_would_be_felt() {
    let gauge = Gauge::new(4, false);
    gauge.was_busy(micros(300));
    assert!(share(10_000, || gauge.is_to_be_checked(every)) > 0.05);
    gauge.took_straight(micros(300));
    assert!(share(10_000, || gauge.is_to_be_checked(every)) < 0.02);
    let long = Gauge::new(4, false);
    long.was_busy(micros(3_000));
    assert!(share(10_000, || long.is_to_be_checked(every)) < f64::EPSILON);
}

#[test]
fn runs_follow_each_other_if_one_starts_soon_after_the_last_has_ended_however_long_it_took() {
    let gauge = Gauge::new(4, false);
    let start = Instant::now();
    assert!(!often(start), "there was none before");
    while start.elapsed() <= 2 * crew::LINGER {}
    gauge.ended(start);
    let end = LAST.get().unwrap();
    assert!(often(end + crew::LINGER / 2));
    gauge.ended(start);
    assert!(!often(LAST.get().unwrap() + 2 * crew::LINGER));
}

#[test]
fn to_try_the_dearer_way_costs_little_and_is_done_all_the_same() {
    for percent in [0, 2, 5, 12, 13, 30, 44] {
        let often = seldom(1_000 + 10 * percent, 1_000);
        let tried = u64::from(IN_A_ROW);
        let lost = tried * percent * 32 / (tried + u64::from(often));
        assert!(lost <= 100, "{percent} % more, {often} runs apart");
    }
    assert_eq!(seldom(1_000, 1_000), 4);
    assert_eq!(seldom(u64::MAX, 1), 128);
}

#[test]
fn an_item_among_others_goes_straight_and_is_timed_now_and_then() {
    let gauge = Gauge::new(4, false);
    let start = || gauge.decide(&Context::current(), false);
    let _alone = InALot::enter();
    assert!(matches!(start(), Start::Parallel(..)));
    let _among_others = InALot::among_others();
    let _its_run = InALot::enter();
    assert!(matches!(start(), Start::Timed(_)), "what it costs is not known");
    gauge.took(micros(100));
    assert!((0..1_000).all(|_| !matches!(start(), Start::Parallel(..))));
    let timed = share(100_000, || matches!(start(), Start::Timed(_))) * f64::from(OFTEN);
    assert!((0.7..1.3).contains(&timed), "{timed} times as often");
    let _while_it_waits = InALot::leave();
    assert!((0..1_000).any(|_| matches!(start(), Start::Parallel(..))));
}

#[test]
fn a_thread_is_woken_ahead_of_regions_that_call_in_runs_that_feel_it() {
    let gauge = Gauge::new(4, false);
    gauge.took(micros(100));
    assert!(!gauge.is_worth_waking(), "no region has called");
    gauge.has_called();
    assert!(gauge.is_worth_waking());
    (0..2).for_each(|_| gauge.took(micros(5_000)));
    gauge.has_called();
    assert!(!gauge.is_worth_waking(), "too long to feel it");
    (0..2).for_each(|_| gauge.took(micros(100)));
    assert!(!gauge.is_worth_waking(), "what called was other work");
}

#[test]
fn helpers_need_not_be_told_of_runs_in_contexts_that_any_thread_may_drop_and_nothing_bounds() {
    let builder = Context::builder;
    let is_free = |context: Context| context.scope(|| crew::is_free(&context));
    assert!(is_free(builder().correlation_id("plain").timeout(Duration::from_mins(1)).build()));
    assert!(!is_free(builder().threads(2).build()));
    assert!(!is_free(builder().priority(Priority::Bulk).build()));
    let clock = builder().clock(ManualClock::new()).build();
    assert!(!is_free(builder().parent(&clock).build()), "the clock is the user's");
    let budget = MemoryBudget::builder().bytes(1).build().unwrap();
    assert!(!is_free(builder().memory(&budget).build()), "the budget may have a clock of his");
    let runtime = Runtime::builder().threads(1).build().unwrap();
    assert!(!is_free(runtime.request().build()), "threads may end with it");
}

#[test]
fn a_short_run_goes_straight_in_a_lot() {
    let gauge = Gauge::new(4, false);
    gauge.took(Duration::from_nanos(1_200));
    let _the_others_have_lots_too = InALot::enter();
    assert!((0..10_000).all(|_| !matches!(gauge.decide(&Context::current(), false), Start::Parallel(..))));
}
