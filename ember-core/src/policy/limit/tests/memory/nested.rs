//! Room that is wanted inside of room.

use std::future::ready;
use std::pin::pin;
use std::task::Poll;
use std::thread;

use super::{budget, futures_poll, until};
use crate::policy::{MemoryBudget, Refused};

#[test]
fn r30_who_would_wait_for_the_call_around_it_is_refused_and_told_why() {
    let budget = budget(100);
    let inner = |weight| budget.call(weight, || budget.used());
    assert_eq!(budget.call(60, || inner(40)), Ok(Ok(100)), "what fits is let in");
    assert_eq!(budget.call(60, || inner(41)), Ok(Err(Refused::Nested)));
    assert_eq!(budget.call(60, || budget.admit(41).map(drop)), Ok(Err(Refused::Nested)));
    assert_eq!(
        Refused::Nested.to_string(),
        "there is no room beside what the call around it holds of the same budget"
    );
    assert_eq!((budget.used(), budget.waiting(), budget.refused()), (0, 0, 2));
    // Outside of the call one waits again.
    let all = budget.admit(100).unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| budget.call(1, || ()));
        until(|| budget.waiting() == 1);
        drop(all);
        assert_eq!(waits.join().unwrap(), Ok(()));
    });
}

#[test]
fn what_runs_inside_of_a_call_passes_those_who_wait_for_that_call() {
    let budget = budget(100);
    thread::scope(|scope| {
        let waits = budget.call(60, || {
            let waits = scope.spawn(|| budget.admit(100).map(drop));
            until(|| budget.waiting() == 1);
            assert_eq!(budget.call(40, || budget.used()), Ok(100));
            assert_eq!(budget.try_admit(40).map(drop), Ok(()));
            waits
        });
        assert_eq!(waits.unwrap().join().unwrap(), Ok(()));
    });
}

#[test]
fn two_that_hold_room_and_want_more_do_not_wait_for_each_other() {
    let budget = budget(100);
    let barrier = std::sync::Barrier::new(2);
    thread::scope(|scope| {
        let both = [0; 2].map(|_| {
            scope.spawn(|| {
                budget.call(50, || {
                    barrier.wait();
                    let inner = budget.admit(50).map(drop);
                    barrier.wait();
                    inner
                })
            })
        });
        for one in both {
            assert_eq!(one.join().unwrap(), Ok(Err(Refused::Nested)));
        }
    });
}

#[test]
fn budgets_below_each_other_count_as_one() {
    let above = budget(100);
    let below = |bytes| MemoryBudget::builder().bytes(bytes).within(&above).build().unwrap();
    let (one, two) = (below(80), below(80));
    // What is missing is above, where the first has it.
    assert_eq!(one.call(80, || two.call(21, || ())), Ok(Err(Refused::Nested)));
    assert_eq!(one.call(80, || above.call(21, || ())), Ok(Err(Refused::Nested)));
    // Who waits below might wait for who waits above with it in hand.
    let held = one.admit(80).unwrap();
    assert_eq!(above.call(10, || one.call(1, || ())), Ok(Err(Refused::Nested)));
    drop(held);
    assert_eq!(one.call(80, || two.call(20, || above.used())), Ok(Ok(100)));
    assert_eq!((one.used(), two.used(), above.used()), (0, 0, 0));
}

#[test]
fn a_future_inside_of_a_call_is_refused_and_one_outside_waits() {
    let budget = budget(10);
    let inner = budget.call_async(10, ready(()));
    let mut outer = pin!(budget.call_async(1, inner));
    assert_eq!(futures_poll(outer.as_mut()), Poll::Ready(Ok(Err(Refused::Nested))));
    let held = budget.call(10, || {
        // It is outside of the call when it is polled there.
        budget.call_async(1, ready(7))
    });
    assert_eq!(budget.used(), 0);
    let mut free = pin!(held.unwrap());
    assert_eq!(futures_poll(free.as_mut()), Poll::Ready(Ok(7)));
    let all = budget.admit(10).unwrap();
    let mut waits = pin!(budget.call_async(1, ready(7)));
    assert!(futures_poll(waits.as_mut()).is_pending());
    drop(all);
    assert_eq!(futures_poll(waits.as_mut()), Poll::Ready(Ok(7)));
}

#[test]
fn a_panic_leaves_the_call_and_gives_back_its_room() {
    let budget = budget(10);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        budget.call(10, || std::panic::resume_unwind(Box::new(())))
    }));
    assert!(panicked.is_err());
    assert_eq!(budget.used(), 0);
    let all = budget.admit(10).unwrap();
    let mut waits = pin!(budget.admit_async(1));
    assert!(futures_poll(waits.as_mut()).is_pending(), "it is not taken for one inside");
    drop(all);
}

#[test]
fn room_by_hand_may_be_given_back_by_others_so_one_waits_for_it() {
    let budget = budget(10);
    let (send, receive) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        let (budget, receive) = (&budget, receive);
        scope.spawn(move || {
            for _ in 0..20 {
                send.send(budget.admit(10).unwrap()).unwrap();
            }
        });
        assert_eq!(
            receive.into_iter().map(|admitted: crate::policy::Admission| admitted.weight()).sum::<usize>(),
            200
        );
    });
}
