//! Who waits, and who is next.

use std::future::ready;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{self, Poll, Wake, Waker};
use std::thread;

use super::{Answer, FULL, limit, poll, until};
use crate::policy::Concurrency;

#[test]
fn threads_and_futures_stand_in_one_line() {
    let limit = limit(1, 8);
    let permit = limit.acquire().unwrap();
    let order = Mutex::new(Vec::new());
    let mut first = pin!(limit.acquire_async());
    assert!(poll(first.as_mut()).is_pending());
    thread::scope(|scope| {
        scope.spawn(|| {
            let _permit = limit.acquire().unwrap();
            order.lock().unwrap().push("the thread");
        });
        until(|| limit.waiting() == 2);
        let mut last = pin!(limit.acquire_async());
        assert!(poll(last.as_mut()).is_pending());
        drop(permit);
        assert!(poll(last.as_mut()).is_pending(), "others came before");
        let Poll::Ready(permit) = poll(first.as_mut()) else { panic!("it came first") };
        order.lock().unwrap().push("the first");
        drop(permit);
        until(|| order.lock().unwrap().len() == 2 && limit.waiting() == 0);
        let Poll::Ready(_permit) = poll(last.as_mut()) else { panic!("nobody is before it") };
        assert_eq!(*order.lock().unwrap(), ["the first", "the thread"]);
    });
}

#[test]
fn who_comes_while_others_wait_cannot_snatch_the_permit() {
    let limit = limit(1, 1);
    let permit = limit.acquire().unwrap();
    let mut waits = pin!(limit.acquire_async());
    assert!(poll(waits.as_mut()).is_pending());
    drop(permit);
    assert_eq!((limit.in_use(), limit.waiting()), (1, 0));
    assert_eq!(limit.try_acquire().unwrap_err(), FULL);
    assert!(poll(waits.as_mut()).is_ready());
}

#[test]
fn who_is_given_a_permit_and_then_cancelled_hands_it_to_the_next() {
    let limit = limit(1, 2);
    let permit = limit.acquire().unwrap();
    let mut first = Box::pin(limit.acquire_async());
    let mut second = Box::pin(limit.acquire_async());
    assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
    drop(permit);
    drop(first);
    assert!(poll(second.as_mut()).is_ready());
    drop(second);
    assert_eq!(limit.in_use(), 0);
}

#[test]
fn a_cancelled_call_does_not_hold_up_those_behind_it() {
    let limit = limit(1, 2);
    let permit = limit.acquire().unwrap();
    let mut first = Box::pin(limit.acquire_async());
    let mut second = pin!(limit.acquire_async());
    assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
    drop(first);
    assert_eq!(limit.waiting(), 1);
    drop(permit);
    assert!(poll(second.as_mut()).is_ready());
}

#[test]
fn a_future_takes_no_permit_before_it_is_polled_and_none_if_it_never_is() {
    let limit = limit(1, 0);
    let first = limit.acquire_async();
    let second = limit.call_async(ready(Answer::Ok(2)));
    assert_eq!(limit.in_use(), 0);
    assert!(matches!(poll(pin!(second)), Poll::Ready(Ok(2))));
    drop(first);
    assert_eq!(limit.in_use(), 0);
}

/// A waker may be anybody's code, and so must not meet the lock of the line.
#[test]
fn a_waker_may_ask_the_limit() {
    struct Asks(Arc<Concurrency>);
    impl Wake for Asks {
        fn wake(self: Arc<Self>) {
            drop(self.0.try_acquire());
            assert_eq!(self.0.waiting(), 0);
        }
    }
    impl Drop for Asks {
        fn drop(&mut self) {
            self.0.waiting();
        }
    }
    let limit = Arc::new(limit(1, 1));
    let permit = limit.acquire().unwrap();
    let mut waits = Box::pin(limit.acquire_async());
    for _ in 0..2 {
        let waker = Waker::from(Arc::new(Asks(limit.clone())));
        assert!(waits.as_mut().poll(&mut task::Context::from_waker(&waker)).is_pending());
    }
    drop(permit);
    assert!(poll(waits.as_mut()).is_ready());
    let mut waits_again = Box::pin(limit.acquire_async());
    let waker = Waker::from(Arc::new(Asks(limit.clone())));
    assert!(waits_again.as_mut().poll(&mut task::Context::from_waker(&waker)).is_ready());
}

/// What a thread takes up meanwhile may wait for the same limit: it comes first then, as the other cannot.
#[cfg(feature = "parallel")]
#[test]
fn a_permit_is_not_given_to_a_thread_that_does_something_else() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let limit = limit(1, 8);
    let permit = Mutex::new(Some(limit.acquire().unwrap()));
    let order = Mutex::new(Vec::new());
    let call = |name: &'static str| {
        let noted = limit.call(|| {
            order.lock().unwrap().push(name);
            Answer::Ok(())
        });
        noted.unwrap();
    };
    pool.scope(|scope| {
        scope.spawn(|scope| {
            // Comes from the stack of the call below.
            scope.spawn(|_| drop(permit.lock().unwrap().take()));
            call("above");
        });
        call("below");
    });
    assert_eq!(*order.lock().unwrap(), ["above", "below"]);
}
