//! When no other attempt is made, and what is told then.

use super::*;
use crate::minute::Minute;

fn down(retry: &Retry) -> Failed {
    retry.call(|_| Err::<(), _>(Failed::from("down")), again).unwrap_err()
}

#[test]
fn the_first_failures_and_the_last_are_kept_and_the_others_counted() {
    let retry = seconds(&Jumping::new()).attempts(1000).without_budget().build().unwrap();
    let failed = retry.call(|attempt| Err::<(), _>(PolicyError::from(attempt)), again).unwrap_err();
    let earlier: Vec<u32> = failed.earlier().iter().filter_map(|failed| failed.operator().copied()).collect();
    assert_eq!(earlier, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(failed.earlier().iter().map(PolicyError::attempt).eq(1..=8));
    assert_eq!((failed.operator(), failed.attempt(), failed.omitted()), (Some(&1000), 1000, 991));
    assert_eq!(failed.exhausted_by(), Some(Exhausted::Attempts));
}

#[test]
fn r32_a_retry_does_not_wait_into_the_deadline_of_the_run() {
    let clock = Jumping::new();
    let retry = seconds(&clock).attempts(10).build().unwrap();
    let failed =
        Context::builder().clock(clock.clone()).timeout(SECOND * 5 / 2).build().scope(|| down(&retry));
    assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Deadline), 3));
    assert_eq!(failed.to_string(), "failed after 3 attempts, as the deadline is near");
    assert_eq!(clock.waits(), [SECOND; 2]);
}

#[test]
fn an_attempt_that_would_begin_at_the_deadline_is_not_waited_for() {
    let clock = Jumping::new();
    let retry = seconds(&clock).build().unwrap();
    let failed = Context::builder().clock(clock.clone()).timeout(SECOND).build().scope(|| down(&retry));
    assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Deadline), 1));
    assert_eq!(clock.waits(), []);
}

#[test]
fn a_node_may_have_a_deadline_of_its_own() {
    let clock = Jumping::new();
    let retry = seconds(&clock).attempts(10).build().unwrap();
    let before = retry.before(clock.now() + SECOND * 3 / 2);
    let failed = before.call(|_| Err::<(), _>(Failed::from("down")), again).unwrap_err();
    assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Deadline), 2));
}

#[test]
fn a_call_that_gave_up_at_the_deadline_costs_no_retry() {
    let clock = Jumping::new();
    let one = Budget::default().burst(1).per_second(0).ratio(0.0);
    let retry = seconds(&clock).attempts(2).budget(one).build().unwrap();
    let late = Context::builder().clock(clock.clone()).timeout(SECOND / 2).build();
    assert_eq!(late.scope(|| down(&retry)).exhausted_by(), Some(Exhausted::Deadline));
    assert_eq!(down(&retry).exhausted_by(), Some(Exhausted::Attempts));
    assert_eq!(down(&retry).exhausted_by(), Some(Exhausted::Budget));
}

#[test]
fn r32_when_nothing_works_retries_are_a_part_of_the_calls_and_no_multiple() {
    let clock = Jumping::new();
    let budget = Budget::default().burst(10).per_second(0);
    let retry = Retry::builder().attempts(4).backoff(Backoff::constant(Duration::ZERO)).budget(budget);
    let retry = retry.clock(clock).build().unwrap();
    let made = Cell::new(0);
    let call = |good| {
        let next = |_| {
            made.set(made.get() + 1);
            if good { Ok(()) } else { Err(Failed::from("down")) }
        };
        retry.call(next, again)
    };
    (0..1000).for_each(|_| drop(call(true)));
    (0..1000).for_each(|_| drop(call(false)));
    assert_eq!(made.get(), 2000 + 10);
    // A fifth of what works again may be retried.
    made.set(0);
    (0..25).for_each(|_| drop(call(true)));
    (0..100).for_each(|_| drop(call(false)));
    assert_eq!(made.get(), 125 + 5);
    let failed = call(false).unwrap_err();
    assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Budget), 1));
    assert_eq!(failed.to_string(), "failed after 1 attempt, as the retry budget is spent");
}

#[test]
fn a_call_that_needed_retries_and_succeeded_is_one_success() {
    let budget = Budget::default().burst(4).per_second(0).ratio(0.5);
    let retry = seconds(&Jumping::new()).attempts(5).budget(budget).build().unwrap();
    let _ = retry.call(|attempt| if attempt < 5 { Err(Failed::from("down")) } else { Ok(()) }, again);
    assert_eq!(down(&retry).exhausted_by(), Some(Exhausted::Budget));
    assert!(retry.call(|_| Ok::<_, Failed>(()), again).is_ok());
    assert_eq!(down(&retry).attempt(), 2);
}

#[test]
fn r38_cancelling_ends_the_wait_gives_the_retry_back_and_makes_no_further_attempt() {
    let _bound = Minute::begin();
    let clock = ManualClock::new();
    let one = Budget::default().burst(1).per_second(0).ratio(0.0);
    let retry = Retry::builder().attempts(2).backoff(Backoff::constant(SECOND)).budget(one);
    let retry = retry.clock(clock.clone()).build().unwrap();
    let cx = Context::builder().clock(clock.clone()).build();
    thread::scope(|scope| {
        let failed = scope.spawn(|| cx.scope(|| down(&retry)));
        clock.until_waiting(1);
        cx.cancel();
        let failed = failed.join().unwrap();
        assert!(failed.is_cancelled());
        assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Stopped), 1));
        assert_eq!(failed.earlier()[0].operator(), Some(&"down"));
        assert_eq!(failed.to_string(), "stopped after 1 attempt");
    });
    let retried = Jumping { clock, waits: Arc::default() };
    Context::builder().build().scope(|| {
        thread::scope(|scope| {
            let failed = scope.spawn(|| down(&retry));
            retried.clock.until_waiting(1);
            retried.clock.advance(SECOND);
            assert_eq!(failed.join().unwrap().exhausted_by(), Some(Exhausted::Attempts));
        });
    });
}

#[test]
fn a_run_that_was_cancelled_during_an_attempt_gets_no_other() {
    let clock = Jumping::new();
    let retry = seconds(&clock).build().unwrap();
    let cx = Context::builder().build();
    let failed = cx.scope(|| {
        let next = |_| {
            cx.cancel();
            Err::<(), _>(Failed::from("was interrupted"))
        };
        retry.call(next, again).unwrap_err()
    });
    assert!(failed.is_cancelled());
    assert_eq!(failed.earlier()[0].operator(), Some(&"was interrupted"));
    assert_eq!(clock.waits(), []);
}

// Known of Envoy (issue 30205): retries that waited counted for nothing, so all of them came when their wait was over.
#[test]
fn a_retry_that_waits_has_been_paid_for() {
    let clock = ManualClock::new();
    let two = Budget::default().burst(2).per_second(0).ratio(0.0);
    let retry = Retry::builder().attempts(2).backoff(Backoff::constant(SECOND)).budget(two);
    let retry = retry.clock(clock.clone()).build().unwrap();
    let failed = thread::scope(|scope| {
        let calls: Vec<_> = (0..5).map(|_| scope.spawn(|| down(&retry))).collect();
        clock.until_waiting(2);
        clock.advance(SECOND);
        calls.into_iter().map(|call| call.join().unwrap()).collect::<Vec<_>>()
    });
    let by = |why| failed.iter().filter(|failed| failed.exhausted_by() == Some(why)).count();
    assert_eq!((by(Exhausted::Attempts), by(Exhausted::Budget)), (2, 3));
    assert_eq!(failed.iter().map(Failed::attempt).sum::<u32>(), 5 + 2);
}
