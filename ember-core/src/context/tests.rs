use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::{CANCELLED, Clock as _, Context, ContextBuilder, LIVE, ManualClock, Stopped, WATCHED};
use crate::Strategy;

const SECOND: Duration = Duration::from_secs(1);

fn state(cx: &Context) -> u8 {
    cx.0.state.load(Ordering::Relaxed)
}

fn named(id: &str) -> Context {
    Context::builder().correlation_id(id).build()
}

fn current_id() -> String {
    Context::current().correlation_id().to_owned()
}

#[test]
fn is_shared_between_threads() {
    fn assert<T: Send + Sync + 'static + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    assert::<Context>();
    assert_eq!(size_of::<Context>(), size_of::<usize>());
}

#[test]
fn one_load_settles_a_context_that_nothing_limits() {
    assert_eq!(state(&Context::builder().build()), LIVE);
    assert_eq!(state(&Context::builder().strategy(Strategy::Sequential).build()), LIVE);
    assert_eq!(state(&Context::builder().timeout(SECOND).build()), LIVE | WATCHED);
    assert_eq!(state(&Context::builder().parent(&named("above")).build()), LIVE | WATCHED);
}

#[test]
fn cancelling_reaches_clones_and_children_but_not_parents() {
    let above = Context::builder().build();
    let middle = Context::builder().parent(&above).build();
    let below = Context::builder().parent(&middle).build();

    middle.clone().cancel();
    middle.cancel();

    assert_eq!(above.check(), Ok(()));
    assert_eq!(middle.check(), Err(Stopped::Cancelled));
    assert_eq!(below.check(), Err(Stopped::Cancelled));
    assert!(!above.is_cancelled() && middle.is_cancelled() && below.is_cancelled());
    assert_eq!(state(&middle), LIVE | WATCHED | CANCELLED);
}

#[test]
fn cancelling_is_seen_on_other_threads() {
    let cx = Context::builder().build();
    thread::scope(|threads| {
        let waiting = threads.spawn(|| {
            while cx.check().is_ok() {
                thread::yield_now();
            }
            cx.check()
        });
        cx.cancel();
        assert_eq!(waiting.join().unwrap(), Err(Stopped::Cancelled));
    });
}

#[test]
fn the_default_context_belongs_to_all_and_is_not_cancelled() {
    let default = Context::current();
    default.cancel();
    assert_eq!(default.check(), Ok(()));
    assert_eq!(default.deadline(), None);
    assert_eq!(default.strategy(), None);

    let elsewhere = thread::spawn(current_id).join().unwrap();
    assert_eq!(elsewhere, default.correlation_id());

    let below = Context::builder().parent(&default).build();
    assert_eq!(state(&below), LIVE);
    assert_eq!(below.correlation_id(), default.correlation_id());
    below.cancel();
    assert!(below.is_cancelled());
}

#[test]
fn a_deadline_passes_at_its_moment() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).timeout(2 * SECOND).build();
    assert_eq!(cx.deadline(), Some(clock.now() + 2 * SECOND));
    assert_eq!(cx.remaining(), Some(2 * SECOND));

    clock.advance(SECOND + Duration::from_nanos(999_999_999));
    assert_eq!(cx.check(), Ok(()));
    clock.advance(Duration::from_nanos(1));
    assert_eq!(cx.check(), Err(Stopped::DeadlineExceeded));
    clock.advance(SECOND);
    assert_eq!(cx.remaining(), Some(Duration::ZERO));

    assert!(!cx.is_cancelled());
    cx.cancel();
    assert_eq!(cx.check(), Err(Stopped::Cancelled));
}

