use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::Timeout;
use crate::policy::{PolicyError, Span};
use crate::{Context, ManualClock, Stopped};

mod model;
#[cfg(feature = "tokio")]
mod waiting;

type Failed = PolicyError<Stopped>;

const SECOND: Duration = Duration::from_secs(1);

fn check() -> Result<u8, Failed> {
    Context::current().check().map(|()| 7).map_err(Failed::from)
}

// Known of tokio (issue 2667): a huge time panicked when it was first used.
#[test]
fn impossible_times_are_refused() {
    for time in [Duration::ZERO, Duration::MAX, Duration::from_hours(366 * 24)] {
        let invalid = Timeout::node(time).unwrap_err().to_string();
        assert!(invalid.starts_with("deadline: `after` is "), "{invalid}");
    }
    assert_eq!(Timeout::attempt(SECOND).unwrap().after(), SECOND);
}

#[test]
fn an_operator_that_asks_its_context_ends_by_itself() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(60 * SECOND).build();
    run.scope(|| {
        let timeout = Timeout::attempt(SECOND).unwrap();
        assert_eq!(timeout.call(check).ok(), Some(7));
        let failed = timeout
            .call(|| {
                clock.advance(SECOND);
                check()
            })
            .unwrap_err();
        assert!(failed.is_timeout() && failed.operator().is_none(), "{failed}");
        assert!(run.check().is_ok());
    });
}

#[test]
fn a_value_that_comes_late_is_not_thrown_away() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    let value = run.scope(|| {
        Timeout::attempt(SECOND).unwrap().call(|| {
            clock.advance(2 * SECOND);
            Ok::<_, Failed>(3)
        })
    });
    assert_eq!(value.ok(), Some(3));
}

#[test]
fn the_deadline_of_the_run_is_told_apart_from_the_timeout() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(SECOND).build();
    let failed = run.scope(|| {
        Timeout::attempt(5 * SECOND).unwrap().call(|| {
            clock.advance(SECOND);
            check()
        })
    });
    // It is the operator's own: what its context said.
    assert_eq!(failed.unwrap_err().operator(), Some(&Stopped::DeadlineExceeded));
}

// Known of resilience4j (issue 1428) and Polly (issue 3086): who cancelled a call was told that it took too long, or could
// not tell.
#[test]
fn cancellation_is_told_apart_from_the_timeout() {
    let run = Context::builder().build();
    let failed = run.scope(|| {
        Timeout::attempt(SECOND).unwrap().call(|| {
            run.cancel();
            check()
        })
    });
    assert_eq!(failed.unwrap_err().operator(), Some(&Stopped::Cancelled));
}

#[test]
fn of_timeouts_in_each_other_the_inner_one_says_so_first() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    run.scope(|| {
        let (inner, outer) = (Timeout::attempt(SECOND).unwrap(), Timeout::node(3 * SECOND).unwrap());
        let failed = outer.call(|| {
            inner.call(|| {
                clock.advance(SECOND);
                check()
            })
        });
        assert_eq!(failed.unwrap_err().to_string(), "an attempt took longer than 1s");
        let failed = outer.call(|| {
            inner.call(|| {
                clock.advance(3 * SECOND);
                check()
            })
        });
        assert_eq!(failed.unwrap_err().to_string(), "took longer than 3s");
    });
}

#[test]
fn r31_an_attempt_and_the_node_have_a_time_each() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        let (attempt, node) = (Timeout::attempt(2 * SECOND).unwrap(), Timeout::node(3 * SECOND).unwrap());
        let mut failed = Vec::new();
        let outcome = node.call(|| {
            loop {
                let try_one = || {
                    clock.advance(2 * SECOND);
                    check()
                };
                match attempt.call(try_one) {
                    Err(one) if failed.is_empty() => failed.push(one),
                    outcome => return outcome,
                }
            }
        });
        assert_eq!(failed[0].to_string(), "an attempt took longer than 2s");
        assert_eq!(outcome.unwrap_err().to_string(), "took longer than 3s");
    });
}

#[test]
fn r16_the_operator_sees_the_earlier_of_the_two_deadlines() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(2 * SECOND).build();
    let left = |timeout: u32| {
        let timeout = Timeout::attempt(timeout * SECOND).unwrap();
        timeout.call(|| Ok::<_, Failed>(Context::current().remaining().unwrap())).unwrap()
    };
    assert_eq!(run.scope(|| (left(1), left(2), left(5))), (SECOND, 2 * SECOND, 2 * SECOND));
}

// Known of Polly (issue 620): what an operator failed with was lost if it failed after its time was up.
#[test]
fn r05_a_failure_when_time_is_up_is_not_lost() {
    #[derive(Debug, thiserror::Error)]
    #[error("disk full")]
    struct DiskFull;

    let clock = ManualClock::new();
    let failed = Context::builder().clock(clock.clone()).build().scope(|| {
        Timeout::attempt(SECOND).unwrap().call(|| {
            clock.advance(SECOND);
            Err::<u8, _>(PolicyError::from(DiskFull).at_attempt(2))
        })
    });
    let failed = failed.unwrap_err();
    assert!(failed.is_timeout() && failed.operator().is_none());
    assert_eq!(failed.attempt(), 2);
    assert_eq!(failed.source().unwrap().to_string(), "disk full");
}

#[test]
fn a_panic_and_an_invalid_value_stay_what_they_are() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| {
        for failed in [Failed::panicked(Box::new("boom")), Failed::invalid("no name")] {
            let was = failed.to_string();
            let late = Timeout::attempt(SECOND).unwrap().call(|| {
                clock.advance(SECOND);
                Err::<u8, _>(failed)
            });
            assert_eq!(late.unwrap_err().to_string(), was);
        }
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            Timeout::attempt(SECOND).unwrap().call(|| -> Result<u8, Failed> { panic!("boom") })
        }));
        assert!(panicked.is_err());
        assert_eq!(Context::current().deadline(), None, "a panic leaves the timeout too");
    });
}

#[test]
fn a_refusal_of_another_policy_in_time_is_handed_on() {
    let open = Timeout::node(600 * SECOND).unwrap().call(|| Err::<u8, _>(Failed::open(None)));
    assert!(open.unwrap_err().is_open());
}

#[test]
fn a_timeout_says_whose_it_was() {
    let of = |span| Failed::timed_out(span, SECOND).to_string();
    assert_eq!(of(Span::Attempt), "an attempt took longer than 1s");
    assert_eq!(of(Span::Node), "took longer than 1s");
}
