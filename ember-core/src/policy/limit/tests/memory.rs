use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use crate::policy::{MemoryBudget, Refused};
use crate::{Context, ManualClock, Stopped};

mod nested;

fn budget(bytes: usize) -> MemoryBudget {
    MemoryBudget::builder().bytes(bytes).build().unwrap()
}

fn until(come: impl Fn() -> bool) {
    while !come() {
        thread::yield_now();
    }
}

#[test]
fn r37_no_more_is_admitted_than_there_is() {
    let budget = budget(100);
    let one = budget.try_admit(60).unwrap();
    assert_eq!(budget.try_admit(41).unwrap_err(), Refused::Full { retry_after: None });
    let two = budget.try_admit(40).unwrap();
    assert_eq!((budget.used(), budget.peak()), (100, 100));
    drop((one, two));
    assert_eq!((budget.used(), budget.peak(), budget.refused()), (0, 100, 1));
}

#[test]
fn r30_what_finds_no_room_waits_until_there_is_some() {
    let budget = budget(100);
    let first = budget.admit(80).unwrap();
    thread::scope(|scope| {
        let second = scope.spawn(|| budget.admit(30).unwrap().weight());
        until(|| budget.waiting() == 1);
        drop(first);
        assert_eq!(second.join().unwrap(), 30);
    });
    assert_eq!(budget.used(), 0);
}

#[test]
fn one_who_wants_much_is_not_overtaken_by_those_who_want_little() {
    let budget = budget(100);
    let first = budget.admit(50).unwrap();
    thread::scope(|scope| {
        let much = scope.spawn(|| drop(budget.admit(100).unwrap()));
        until(|| budget.waiting() == 1);
        assert!(budget.try_admit(1).is_err(), "there is room, and somebody waits for more");
        drop(first);
        much.join().unwrap();
    });
    assert!(budget.try_admit(1).is_ok());
}

#[test]
fn r37_what_could_never_be_admitted_is_refused_at_once() {
    let budget = budget(100);
    let refused = budget.admit(101).unwrap_err();
    assert_eq!(refused, Refused::TooLarge { weight: 101, most: 100 });
    assert_eq!(refused.to_string(), "101 bytes are more than the 100 of the whole budget");
    assert_eq!(budget.admit(0).unwrap().weight(), 0);
}

#[test]
fn r37_the_line_is_bounded_and_who_finds_it_full_is_told_at_once() {
    let budget = MemoryBudget::builder().bytes(10).queue(1).build().unwrap();
    let first = budget.admit(10).unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| drop(budget.admit(1).unwrap()));
        until(|| budget.waiting() == 1);
        assert_eq!(budget.admit(1).unwrap_err(), Refused::Full { retry_after: None });
        drop(first);
        waits.join().unwrap();
    });
}

#[test]
fn waiting_has_an_end_by_the_clock_that_was_given() {
    let clock = ManualClock::new();
    let budget = MemoryBudget::builder()
        .bytes(10)
        .max_wait(Duration::from_secs(5))
        .clock(clock.clone())
        .build()
        .unwrap();
    let _all = budget.admit(10).unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| budget.admit(1).map(drop));
        until(|| budget.waiting() == 1);
        clock.advance(Duration::from_secs(5));
        assert_eq!(waits.join().unwrap(), Err(Refused::Full { retry_after: None }));
    });
    assert_eq!((budget.waiting(), budget.used()), (0, 10));
}

#[test]
fn r38_a_run_that_is_cancelled_waits_no_more() {
    let budget = budget(10);
    let _all = budget.admit(10).unwrap();
    let cx = Context::builder().build();
    thread::scope(|scope| {
        let waits = scope.spawn(|| cx.scope(|| budget.admit(1).map(drop)));
        until(|| budget.waiting() == 1);
        cx.cancel();
        assert_eq!(waits.join().unwrap(), Err(Refused::Stopped(Stopped::Cancelled)));
    });
    assert_eq!(budget.waiting(), 0);
}

