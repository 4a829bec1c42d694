use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Fallback, LastGood};
use crate::policy::PolicyError;
use crate::{Context, ManualClock, Stopped};

type Failed = PolicyError<&'static str>;

#[test]
fn each_use_is_told_with_its_cause() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let there = told.clone();
    let fallback = Fallback::new("ask").on_use(move |used| {
        there.lock().unwrap().push(format!("{}: {} {}", used.name, used.cause, used.succeeded));
    });
    assert_eq!(fallback.call(|| Ok::<_, Failed>(1), |_| Ok(2)).ok(), Some(1));
    assert_eq!(fallback.call(|| Err(Failed::from("down")), |_| Ok(2)).ok(), Some(2));
    let both = fallback.call(|| Err::<u8, _>(Failed::open(None)), |_| Err("also".into())).unwrap_err();
    assert_eq!(both.to_string(), "the circuit breaker is open; the fallback failed too");
    assert_eq!(*told.lock().unwrap(), ["ask: down true", "ask: the circuit breaker is open false"]);
    assert_eq!((fallback.uses(), fallback.failures()), (2, 1));
}

#[test]
fn a_cancelled_run_and_an_invalid_argument_want_no_other_value() {
    let fallback = Fallback::new("ask");
    for failed in [Failed::stopped(Stopped::Cancelled), Failed::invalid("no name")] {
        assert!(fallback.call(|| Err(failed), |_| Ok(2)).is_err());
    }
    let late = Failed::stopped(Stopped::DeadlineExceeded);
    assert_eq!(fallback.call(|| Err(late), |_| Ok(2)).ok(), Some(2));
    assert_eq!(fallback.uses(), 1);
}

#[test]
fn the_last_good_value_grows_old() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    run.scope(|| {
        let last = LastGood::for_at_most(Duration::from_secs(2));
        last.set(&5);
        clock.advance(Duration::from_secs(2));
        assert_eq!(last.get(), Some(5));
        clock.advance(Duration::from_nanos(1));
        assert_eq!(last.get(), None);
    });
}
