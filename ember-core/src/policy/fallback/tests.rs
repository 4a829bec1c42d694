use std::error::Error as _;
use std::future::{Future as _, poll_fn, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{self, Poll, Waker};
use std::time::Duration;

use super::{Fallback, LastGood};
use crate::policy::{PolicyError, Span};
use crate::{Context, ManualClock, Stopped};

type Failed = PolicyError<&'static str>;

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[test]
fn each_use_is_told_with_its_cause() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let there = told.clone();
    let fallback = Fallback::new("ask");
    fallback.on_use(move |used| {
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
fn who_is_told_of_a_use_cannot_take_its_value_away() {
    struct Worse;
    impl Drop for Worse {
        fn drop(&mut self) {
            panic!("and its payload panics too");
        }
    }
    let fallback = Fallback::new("ask");
    fallback.on_use(|_| std::panic::panic_any(Worse));
    assert_eq!(fallback.call(|| Err(Failed::from("down")), |_| Ok(2)).ok(), Some(2));
    let both = fallback.call(|| Err::<u8, _>(Failed::from("down")), |_| Err("also".into())).unwrap_err();
    assert_eq!(both.to_string(), "down; the fallback failed too");
    assert_eq!((fallback.uses(), fallback.failures()), (2, 1));
}

#[test]
fn a_cancelled_run_and_an_invalid_argument_want_no_other_value() {
    let fallback = Fallback::new("ask");
    for failed in [Failed::stopped(Stopped::Cancelled), Failed::invalid("no name")] {
        assert!(fallback.call(|| Err(failed), |_| Ok(2)).is_err());
    }
    let late = Failed::timed_out(Span::Node, Duration::from_secs(1));
    assert_eq!(fallback.call(|| Err(late), |_| Ok(2)).ok(), Some(2));
    let late = Failed::stopped(Stopped::DeadlineExceeded);
    assert_eq!(fallback.call(|| Err(late), |_| Ok(2)).ok(), Some(2));
    assert_eq!(fallback.uses(), 2);
}

// Known of Polly (issue 194 and those behind it): a cancelled call was answered by its fallback, if what it failed with did not
// say that it was cancelled.
#[test]
fn a_run_that_was_cancelled_wants_no_other_value_whatever_its_call_failed_with() {
    let fallback = Fallback::new("ask");
    let run = Context::builder().build();
    let failed = run.scope(|| {
        let gives_up = || {
            run.cancel();
            Err(Failed::from("connection closed"))
        };
        fallback.call(gives_up, |_| -> Result<u8, Failed> { unreachable!("nobody wants it") })
    });
    assert_eq!((failed.unwrap_err().operator(), fallback.uses()), (Some(&"connection closed"), 0));
}

#[test]
fn only_the_failures_that_it_is_for_are_taken_over() {
    let fallback = Fallback::new("ask");
    let is_down = |failed: &Failed| failed.operator() == Some(&"down");
    assert_eq!(fallback.call_if(|| Err("down".into()), is_down, |_| Ok(2)).ok(), Some(2));
    let other = fallback.call_if(|| Err::<u8, Failed>("broken".into()), is_down, |_| Ok(2));
    assert_eq!(other.unwrap_err().operator(), Some(&"broken"));
    assert!(fallback.call_if(|| Err(Failed::stopped(Stopped::Cancelled)), |_| true, |_| Ok(2)).is_err());
    assert_eq!(fallback.uses(), 1);
}

#[test]
fn a_fallback_that_panics_has_failed_too() {
    let fallback = Fallback::new("ask");
    let failed = fallback.call(|| Err(Down.into()), |_| -> Result<u8, _> { panic!("boom") });
    let failed = failed.unwrap_err();
    assert_eq!(failed.to_string(), "down; the fallback failed too");
    assert_eq!(failed.source().unwrap().to_string(), "panicked: boom");
    assert_eq!((fallback.uses(), fallback.failures()), (1, 1));
}

#[test]
fn an_async_fallback_is_given_the_failure_and_may_wait() {
    let fallback = Fallback::new("ask");
    let mut call = pin!(fallback.call_async(ready(Err("down".into())), async |failed: &Failed| {
        let mut waits = true;
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if std::mem::take(&mut waits) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        Ok(failed.to_string())
    }));
    let mut cx = task::Context::from_waker(Waker::noop());
    assert!(call.as_mut().poll(&mut cx).is_pending());
    assert!(matches!(call.as_mut().poll(&mut cx), Poll::Ready(Ok(text)) if text == "down"));

    let panics = async |_: &PolicyError<Down>| -> Result<u8, PolicyError<Down>> { panic!("boom") };
    let mut call = pin!(fallback.call_async(ready(Err(Down.into())), panics));
    let Poll::Ready(Err(failed)) = call.as_mut().poll(&mut cx) else { panic!("it failed at once") };
    assert_eq!(failed.source().unwrap().to_string(), "panicked: boom");
}

#[test]
fn uses_are_counted_exactly_by_many_threads() {
    let fallback = Fallback::new("ask");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in 0..1000 {
                    let instead = |_: &Failed| if n % 4 == 0 { Err("also".into()) } else { Ok(n) };
                    let _ = fallback.call(|| Err("down".into()), instead);
                }
            });
        }
    });
    assert_eq!((fallback.uses(), fallback.failures()), (8000, 2000));
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
