//! Futures that share a call, by tokio's paused clock.

use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::minute::Minute;
use crate::policy::Batcher;
use crate::{Context, TokioClock};

type Tens = Batcher<u32, u32, String>;

const WAIT: Duration = Duration::from_millis(2);

async fn tens(items: Vec<u32>) -> Vec<u32> {
    items.iter().map(|item| 10 * item).collect()
}

fn batcher(max: usize) -> Tens {
    Batcher::builder().max(max).wait(WAIT).clock(TokioClock).build().unwrap()
}

/// Runs a future on a clock that goes on when nothing else does.
fn paused<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn r10_a_thousand_calls_make_sixteen() {
    let batcher = Arc::new(batcher(64));
    paused(async {
        let begun = Instant::now();
        let mut calls = JoinSet::new();
        for n in 0..1000 {
            let batcher = Arc::clone(&batcher);
            calls.spawn(async move { batcher.call_async(n, tens).await.unwrap() });
        }
        let mut answers = calls.join_all().await;
        answers.sort_unstable();
        assert_eq!(answers, (0..1000).map(|n| 10 * n).collect::<Vec<_>>());
        assert_eq!((batcher.batches(), batcher.items()), (16, 1000));
        assert!(begun.elapsed() <= WAIT + Duration::from_millis(1), "{:?}", begun.elapsed());
    });
}

#[test]
fn r10_a_lone_future_waits_as_long_as_said() {
    let batcher = batcher(64);
    paused(async {
        let begun = Instant::now();
        assert_eq!(batcher.call_async(1, tens).await.unwrap(), 10);
        let waited = begun.elapsed();
        // Tokio's timers count in milliseconds.
        assert!((WAIT..=WAIT + Duration::from_millis(1)).contains(&waited), "{waited:?}");
    });
}

#[test]
fn r10_without_a_wait_futures_take_along_those_that_are_there() {
    let batcher: Tens = Batcher::builder().max(64).wait(Duration::ZERO).clock(TokioClock).build().unwrap();
    paused(async {
        let begun = Instant::now();
        let (one, two, three) = tokio::join!(
            batcher.call_async(1, tens),
            batcher.call_async(2, tens),
            batcher.call_async(3, tens)
        );
        assert_eq!([one, two, three].map(Result::unwrap), [10, 20, 30]);
        assert_eq!((batcher.batches(), begun.elapsed()), (1, Duration::ZERO));
    });
}

#[test]
fn r10_a_call_goes_on_when_the_one_that_made_it_is_dropped() {
    let _bound = Minute::begin();
    let batcher = batcher(3);
    let calls = Arc::new(AtomicUsize::new(0));
    let slow = |calls: &Arc<AtomicUsize>| {
        let calls = Arc::clone(calls);
        move |items: Vec<u32>| async move {
            calls.fetch_add(1, SeqCst);
            sleep(Duration::from_secs(1)).await;
            tens(items).await
        }
    };
    paused(async {
        let begun = Instant::now();
        let (one, two) = (batcher.call_async(1, slow(&calls)), batcher.call_async(2, slow(&calls)));
        let maker = async {
            // The third makes the call, and leaves in the midst of it.
            let made = batcher.call_async(3, slow(&calls));
            tokio::time::timeout(Duration::from_millis(500), made).await.unwrap_err();
        };
        let (one, two, ()) = tokio::join!(one, two, maker);
        assert_eq!([one, two].map(Result::unwrap), [10, 20]);
        assert_eq!(calls.load(SeqCst), 1);
        assert!(begun.elapsed() < Duration::from_millis(1100), "{:?}", begun.elapsed());
    });
    assert_eq!((batcher.in_flight(), batcher.waiting()), (0, 0));
}

#[test]
fn r10_an_item_whose_run_is_stopped_unseen_is_not_in_the_call() {
    let batcher = batcher(3);
    let stopped = Context::builder().build();
    paused(async {
        let mut one = Box::pin(batcher.call_async(1, tens));
        let one = std::future::poll_fn(|task| stopped.scope(|| one.as_mut().poll(task)));
        let two = batcher.call_async(2, tens);
        let last = async {
            stopped.cancel();
            // It fills the batch, and makes the call before the first is polled again.
            batcher.call_async(3, tens).await
        };
        let (one, two, three) = tokio::join!(one, two, last);
        assert!(one.unwrap_err().is_cancelled());
        assert_eq!([two, three].map(Result::unwrap), [20, 30]);
    });
    assert_eq!((batcher.batches(), batcher.items()), (1, 2));
}

