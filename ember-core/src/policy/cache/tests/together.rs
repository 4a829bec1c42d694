//! Threads that ask for a key at the same time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, mpsc};
use std::thread;

use super::{Outcome, SECOND, small, sure, until, waits};
use crate::policy::{Cache, PolicyError};
use crate::{Context, Stopped};

#[test]
fn one_calls_and_the_others_get_its_value() {
    let cache = small().build().unwrap();
    let calls = AtomicUsize::new(0);
    thread::scope(|scope| {
        let ask = || {
            cache.call(&1, || {
                calls.fetch_add(1, SeqCst);
                until(|| waits(&cache) == 3);
                Outcome::<_, ()>::Ok(5)
            })
        };
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        for asked in asked {
            assert_eq!(asked.join().unwrap().unwrap(), 5);
        }
    });
    let counts = cache.counts();
    assert_eq!(calls.into_inner(), 1);
    assert_eq!((counts.loads, counts.waits, counts.shared, counts.hits), (1, 3, 3, 0));
    assert_eq!(cache.flights.len(), 0);
}

/// Asks by two threads, of which the first leads and ends in `how` when the other waits.
fn after_a_leader(how: impl FnOnce() -> Outcome<u32, String> + Send) -> (Option<Outcome<u32, String>>, u32) {
    let cache = small().build().unwrap();
    let (leads, led) = mpsc::channel();
    let got = thread::scope(|scope| {
        let first = scope.spawn(|| {
            let call = || {
                leads.send(()).unwrap();
                until(|| waits(&cache) == 1);
                how()
            };
            catch_unwind(AssertUnwindSafe(|| cache.call(&1, call))).ok()
        });
        led.recv().unwrap();
        let second = cache.call(&1, || Outcome::<_, String>::Ok(2));
        (first.join().unwrap(), second.unwrap())
    });
    let counts = cache.counts();
    assert_eq!((counts.loads, counts.waits, cache.flights.len()), (2, 1, 0));
    assert_eq!(counts.failed, 1);
    got
}

#[test]
fn who_waits_for_a_call_that_fails_calls_itself() {
    let (first, second) = after_a_leader(|| Err(PolicyError::from("down".to_owned())));
    assert_eq!(first.unwrap().unwrap_err().to_string(), "down");
    assert_eq!(second, 2);
}

#[test]
fn who_waits_for_a_call_that_panics_calls_itself() {
    let (first, second) = after_a_leader(|| panic!("in the call"));
    assert!(first.is_none());
    assert_eq!(second, 2);
}

#[test]
fn the_cancellation_of_who_calls_does_not_reach_who_waits() {
    let context = Context::builder().build();
    context.cancel();
    let (first, second) = after_a_leader(|| context.check().map(|()| 1).map_err(PolicyError::stopped));
    assert!(first.unwrap().unwrap_err().is_cancelled());
    assert_eq!(second, 2);
}

#[test]
fn failures_are_shared_with_those_who_wait_where_that_is_asked_for() {
    let cache = small().share_errors::<u8>().build().unwrap();
    thread::scope(|scope| {
        let ask = || {
            cache.call(&1, || {
                until(|| waits(&cache) == 2);
                Err(7.into())
            })
        };
        let asked: Vec<_> = (0..3).map(|_| scope.spawn(ask)).collect();
        for asked in asked {
            assert_eq!(asked.join().unwrap().unwrap_err().operator(), Some(&7));
        }
    });
    assert_eq!((cache.counts().loads, cache.counts().shared, cache.len()), (1, 2, 0));
}

#[test]
fn different_keys_do_not_wait_for_each_other() {
    let cache = small().build().unwrap();
    let together = Barrier::new(2);
    let ask = |key| {
        cache.call(&key, || {
            together.wait();
            Outcome::<_, ()>::Ok(key)
        })
    };
    thread::scope(|scope| {
        let one = scope.spawn(|| ask(1));
        assert_eq!(ask(2).unwrap(), 2);
        assert_eq!(one.join().unwrap().unwrap(), 1);
    });
    assert_eq!(cache.counts().waits, 0);
}