#[test]
fn a_budget_below_another_uses_that_up_too_and_waits_for_it() {
    let above = budget(100);
    let (one, two) = (MemoryBudget::builder().bytes(80).within(&above).build().unwrap(), above.clone());
    let admitted = one.admit(80).unwrap();
    assert_eq!((one.used(), above.used()), (80, 80));
    let rest = two.admit(20).unwrap();
    drop(admitted);
    assert_eq!((one.used(), above.used()), (0, 20));
    let most = two.admit(30).unwrap();
    // There is room below, and none above.
    assert!(one.try_admit(60).is_err());
    assert_eq!((one.used(), above.used()), (0, 50), "what was had below has come back");
    thread::scope(|scope| {
        let waits = scope.spawn(|| drop(one.admit(60).unwrap()));
        until(|| above.waiting() == 1);
        drop((rest, most));
        waits.join().unwrap();
    });
    assert_eq!((one.used(), above.used()), (0, 0));
    let larger = MemoryBudget::builder().bytes(101).within(&above).build().unwrap_err();
    assert!(larger.to_string().contains("no more than the budget around it has"), "{larger}");
}

#[test]
fn what_grows_may_go_beyond_and_nobody_comes_until_it_is_less() {
    let budget = budget(100);
    let mut grown = budget.admit(50).unwrap();
    grown.resize(150);
    assert_eq!((budget.used(), budget.peak()), (150, 150));
    assert!(budget.try_admit(1).is_err());
    thread::scope(|scope| {
        let waits = scope.spawn(|| drop(budget.admit(60).unwrap()));
        until(|| budget.waiting() == 1);
        grown.resize(40);
        waits.join().unwrap();
    });
}

#[test]
fn a_panic_gives_back_what_was_admitted() {
    let budget = budget(10);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _admitted = budget.admit(10).unwrap();
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(outcome.is_err());
    assert_eq!(budget.used(), 0);
}

#[test]
fn threads_that_come_and_go_never_hold_more_than_there_is() {
    let budget = budget(1000);
    thread::scope(|scope| {
        for seed in 1..=4_usize {
            let budget = &budget;
            scope.spawn(move || {
                for i in 0..500 {
                    let admitted = budget.admit((seed * 7919 + i * 104_729) % 1001).unwrap();
                    assert!(budget.used() <= 1000);
                    drop(admitted);
                }
            });
        }
    });
    assert_eq!((budget.used(), budget.waiting(), budget.refused()), (0, 0, 0));
    assert!(budget.peak() <= 1000);
}

#[tokio::test(start_paused = true)]
async fn futures_stand_in_the_same_line_and_leave_it_when_they_are_dropped() {
    let budget = budget(10);
    let all = budget.admit_async(10).await.unwrap();
    let mut gone = Box::pin(budget.admit_async(10));
    assert!(futures_poll(gone.as_mut()).is_pending());
    let other = budget.clone();
    let (told, is_told) = channel();
    let thread = thread::spawn(move || {
        let admitted = other.admit(3).unwrap();
        told.send(admitted.weight()).unwrap();
    });
    until(|| budget.waiting() == 2);
    drop(all);
    // It has been served, unseen.
    assert_eq!(budget.used(), 10);
    drop(gone);
    assert_eq!(is_told.recv().unwrap(), 3);
    thread.join().unwrap();
    assert_eq!(budget.used(), 0);
}

#[cfg(feature = "tokio")]
#[tokio::test(start_paused = true)]
async fn the_wait_of_a_future_has_an_end_too() {
    let budget = MemoryBudget::builder()
        .bytes(10)
        .max_wait(Duration::from_secs(5))
        .clock(crate::TokioClock)
        .build()
        .unwrap();
    let _all = budget.admit_async(10).await.unwrap();
    let start = tokio::time::Instant::now();
    let refused = budget.admit_async(1).await.map(drop);
    assert_eq!(refused, Err(Refused::Full { retry_after: None }));
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
}
