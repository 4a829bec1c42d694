//! Futures that ask for a key at the same time, and threads among them.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context as Task, Poll, Waker};
use std::thread;

use tokio::sync::oneshot;

use super::{Outcome, SECOND, small, sure, until, waits};
use crate::Context;

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Task::from_waker(Waker::noop()))
}

#[test]
fn one_calls_and_the_others_get_its_value() {
    let cache = small().build().unwrap();
    let (send, receive) = oneshot::channel();
    let mut first =
        pin!(cache.call_async(&1, async { Outcome::<_, oneshot::error::RecvError>::Ok(receive.await?) }));
    let mut second = pin!(cache.call_async(&1, async { Outcome::<_, ()>::Ok(9) }));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    send.send(5).unwrap();
    assert!(poll(second.as_mut()).is_pending(), "who leads has not been polled");
    assert!(matches!(poll(first), Poll::Ready(Ok(5))));
    assert!(matches!(poll(second), Poll::Ready(Ok(5))));
    assert_eq!((cache.counts().loads, cache.counts().shared), (1, 1));
}

#[test]
fn who_waits_for_a_future_that_is_dropped_calls_itself() {
    let cache = small().build().unwrap();
    let mut second = pin!(cache.call_async(&1, async { Outcome::<_, ()>::Ok(2) }));
    {
        let mut first = pin!(cache.call_async(&1, pending::<Outcome<u32, ()>>()));
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
    }
    assert!(matches!(poll(second), Poll::Ready(Ok(2))));
    let counts = cache.counts();
    assert_eq!((counts.loads, counts.failed, counts.waits), (2, 1, 1));
    assert_eq!(cache.flights.len(), 0);
}

#[test]
fn an_heir_that_is_dropped_hands_on() {
    let cache = small().build().unwrap();
    let mut third = pin!(cache.call_async(&1, async { Outcome::<_, ()>::Ok(3) }));
    {
        let mut first = Box::pin(cache.call_async(&1, pending::<Outcome<u32, ()>>()));
        let mut second = pin!(cache.call_async(&1, async { Outcome::<_, ()>::Ok(2) }));
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
        assert!(poll(third.as_mut()).is_pending());
        drop(first);
    }
    assert!(matches!(poll(third), Poll::Ready(Ok(3))));
}

#[test]
fn a_future_that_was_never_polled_holds_nobody_up() {
    let cache = small().build().unwrap();
    let _never = cache.call_async(&1, pending::<Outcome<u32, ()>>());
    assert_eq!(sure(&cache, 1, 1), 1);
}

#[test]
fn a_future_that_panics_leaves_the_key_to_others() {
    let cache = small().build().unwrap();
    let call = async { Outcome::<u32, ()>::Ok("none".parse().expect("in the call")) };
    let mut first = Box::pin(cache.call_async(&1, call));
    let polled = std::panic::AssertUnwindSafe(|| poll(first.as_mut()).is_pending());
    std::panic::catch_unwind(polled).unwrap_err();
    drop(first);
    assert_eq!(sure(&cache, 1, 2), 2);
    assert_eq!(cache.counts().failed, 1);
}

#[test]
fn a_future_that_asks_for_its_own_key_goes_on() {
    let cache = small().build().unwrap();
    let call = async {
        let inner = cache.call_async(&1, async { Outcome::<_, ()>::Ok(10) }).await;
        inner.map(|inner| inner + 1)
    };
    let asked = pin!(cache.call_async(&1, call));
    assert!(matches!(poll(asked), Poll::Ready(Ok(11))));
    assert_eq!(cache.counts().beside, 1);
}

#[test]
fn a_thread_does_not_wait_for_a_future_that_it_would_have_to_go_on_with() {
    let cache = small().build().unwrap();
    let (send, receive) = oneshot::channel::<u32>();
    let mut first =
        pin!(cache.call_async(&1, async { Outcome::<_, oneshot::error::RecvError>::Ok(receive.await?) }));
    assert!(poll(first.as_mut()).is_pending());
    assert_eq!(sure(&cache, 1, 7), 7);
    send.send(5).unwrap();
    assert!(matches!(poll(first), Poll::Ready(Ok(5))));
    assert_eq!(cache.peek(&1), Some(5));
}

#[test]
fn a_future_waits_for_a_thread() {
    let cache = small().build().unwrap();
    let (leads, led) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            cache.call(&1, || {
                leads.send(()).unwrap();
                until(|| waits(&cache) == 1);
                Outcome::<_, ()>::Ok(5)
            })
        });
        led.recv().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked = runtime.block_on(cache.call_async(&1, async { Outcome::<_, ()>::Ok(9) }));
        assert_eq!(asked.unwrap(), 5);
    });
}

#[test]
fn who_waits_can_be_cancelled() {
    let cache = small().build().unwrap();
    let mut first = pin!(cache.call_async(&1, pending::<Outcome<u32, ()>>()));
    assert!(poll(first.as_mut()).is_pending());
    let context = Context::builder().build();
    let mut second = pin!(cache.call_async(&1, async { Outcome::<_, ()>::Ok(9) }));
    context.scope(|| assert!(poll(second.as_mut()).is_pending()));
    context.cancel();
    assert!(matches!(poll(second), Poll::Ready(Err(stopped)) if stopped.is_cancelled()));
}

#[cfg(feature = "tokio")]
#[tokio::test(start_paused = true)]
async fn the_deadline_ends_waiting_too() {
    let cache = small().build().unwrap();
    let mut first = pin!(cache.call_async(&1, pending::<Outcome<u32, ()>>()));
    assert!(poll(first.as_mut()).is_pending());
    let context = Context::builder().clock(crate::TokioClock).timeout(SECOND).build();
    let mut second = pin!(cache.call_async(&1, async { Outcome::<_, ()>::Ok(9) }));
    context.scope(|| assert!(poll(second.as_mut()).is_pending()));
    let stopped: crate::policy::PolicyError<()> = second.await.unwrap_err();
    assert!(stopped.is_timeout());
}

#[tokio::test]
async fn an_entry_that_grew_old_is_loaded_again() {
    let clock = crate::ManualClock::new();
    let cache = small().clock(clock.clone()).time_to_live(SECOND).build().unwrap();
    for value in 0..3 {
        let asked = cache.call_async(&1, async { Outcome::<_, ()>::Ok(value) });
        assert_eq!(asked.await.unwrap(), value);
        clock.advance(SECOND);
    }
}

#[tokio::test]
async fn many_tasks_become_one_call_for_each_key() {
    let cache = std::sync::Arc::new(small().build().unwrap());
    let tasks: Vec<_> = (0..1000_u32)
        .map(|i| {
            let cache = std::sync::Arc::clone(&cache);
            tokio::spawn(async move {
                let key = i % 10;
                let call = async {
                    tokio::task::yield_now().await;
                    Outcome::<_, ()>::Ok(key)
                };
                assert_eq!(cache.call_async(&key, call).await.unwrap(), key);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let counts = cache.counts();
    assert_eq!(counts.loads, 10);
    assert_eq!(counts.hits + counts.loads + counts.shared, 1000);
}
