//! Calls that wait for calls.

use std::future::ready;
use std::pin::pin;
#[cfg(feature = "parallel")]
use std::sync::Mutex;
use std::task::Poll;
use std::thread;

use super::{Answer, limit, poll};
use crate::policy::Concurrency;

#[test]
fn a_call_that_waits_for_the_call_beneath_it_is_refused() {
    let limit = limit(2, 8);
    let inner = |depth: u32| -> Answer<u32> {
        fn go(limit: &Concurrency, depth: u32) -> Answer<u32> {
            if depth == 0 { Ok(0) } else { Ok(limit.call(|| go(limit, depth - 1))? + 1) }
        }
        go(&limit, depth)
    };
    assert_eq!(inner(2).unwrap(), 2);
    assert!(inner(3).unwrap_err().is_full());
    let mut call =
        pin!(limit.call_async(async { limit.call_async(limit.call_async(ready(Answer::Ok(())))).await }));
    let Poll::Ready(outcome) = poll(call.as_mut()) else { panic!("it waits for itself") };
    assert!(outcome.unwrap_err().is_full());
    assert_eq!((limit.in_use(), limit.waiting()), (0, 0));
    // By hand, others may give permits back.
    let permits = [limit.acquire().unwrap(), limit.acquire().unwrap()];
    assert!(poll(pin!(limit.acquire_async())).is_pending());
    drop(permits);
}

#[test]
fn calls_under_one_limit_may_wait_for_another() {
    let (outer, inner) = (limit(2, 8), limit(1, 8));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    outer.call(|| inner.call(|| Answer::Ok(()))).unwrap();
                }
            });
        }
    });
    assert_eq!((outer.in_use(), inner.in_use()), (0, 0));
}

/// The pool has one thread, which waits for a permit that a job of the same pool holds.
#[cfg(feature = "parallel")]
#[test]
fn a_thread_of_the_pool_that_waits_does_the_job_that_it_waits_for() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let limit = limit(1, 8);
    let permit = Mutex::new(Some(limit.acquire().unwrap()));
    let answers: Vec<_> = pool.scope(|scope| {
        scope.spawn(|_| drop(permit.lock().unwrap().take()));
        (0..3).map(|i| limit.call(|| Answer::Ok(i)).unwrap()).collect()
    });
    assert_eq!(answers, [0, 1, 2]);
}
