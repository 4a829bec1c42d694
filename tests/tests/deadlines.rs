//! A deadline reaches every node, on every branch.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use ember::prelude::*;
use ember::{ManualClock, Stopped};
use ember_tests::everywhere;

/// Takes so many seconds.
#[operator]
fn take(clock: &ManualClock, seconds: u64) -> u64 {
    clock.advance(Duration::from_secs(seconds));
    seconds
}

#[operator]
fn count(counter: &AtomicUsize, n: u64) -> u64 {
    counter.fetch_add(1, SeqCst);
    n
}

/// Asks after each second.
#[operator]
fn work(cx: &Context, clock: &ManualClock, seconds: u64) -> Result<u64, Stopped> {
    for _ in 0..seconds {
        cx.check()?;
        clock.advance(Duration::from_secs(1));
    }
    cx.check()?;
    Ok(seconds)
}

#[operator]
fn left(cx: &Context) -> Option<Duration> {
    cx.remaining()
}

#[operator]
fn is_over(cx: &Context) -> bool {
    cx.check() == Err(Stopped::DeadlineExceeded)
}

graph! {
    fn between(clock: &ManualClock, counter: &AtomicUsize) -> Result<u64, ember::Error> {
        let a = take(clock, 3);
        let b = count(counter, a);
        let c = count(counter, b);
        Ok(c)
    }

    fn inside(clock: &ManualClock, counter: &AtomicUsize) -> Result<u64, ember::Error> {
        let a = work(clock, 5)?;
        let b = count(counter, a);
        Ok(b)
    }

    fn branches(clock: &ManualClock, counter: &AtomicUsize) -> Result<u64, ember::Error> {
        let start = take(clock, 2);
        let a = count(counter, start);
        let b = count(counter, start);
        let both = [count(counter, a), count(counter, b)];
        let items = for i in 0..start { count(counter, i) };
        Ok(a + b + both[0] + items[0])
    }

    fn over() -> Vec<bool> {
        let a = is_over();
        let b = is_over();
        let items = for _ in 0..3 { is_over() };
        [items, vec![a, b]].concat()
    }

    fn remaining() -> Vec<Option<Duration>> {
        let a = left();
        let b = left();
        let items = for _ in 0..3 { left() };
        [items, vec![a, b]].concat()
    }
}

fn within(strategy: Strategy, seconds: u64) -> (Context, ManualClock) {
    let clock = ManualClock::new();
    let timeout = Duration::from_secs(seconds);
    let cx = Context::builder().strategy(strategy).clock(clock.clone()).timeout(timeout).build();
    (cx, clock)
}

#[test]
fn r31_a_run_past_its_deadline_starts_no_further_node() {
    everywhere(|strategy| {
        let counter = AtomicUsize::new(0);
        let (cx, clock) = within(strategy, 3);
        let error = cx.scope(|| between(&clock, &counter)).unwrap_err();
        assert!(error.is_timeout() && !error.is_cancelled());
        assert_eq!(error.find::<Stopped>(), Some(&Stopped::DeadlineExceeded));
        assert_eq!((error.node(), counter.into_inner()), ("b", 0));
        assert!(error.to_string().contains("deadline"), "{error}");
    });
}

#[test]
fn r31_a_run_within_its_deadline_ends_well() {
    everywhere(|strategy| {
        let counter = AtomicUsize::new(0);
        let (cx, clock) = within(strategy, 4);
        assert_eq!(cx.scope(|| between(&clock, &counter)).unwrap(), 3);
        assert_eq!(counter.into_inner(), 2);
    });
}

#[test]
fn r31_an_operator_that_asks_is_stopped_at_the_deadline() {
    everywhere(|strategy| {
        let counter = AtomicUsize::new(0);
        let (cx, clock) = within(strategy, 2);
        let error = cx.scope(|| inside(&clock, &counter)).unwrap_err();
        assert!(error.is_timeout());
        assert_eq!((error.node(), error.operator(), counter.into_inner()), ("a", "work", 0));
        assert_eq!(error.nodes().cancelled, 1);
    });
}

#[test]
fn r16_a_deadline_reaches_every_parallel_branch() {
    everywhere(|strategy| {
        let counter = AtomicUsize::new(0);
        let (cx, clock) = within(strategy, 2);
        let error = cx.scope(|| branches(&clock, &counter)).unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(counter.into_inner(), 0);
    });
}

#[test]
fn r16_the_time_left_is_the_same_on_every_branch() {
    everywhere(|strategy| {
        let (cx, _clock) = within(strategy, 7);
        assert_eq!(cx.scope(remaining), [Some(Duration::from_secs(7)); 5]);
    });
}

#[test]
fn r16_past_its_deadline_a_graph_without_a_result_runs_to_its_end_and_each_branch_sees_it() {
    everywhere(|strategy| {
        let (cx, clock) = within(strategy, 2);
        assert_eq!(cx.scope(over), [false; 5]);
        clock.advance(Duration::from_secs(2));
        assert_eq!(cx.scope(over), [true; 5]);
    });
}
