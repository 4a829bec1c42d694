//! A retry between other layers, in their order.

use super::*;
use crate::policy::{Breaker, Timeout};

#[test]
fn an_attempt_that_its_timeout_ended_is_made_again() {
    let clock = Jumping::new();
    let (retry, attempt) = (seconds(&clock).build().unwrap(), Timeout::attempt(SECOND).unwrap());
    let hangs_once = |number| {
        attempt.call(|| {
            if number == 1 {
                clock.clock.advance(SECOND * 5);
            }
            Context::current().check().map(|()| number).map_err(|_| Failed::from("was interrupted"))
        })
    };
    let cx = Context::builder().clock(clock.clone()).build();
    assert_eq!(cx.scope(|| retry.call(hangs_once, again)).ok(), Some(2));
    assert_eq!(clock.waits(), [SECOND]);
}

#[test]
fn within_a_nodes_deadline_a_retry_gives_up_in_time_to_tell_what_failed() {
    let clock = Jumping::new();
    let (retry, node) =
        (seconds(&clock).attempts(9).build().unwrap(), Timeout::node(SECOND * 5 / 2).unwrap());
    let cx = Context::builder().clock(clock.clone()).build();
    let call = || retry.call(|_| Err::<(), _>(Failed::from("down")), again);
    let failed = cx.scope(|| node.call(call)).unwrap_err();
    assert_eq!((failed.exhausted_by(), failed.operator()), (Some(Exhausted::Deadline), Some(&"down")));
    assert_eq!(failed.attempt(), 3);
}

#[test]
fn attempts_stop_when_the_breaker_opens_and_the_breaker_sees_each() {
    let clock = Jumping::new();
    let retry = seconds(&clock).attempts(100).without_budget().build().unwrap();
    let breaker = Breaker::builder().clock(clock.clone()).build().unwrap();
    let made = Cell::new(0);
    let next = |_| {
        breaker.call(|| {
            made.set(made.get() + 1);
            Err::<(), _>(Failed::from("down"))
        })
    };
    let failed = retry.call(next, again).unwrap_err();
    assert!(failed.is_open());
    assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Final), made.get() + 1));
}