#[test]
fn a_call_that_began_before_an_invalidation_does_not_put_its_value() {
    let cache = small().build().unwrap();
    let (leads, led) = mpsc::channel();
    let go = AtomicBool::new(false);
    thread::scope(|scope| {
        let old = scope.spawn(|| {
            cache.call(&1, || {
                leads.send(()).unwrap();
                until(|| go.load(SeqCst));
                Outcome::<_, ()>::Ok(1)
            })
        });
        led.recv().unwrap();
        let before = scope.spawn(|| sure(&cache, 1, 9));
        until(|| waits(&cache) == 1);
        cache.invalidate(&1);
        // Who comes after the invalidation neither waits for the old call nor gets its value.
        assert_eq!(sure(&cache, 1, 2), 2);
        go.store(true, SeqCst);
        // Those who came before get one value.
        assert_eq!((old.join().unwrap().unwrap(), before.join().unwrap()), (1, 1));
    });
    assert_eq!(cache.peek(&1), Some(2));
    assert_eq!(cache.counts().stale, 1);
}

#[test]
fn invalidating_all_reaches_what_is_under_way() {
    let cache = small().build().unwrap();
    let value = cache.call(&1, || {
        cache.invalidate_all();
        Outcome::<_, ()>::Ok(1)
    });
    assert_eq!(value.unwrap(), 1);
    assert_eq!((cache.len(), cache.counts().stale), (0, 1));
}

#[test]
fn who_waits_can_be_cancelled() {
    let cache = small().build().unwrap();
    let context = Context::builder().build();
    let (leads, led) = mpsc::channel();
    let go = AtomicBool::new(false);
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            cache.call(&1, || {
                leads.send(()).unwrap();
                until(|| go.load(SeqCst));
                Outcome::<_, ()>::Ok(1)
            })
        });
        led.recv().unwrap();
        let second = scope.spawn(|| context.scope(|| cache.call(&1, || Outcome::<_, ()>::Ok(2))));
        until(|| waits(&cache) == 1);
        context.cancel();
        assert!(second.join().unwrap().unwrap_err().is_cancelled());
        go.store(true, SeqCst);
        assert_eq!(first.join().unwrap().unwrap(), 1);
    });
}

#[test]
fn the_deadline_ends_waiting_too() {
    let clock = crate::ManualClock::new();
    let cache = small().build().unwrap();
    let context = Context::builder().clock(clock.clone()).timeout(SECOND).build();
    cache
        .call(&1, || {
            thread::scope(|scope| {
                let second = scope.spawn(|| context.scope(|| cache.call(&1, || Outcome::<_, ()>::Ok(2))));
                until(|| waits(&cache) == 1);
                clock.advance(SECOND);
                let stopped = second.join().unwrap().unwrap_err();
                assert!(stopped.is_timeout() && !stopped.is_cancelled());
            });
            Outcome::<_, Stopped>::Ok(1)
        })
        .unwrap();
}

#[test]
fn the_weigher_and_clones_run_without_a_lock() {
    let cache = std::sync::Arc::new_cyclic(|this: &std::sync::Weak<Cache<u32, u32>>| {
        let this = this.clone();
        let weigher =
            move |key: &u32, _: &u32| this.upgrade().map_or(1, |cache| cache.len() as u64 + u64::from(*key));
        small().weigher(weigher).build().unwrap()
    });
    assert_eq!(sure(&cache, 3, 5), 5);
    assert_eq!(cache.weight(), 3);
}

#[test]
fn a_weigher_that_panics_leaves_the_key_to_others() {
    let cache =
        small().weigher(|_, value| if *value == 0 { panic!("no weight") } else { 1 }).build().unwrap();
    catch_unwind(AssertUnwindSafe(|| sure(&cache, 1, 0))).unwrap_err();
    assert_eq!(sure(&cache, 1, 1), 1);
    assert_eq!(cache.flights.len(), 0);
}
