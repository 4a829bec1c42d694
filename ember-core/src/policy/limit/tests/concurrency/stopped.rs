//! How waiting ends without a permit.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{self, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use super::{Answer, FULL, limit, poll, until};
use crate::policy::{Concurrency, Refused};
use crate::{Context, ManualClock, Stopped};

#[test]
fn r38_a_thread_that_waits_is_woken_when_its_run_is_cancelled() {
    let limit = limit(1, 1);
    let permit = limit.acquire().unwrap();
    let context = Context::builder().build();
    thread::scope(|scope| {
        let waits = scope.spawn(|| context.scope(|| limit.call(|| Answer::Ok(()))));
        until(|| limit.waiting() == 1);
        context.cancel();
        let stopped = waits.join().unwrap().unwrap_err();
        assert!(stopped.is_cancelled() && !stopped.is_rejected());
    });
    assert_eq!((limit.in_use(), limit.waiting(), limit.refused()), (1, 0, 0));
    drop(permit);
    assert_eq!(limit.in_use(), 0);
}

#[test]
fn a_future_that_waits_is_woken_when_its_run_is_cancelled() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let limit = limit(1, 1);
    let _permit = limit.acquire().unwrap();
    let context = Context::builder().build();
    let woken = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(woken.clone());
    let mut cx = task::Context::from_waker(&waker);
    let mut waits = pin!(limit.acquire_async());
    assert!(context.scope(|| waits.as_mut().poll(&mut cx)).is_pending());
    context.cancel();
    assert_eq!(woken.0.load(SeqCst), 1);
    let stopped = waits.as_mut().poll(&mut cx).map(Result::unwrap_err);
    assert_eq!(stopped, Poll::Ready(Refused::Stopped(Stopped::Cancelled)));
    assert_eq!(limit.waiting(), 0, "also while the future is kept");
}

#[test]
fn a_call_that_waited_too_long_takes_no_permit_with_it() {
    let clock = ManualClock::new();
    let limit = Concurrency::builder()
        .permits(1)
        .max_wait(Duration::from_secs(5))
        .clock(clock.clone())
        .build()
        .unwrap();
    for _ in 0..3 {
        let permit = limit.acquire().unwrap();
        thread::scope(|scope| {
            let waits = scope.spawn(|| limit.acquire().map(drop));
            until(|| limit.waiting() == 1);
            clock.advance(Duration::from_secs(5));
            assert_eq!(waits.join().unwrap(), Err(FULL));
        });
        drop(permit);
        assert_eq!((limit.in_use(), limit.waiting()), (0, 0));
    }
    assert_eq!(limit.refused(), 3);
}

#[test]
fn r16_a_thread_that_waits_is_told_when_the_deadline_comes() {
    let clock = ManualClock::new();
    let context = Context::builder().clock(clock.clone()).timeout(Duration::from_secs(1)).build();
    let limit = limit(1, 1);
    let _permit = limit.acquire().unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| context.scope(|| limit.acquire().map(drop)));
        until(|| limit.waiting() == 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(waits.join().unwrap(), Err(Refused::Stopped(Stopped::DeadlineExceeded)));
    });
}

#[test]
fn cancelling_while_permits_come_back_neither_deadlocks_nor_loses_any() {
    let limit = limit(1, 8);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let context = Context::builder().build();
                    thread::scope(|scope| {
                        scope.spawn(|| context.cancel());
                        let waits = context.scope(|| limit.acquire().map(drop));
                        assert!(matches!(waits, Ok(()) | Err(Refused::Stopped(_))));
                    });
                }
            });
        }
    });
    assert_eq!((limit.in_use(), limit.waiting(), limit.refused()), (0, 0, 0));
}

#[test]
fn time_that_never_ends_is_no_limit() {
    let limit = Concurrency::builder().permits(1).max_wait(Duration::MAX).build().unwrap();
    let permit = limit.acquire().unwrap();
    let mut waits = pin!(limit.acquire_async());
    assert!(poll(waits.as_mut()).is_pending());
    drop(permit);
    assert!(poll(waits.as_mut()).is_ready());
}