#[test]
fn r10_a_call_that_nobody_waits_for_is_dropped() {
    struct Dropped(Arc<AtomicUsize>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let batcher = batcher(2);
    let dropped = Arc::new(AtomicUsize::new(0));
    let hangs = |dropped: &Arc<AtomicUsize>| {
        let held = Dropped(Arc::clone(dropped));
        move |_: Vec<u32>| async move {
            let _held = held;
            pending::<Vec<u32>>().await
        }
    };
    paused(async {
        let both = async {
            tokio::join!(batcher.call_async(1, hangs(&dropped)), batcher.call_async(2, hangs(&dropped)))
        };
        tokio::time::timeout(Duration::from_secs(1), both).await.unwrap_err();
    });
    assert_eq!(dropped.load(SeqCst), 2);
    assert_eq!((batcher.in_flight(), batcher.waiting()), (0, 0));
}

#[test]
fn r10_a_future_that_is_dropped_while_it_gathers_takes_its_item_along() {
    let _bound = Minute::begin();
    let batcher = batcher(64);
    paused(async {
        let begun = Instant::now();
        // It watches the time, which the other has to do after it.
        let gone = tokio::time::timeout(Duration::from_millis(1), batcher.call_async(1, tens));
        let stays = batcher.call_async(2, |items| async move {
            assert_eq!(items, [2]);
            tens(items).await
        });
        let (gone, stays) = tokio::join!(gone, stays);
        assert!(gone.is_err());
        assert_eq!(stays.unwrap(), 20);
        assert!(begun.elapsed() <= WAIT + Duration::from_millis(1));
    });
}

#[test]
fn r10_a_future_stops_waiting_with_its_context_and_others_stay() {
    let _bound = Minute::begin();
    let batcher = batcher(64);
    let soon = Context::builder().clock(TokioClock).timeout(Duration::from_millis(10)).build();
    paused(async {
        let hangs = |notify: Arc<Notify>| {
            move |items: Vec<u32>| async move {
                notify.notified().await;
                tens(items).await
            }
        };
        let notify = Arc::new(Notify::new());
        let mut late = Box::pin(batcher.call_async(1, hangs(Arc::clone(&notify))));
        let late = std::future::poll_fn(|task| soon.scope(|| late.as_mut().poll(task)));
        let stays = batcher.call_async(2, hangs(Arc::clone(&notify)));
        let told = async {
            sleep(Duration::from_millis(20)).await;
            notify.notify_one();
        };
        let (late, stays, ()) = tokio::join!(late, stays, told);
        assert!(late.unwrap_err().is_timeout());
        assert_eq!(stays.unwrap(), 20);
    });
}

async fn boom(items: Vec<u32>) -> Vec<u32> {
    assert!(items.is_empty(), "boom");
    items
}

#[test]
fn r10_a_panic_of_a_future_reaches_all_in_its_batch() {
    let batcher = batcher(2);
    paused(async {
        let (one, two) = tokio::join!(batcher.call_async(1, boom), batcher.call_async(2, boom));
        assert_eq!([one, two].map(|failed| failed.unwrap_err().to_string()), ["panicked: boom"; 2]);
        let fine = tokio::join!(batcher.call_async(1, tens), batcher.call_async(2, tens));
        assert_eq!((fine.0.unwrap(), fine.1.unwrap()), (10, 20));
    });
}

#[test]
fn r10_a_call_inside_of_a_call_of_futures_waits_for_none() {
    let batcher: Arc<Tens> =
        Arc::new(Batcher::builder().max(1).in_flight(1).clock(TokioClock).build().unwrap());
    let inner = Arc::clone(&batcher);
    paused(async {
        let call = batcher
            .call_async(7, |items| async move { vec![inner.call_async(items[0], tens).await.unwrap() + 1] });
        assert_eq!(call.await.unwrap(), 71);
    });
}
