//! What is full slows a run down, or leaves out what was only to help; what turns a call away says so by its type, and the
//! graph may have something in its place.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};

use ember::policy::PolicyError;
use ember::prelude::*;

#[derive(Debug, thiserror::Error, Clone, PartialEq)]
#[error("down")]
struct Down;

static SQUARES: AtomicU32 = AtomicU32::new(0);

#[operator(cache(capacity = 2))]
fn square(n: u64) -> Result<u64, Down> {
    SQUARES.fetch_add(1, SeqCst);
    Ok(n * n)
}

graph! {
    fn squares(most: u64) -> Result<Vec<u64>, ember::Error> {
        let once = for n in 0..most { square(n)? };
        let twice = for n in 0..most { square(n)? };
        #[after(once)]
        let same = { once == twice };
        Ok(if same { once } else { Vec::new() })
    }
}

#[test]
fn r24_a_cache_that_is_full_skips_and_every_call_has_its_value() {
    assert_eq!(squares(100).unwrap(), (0..100).map(|n| n * n).collect::<Vec<_>>());
    assert!((100..=200).contains(&SQUARES.load(SeqCst)), "what was not kept is called again");
}

#[operator(limit(concurrency = 1, key = |tenant| *tenant), breaker(key = |tenant| *tenant))]
fn serve(tenant: usize) -> Result<usize, Down> {
    Ok(tenant)
}

graph! {
    fn serves(tenants: usize) -> Result<usize, ember::Error> {
        let served = for tenant in 0..tenants { serve(tenant)? };
        Ok(served.len())
    }
}

#[test]
fn r24_more_keys_than_there_are_states_for_are_served_all_the_same() {
    assert_eq!(serves(3000).unwrap(), 3000);
}

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
static AT_ONCE: AtomicUsize = AtomicUsize::new(0);

#[operator(concurrency = 1)]
fn in_line(n: usize) -> Result<usize, Down> {
    AT_ONCE.fetch_max(UNDER_WAY.fetch_add(1, SeqCst) + 1, SeqCst);
    std::thread::yield_now();
    UNDER_WAY.fetch_sub(1, SeqCst);
    Ok(n)
}

graph! {
    fn waits_in_line(most: usize) -> Result<usize, ember::Error> {
        let all = for n in 0..most { in_line(n)? };
        Ok(all.len())
    }
}

#[test]
fn r24_a_limit_that_is_reached_slows_the_run_and_fails_no_node() {
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    assert_eq!(cx.scope(|| waits_in_line(500)).unwrap(), 500);
    assert_eq!(AT_ONCE.load(SeqCst), 1);
}

/// Its only permit is out, and nobody may wait.
#[operator(limit(concurrency = 1, queue = 0))]
fn full(n: u32) -> Result<u32, Down> {
    Ok(n)
}

#[operator]
fn told(outcome: Result<u32, PolicyError<Down>>) -> bool {
    outcome.is_err_and(|refused| refused.is_full())
}

graph! {
    fn instead(n: u32) -> Result<u32, ember::Error> {
        #[fallback(value = 0, if = PolicyError::is_full)]
        let value = full(n)?;
        Ok(value)
    }

    fn decides(n: u32) -> bool {
        let outcome = full(n);
        told(outcome)
    }

    fn fails(n: u32) -> Result<u32, ember::Error> {
        let value = full(n)?;
        Ok(value)
    }
}

#[test]
fn r24_what_a_full_line_turns_away_can_be_left_out_decided_upon_or_told_by_its_type() {
    let taken = full::concurrency().try_acquire().unwrap();
    assert_eq!(instead(7).unwrap(), 0);
    assert!(decides(7));
    let error = fails(7).unwrap_err();
    assert!(error.is_limited() && error.is_rejected());
    assert_eq!((error.node(), error.operator()), ("value", "full"));
    drop(taken);
    assert_eq!((instead(7).unwrap(), decides(7), fails(7).unwrap()), (7, false, 7));
}
