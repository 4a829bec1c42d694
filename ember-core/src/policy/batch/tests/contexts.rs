//! The context of a call for several callers.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::policy::Batcher;
use crate::{Context, ManualClock, Strategy};

/// What the call of one batch saw, whose callers are in these contexts.
fn seen(contexts: &[Context]) -> Context {
    let batcher: Batcher<u32, u32, String> =
        Batcher::builder().max(contexts.len()).clock(ManualClock::new()).build().unwrap();
    let seen = Mutex::new(None);
    thread::scope(|scope| {
        for (at, context) in contexts.iter().enumerate() {
            let (batcher, seen) = (&batcher, &seen);
            scope.spawn(move || {
                context.scope(|| {
                    let call = batcher.call(0, |items| {
                        *seen.lock().unwrap() = Some(Context::current());
                        items
                    });
                    assert!(call.is_ok());
                });
            });
            // In this order.
            while at + 1 < contexts.len() && batcher.waiting() <= at {
                thread::yield_now();
            }
        }
    });
    seen.into_inner().unwrap().unwrap()
}

fn context(id: &str) -> Context {
    Context::builder().correlation_id(id).build()
}

#[test]
fn r10_a_call_for_one_context_runs_in_it() {
    let request = context("a");
    let seen = seen(&[request.clone(), request.clone()]);
    request.cancel();
    assert!(seen.is_cancelled());
}

#[test]
fn r10_a_call_for_several_is_below_none_of_them_and_lists_their_ids() {
    let (one, other) = (context("a"), context("b"));
    let seen = seen(&[one.clone(), other.clone(), one.clone()]);
    assert_eq!(seen.correlation_id(), "a, b");
    one.cancel();
    other.cancel();
    assert!(!seen.is_cancelled());
}

#[test]
fn r10_ids_for_which_there_is_no_room_are_counted() {
    let contexts: Vec<Context> = (0..9).map(|n| context(&format!("{n}").repeat(30))).collect();
    let seen = seen(&contexts);
    let listed = format!("{}, {}, {} and 6 more", "0".repeat(30), "1".repeat(30), "2".repeat(30));
    assert_eq!(seen.correlation_id(), listed);
}

#[test]
fn r10_a_call_has_the_latest_deadline_if_all_have_one() {
    let clock = ManualClock::new();
    let timed = |seconds| {
        let builder = Context::builder().clock(clock.clone()).timeout(Duration::from_secs(seconds));
        builder.build()
    };
    let (soon, late) = (timed(1), timed(60));
    assert_eq!(seen(&[soon.clone(), late.clone()]).deadline(), late.deadline());
    assert_eq!(seen(&[soon, context("a")]).deadline(), None);
}

#[test]
fn r10_a_call_has_the_strategy_on_which_all_agree() {
    let of = |strategy| Context::builder().strategy(strategy).build();
    let (one, two) = (Strategy::Sequential, Strategy::Auto);
    assert_eq!(seen(&[of(one), of(one)]).strategy(), Some(one));
    assert_eq!(seen(&[of(one), of(two)]).strategy(), None);
}