#[test]
fn the_earliest_limit_counts() {
    let clock = ManualClock::new();
    let start = clock.now();
    let builder = || Context::builder().clock(clock.clone());

    let both = builder().deadline(start + 3 * SECOND).timeout(2 * SECOND).build();
    assert_eq!(both.deadline(), Some(start + 2 * SECOND));
    let both = builder().deadline(start + SECOND).timeout(2 * SECOND).build();
    assert_eq!(both.deadline(), Some(start + SECOND));

    let later = Context::builder().parent(&both).timeout(5 * SECOND).build();
    assert_eq!(later.deadline(), Some(start + SECOND));
    let earlier = Context::builder().parent(&both).timeout(SECOND / 2).build();
    assert_eq!(earlier.deadline(), Some(start + SECOND / 2));

    clock.advance(SECOND / 2);
    assert_eq!(earlier.check(), Err(Stopped::DeadlineExceeded));
    assert_eq!(later.check(), Ok(()));
    clock.advance(SECOND / 2);
    assert_eq!(later.check(), Err(Stopped::DeadlineExceeded));
}

#[test]
fn a_parent_is_late_by_its_own_clock() {
    let above_clock = ManualClock::new();
    let above = Context::builder().clock(above_clock.clone()).timeout(SECOND).build();
    let below = Context::builder().clock(ManualClock::new()).parent(&above).build();

    assert_eq!(below.check(), Ok(()));
    above_clock.advance(SECOND);
    assert_eq!(below.check(), Err(Stopped::DeadlineExceeded));
}

#[test]
fn a_timeout_beyond_all_time_is_none() {
    let cx = Context::builder().timeout(Duration::MAX).build();
    assert_eq!((cx.deadline(), cx.remaining()), (None, None));
    assert_eq!(cx.check(), Ok(()));

    let deadline = Instant::now() + SECOND;
    let cx = Context::builder().deadline(deadline).timeout(Duration::MAX).build();
    assert_eq!(cx.deadline(), Some(deadline));
}

#[test]
fn children_take_over_what_they_do_not_set() {
    let above = Context::builder().correlation_id("above").strategy(Strategy::Sequential).build();
    let same = Context::builder().parent(&above).build();
    assert_eq!((same.correlation_id(), same.strategy()), ("above", Some(Strategy::Sequential)));

    let own = Context::builder().parent(&above).correlation_id("own").strategy(Strategy::Auto).build();
    assert_eq!((own.correlation_id(), own.strategy()), ("own", Some(Strategy::Auto)));
}

#[test]
fn a_long_line_of_ancestors_is_freed() {
    let mut cx = Context::builder().build();
    for _ in 0..200_000 {
        cx = Context::builder().parent(&cx).build();
    }
    let middle = cx.0.parent.clone().unwrap();
    drop(cx);
    assert_eq!(middle.check(), Ok(()));
}

#[test]
fn scopes_nest_and_end_with_a_panic_too() {
    let (outer, inner) = (named("outer"), named("inner"));
    let outside = current_id();

    outer.scope(|| {
        assert_eq!(current_id(), "outer");
        outer.scope(|| inner.scope(|| assert_eq!(current_id(), "inner")));
        assert_eq!(current_id(), "outer");

        let caught = catch_unwind(|| {
            inner.scope(|| {
                assert_eq!(current_id(), "inner");
                std::panic::resume_unwind(Box::new(()));
            });
        });
        assert!(caught.is_err());
        assert_eq!(current_id(), "outer");
    });
    assert_eq!(current_id(), outside);
}

#[test]
fn a_scope_is_its_threads_own() {
    named("here").scope(|| {
        let elsewhere = thread::spawn(current_id).join().unwrap();
        assert_ne!(elsewhere, "here");
        assert_eq!(current_id(), "here");
    });
}

#[test]
fn a_lent_context_outlives_scopes_entered_meanwhile() {
    let (outer, inner) = (named("outer"), named("inner"));
    outer.scope(|| {
        Context::__with(|cx| {
            inner.scope(|| Context::__with(|cx| assert_eq!(cx.correlation_id(), "inner")));
            assert_eq!(cx.correlation_id(), "outer");
        });
        let shared = Arc::strong_count(&outer.0);
        Context::__with(|_| assert_eq!(Arc::strong_count(&outer.0), shared));
        outer.scope(|| assert_eq!(Arc::strong_count(&outer.0), shared));
    });
    assert_eq!(Arc::strong_count(&outer.0), 1);
}

