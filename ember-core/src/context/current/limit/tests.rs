use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use super::super::Turn;
use super::{LIMITED, Limit, STATE};
use crate::context::Clock as _;
use crate::{Context, ManualClock, Stopped};

const SECOND: Duration = Duration::from_secs(1);

fn deadline() -> Option<std::time::Instant> {
    Context::current().deadline()
}

/// Whether a limit is in force of which nobody has asked for the context.
fn is_unasked() -> bool {
    STATE.get() & LIMITED != 0
}

#[test]
fn a_limit_is_seen_by_who_asks_and_makes_nothing_for_who_does_not() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).correlation_id("run").build();
    run.scope(|| {
        let mut limit = Limit::new(SECOND);
        limit.scope(|| assert!(is_unasked()));
        assert!(limit.made.is_none());
        limit.scope(|| {
            assert_eq!(deadline(), Some(clock.now() + SECOND));
            assert_eq!(Context::current().correlation_id(), "run");
            assert!(!is_unasked());
        });
        assert!(limit.made.is_some());
        assert_eq!(deadline(), None);
    });
    assert_eq!((STATE.get(), deadline()), (0, None));
}

#[test]
fn a_limit_that_is_entered_again_has_the_same_context() {
    Context::builder().build().scope(|| {
        let mut limit = Limit::new(SECOND);
        let first = limit.scope(Context::current);
        let again = limit.scope(Context::current);
        first.cancel();
        assert!(again.is_cancelled());
        assert!(!Context::current().is_cancelled());
    });
}

#[test]
fn outside_of_scopes_a_limit_is_below_the_default_context() {
    let mut limit = Limit::new(SECOND);
    let (made, parent) = limit.scope(|| (Context::current(), Context::current().0.parent.is_some()));
    assert!(made.deadline().is_some() && !parent);
    assert_eq!(deadline(), None);
}

#[test]
fn limits_in_each_other_show_the_earliest() {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).timeout(5 * SECOND).build().scope(|| {
        let at = |seconds| Some(clock.now() + seconds * SECOND);
        let (mut outer, mut longer, mut inner) = (Limit::new(3 * SECOND), Limit::new(9 * SECOND), None);
        assert!(outer.is_own() && !longer.is_own());
        longer.scope(|| assert_eq!(deadline(), at(5)));
        outer.scope(|| {
            let inner = inner.insert(Limit::new(SECOND));
            assert!(!Limit::new(4 * SECOND).is_own());
            inner.scope(|| assert_eq!(deadline(), at(1)));
            assert!(is_unasked(), "the inner one has asked, and not the outer one");
            assert_eq!(deadline(), at(3));
            inner.scope(|| assert_eq!(deadline(), at(1)));
            assert_eq!(deadline(), at(3));
        });
        assert_eq!(deadline(), at(5));
    });
}

#[test]
fn a_limit_has_come_only_while_what_is_around_it_goes_on() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(3 * SECOND).build();
    run.scope(|| {
        let mut limit = Limit::new(SECOND);
        assert_eq!((limit.has_come(false), limit.has_come(true), limit.remaining()), (false, true, SECOND));
        clock.advance(SECOND);
        assert_eq!((limit.has_come(false), limit.remaining()), (true, Duration::ZERO));
        assert_eq!(limit.scope(|| Context::current().check()), Err(Stopped::DeadlineExceeded));
        clock.advance(2 * SECOND);
        assert!(!limit.has_come(true));
    });
}

#[test]
fn a_scope_inside_of_a_limit_is_what_it_says() {
    let run = Context::builder().correlation_id("run").build();
    let other = Context::builder().correlation_id("other").build();
    run.scope(|| {
        Limit::new(SECOND).scope(|| {
            for context in [&run, &other] {
                context.scope(|| {
                    assert_eq!(Context::current().correlation_id(), context.correlation_id());
                    assert_eq!(deadline(), None);
                    Limit::new(2 * SECOND).scope(|| assert!(deadline().is_some()));
                });
                assert!(is_unasked());
            }
            assert!(deadline().is_some());
            run.scope(|| assert_eq!(deadline(), None));
            assert!(deadline().is_some());
        });
        assert_eq!(deadline(), None);
    });
}

#[test]
fn a_panic_leaves_the_limit() {
    for asks in [false, true] {
        let run = Context::builder().build();
        run.scope(|| {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                Limit::new(SECOND).scope(|| {
                    if asks {
                        assert!(deadline().is_some());
                    }
                    panic!("boom");
                })
            }));
            assert!(panicked.is_err());
            assert!(!is_unasked() && deadline().is_none());
        });
        assert_eq!(STATE.get(), 0);
    }
}

#[test]
fn work_of_somebody_else_is_under_no_limit() {
    Context::builder().correlation_id("run").build().scope(|| {
        Limit::new(SECOND).scope(|| {
            let away = Turn::new(true);
            assert_eq!(deadline(), None);
            let mut theirs = Limit::new(2 * SECOND);
            theirs.scope(|| {
                assert!(deadline().is_some());
                assert_ne!(Context::current().correlation_id(), "run");
            });
            assert_eq!(deadline(), None);
            drop(away);
            assert!(is_unasked() && deadline().is_some());
        });
    });
}

#[test]
fn a_thread_that_ends_may_still_be_under_a_limit() {
    struct AtTheEnd;
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            Limit::new(SECOND).scope(|| drop(Context::current()));
        }
    }
    thread_local!(static LAST: AtTheEnd = const { AtTheEnd });
    thread::spawn(|| {
        LAST.with(|_| ());
        Context::builder().build().scope(|| drop(Context::current()));
    })
    .join()
    .unwrap();
}