#[test]
fn a_thread_that_ends_may_still_ask() {
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            assert!(!current_id().is_empty());
            named("late").scope(|| assert!(!current_id().is_empty()));
        }
    }
    thread_local!(static LATE: Late = const { Late });
    // Locals are dropped in an order that is not promised: one of the two sees the scope's gone.
    thread::spawn(|| {
        LATE.with(|_| ());
        current_id();
    })
    .join()
    .unwrap();
    thread::spawn(|| {
        current_id();
        LATE.with(|_| ());
    })
    .join()
    .unwrap();
}

#[test]
fn random_ids_are_trace_ids() {
    let ids: Vec<_> = (0..100).map(|_| Context::builder().build()).collect();
    for cx in &ids {
        let id = cx.correlation_id();
        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{id}");
        assert_ne!(id.trim_matches('0'), "");
    }
    assert_ne!(ids[0].correlation_id(), ids[1].correlation_id());
}

#[test]
fn hostile_ids_become_harmless() {
    let id = |id: &str| named(id).correlation_id().to_owned();
    assert_eq!(id("order-17 / ä"), "order-17 / ä");
    assert_eq!(id("a\r\nlevel=error\u{1b}[2K"), "a\u{fffd}\u{fffd}level=error\u{fffd}[2K");
    assert_eq!(id("\u{202e}x\u{2028}y\u{200b}\u{85}"), "\u{fffd}x\u{fffd}y\u{fffd}\u{fffd}");
    assert_eq!(id(&"x".repeat(1_000_000)).len(), ContextBuilder::MAX_CORRELATION_ID);
    assert_eq!(id(&"ä".repeat(100)).len(), 128);
    assert_eq!(id(&"€".repeat(100)).len(), 126);
    assert_eq!(id("").len(), 32);

    let above = named("above");
    let below = Context::builder().parent(&above).correlation_id("").build();
    assert_eq!(below.correlation_id(), "above");
}

#[test]
fn debug_shows_id_state_and_time_left() {
    let clock = ManualClock::new();
    let cx = Context::builder().correlation_id("a").clock(clock.clone()).timeout(SECOND).build();
    assert_eq!(format!("{cx:?}"), r#"Context { correlation_id: "a", state: live, remaining: Some(1s), .. }"#);
    clock.advance(SECOND);
    assert_eq!(
        format!("{cx:?}"),
        r#"Context { correlation_id: "a", state: past its deadline, remaining: Some(0ns), .. }"#
    );
    let cx = named("b");
    cx.cancel();
    assert_eq!(
        format!("{cx:?}"),
        r#"Context { correlation_id: "b", state: cancelled, remaining: None, .. }"#
    );
    assert!(format!("{:?}", Context::builder().parent(&cx)).starts_with("ContextBuilder { deadline: None"));
}

#[test]
fn reasons_read_plainly() {
    assert_eq!(Stopped::Cancelled.to_string(), "the run was cancelled");
    assert_eq!(Stopped::DeadlineExceeded.to_string(), "the deadline passed");
}

#[test]
fn r16_who_lingers_past_the_deadline_is_told_of_that() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(SECOND).build().own();
    clock.advance(SECOND);
    run.abandon();
    assert_eq!(run.check(), Err(Stopped::DeadlineExceeded));
    assert!(run.is_abandoned() && !run.is_cancelled());
    assert_eq!(run.own().check(), Err(Stopped::DeadlineExceeded));
}

#[test]
fn who_lingers_in_a_run_that_has_failed_is_cancelled() {
    let run = Context::builder().timeout(Duration::from_hours(1)).build().own();
    run.abandon();
    assert_eq!(run.own().check(), Err(Stopped::Cancelled));
}

#[test]
fn a_deadline_that_a_timer_saw_has_passed_for_all_below() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock).timeout(SECOND).build();
    let below = run.own();
    run.expire();
    assert_eq!(below.check(), Err(Stopped::DeadlineExceeded));
}
