//! `name::stream(..)`: results come while inputs go.

#![allow(clippy::needless_pass_by_value, reason = "what an `async` graph works on is owned")]

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::task::Poll;
use std::thread::ThreadId;
use std::time::Duration;

use ember::prelude::*;
use ember::stream::{BatchError, Cause, NotBegun};
use ember::{Runtime, Stopped};
use ember_tests::{Ledger, Minute, Tracked, everywhere};
use tokio::sync::{Notify, mpsc};

#[operator]
fn judge(n: u32) -> Result<u32, String> {
    match n % 10 {
        3 => Err(format!("{n} is not good")),
        7 => panic!("{n} panics"),
        _ => Ok(2 * n),
    }
}

graph! {
    fn judged(n: u32) -> Result<u32, ember::Error> {
        let n = judge(n)?;
        Ok(n)
    }

    fn plain(n: u32) -> u32 {
        let n = judge(n);
        n.unwrap_or(0)
    }
}

fn expected(i: u32) -> Result<u32, usize> {
    if matches!(i % 10, 3 | 7) { Err(i as usize) } else { Ok(2 * i) }
}

fn told<E>(result: Result<u32, BatchError<E>>) -> Result<u32, usize> {
    result.map_err(|error| error.index())
}

#[test]
fn r21_results_come_in_order_and_failures_and_panics_are_results() {
    for in_flight in [1, 2, 5, 1000] {
        everywhere(|_| {
            let results = judged::stream(0..3000).in_flight(in_flight).into_iter();
            assert!(results.map(told).eq((0..3000).map(expected)));
            let results = plain::stream(0..100).in_flight(in_flight).into_iter();
            assert_eq!(results.filter(Result::is_err).count(), 10);
        });
    }
}

#[test]
fn r21_unordered_results_are_the_same_ones() {
    everywhere(|_| {
        let results: BTreeSet<_> = judged::stream(0..3000).unordered().into_iter().map(told).collect();
        assert!(results.into_iter().eq((0..3000).map(expected).collect::<BTreeSet<_>>()));
    });
}

#[test]
fn r21_the_producer_is_never_further_ahead_than_may_be_in_flight() {
    for in_flight in [1, 2, 7, 100] {
        everywhere(|_| {
            let pulled = Arc::new(AtomicUsize::new(0));
            let count = pulled.clone();
            let items = (0_u32..).inspect(move |_| _ = count.fetch_add(1, SeqCst));
            let mut results = judged::stream(items).in_flight(in_flight).into_iter();
            for taken in 0..1000 {
                assert!(pulled.load(SeqCst) - taken <= in_flight);
                assert_eq!(results.next().map(told), Some(expected(u32::try_from(taken).unwrap())));
            }
        });
    }
}

#[test]
fn r21_for_each_hands_out_in_order_what_may_borrow_and_pulls_no_further_than_it_may() {
    for in_flight in [1, 2, 7, 1000] {
        everywhere(|_| {
            let pulled = AtomicUsize::new(0);
            let items = (0..2000).inspect(|_| _ = pulled.fetch_add(1, SeqCst));
            let mut seen = Vec::new();
            judged::stream(items).in_flight(in_flight).for_each(|result| {
                assert!(pulled.load(SeqCst) - seen.len() <= in_flight);
                seen.push(told(result));
            });
            assert!(seen.into_iter().eq((0..2000).map(expected)));
        });
    }
}

#[test]
fn r21_a_function_that_panics_ends_the_stream() {
    everywhere(|_| {
        let mut seen = 0;
        let stream = judged::stream(0..);
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            stream.for_each(|_| {
                seen += 1;
                assert!(seen < 100, "enough");
            });
        }));
        assert!(ended.is_err());
        assert_eq!(seen, 100);
    });
}

#[operator]
fn keep(value: Tracked) -> Result<Tracked, String> {
    match value.name() {
        "fails" => Err("failed".to_owned()),
        "panics" => panic!("panicked"),
        _ => Ok(value),
    }
}

graph! {
    fn kept(value: Tracked) -> Result<Tracked, ember::Error> {
        let value = keep(value)?;
        Ok(value)
    }
}

fn values(ledger: &Ledger) -> impl Iterator<Item = Tracked> + use<> {
    let ledger = ledger.clone();
    let name = |i| ["good", "fails", "panics"][usize::from(i % 5 == 0) + usize::from(i % 10 == 0)];
    (1..).map(move |i| ledger.value(name(i)))
}

#[test]
fn r21_a_stream_that_is_dropped_drops_all_its_items() {
    let _bound = Minute::begin();
    for taken in [0, 1, 10, 500] {
        everywhere(|_| {
            let ledger = Ledger::new();
            let mut results = kept::stream(values(&ledger)).into_iter();
            results.by_ref().take(taken).for_each(drop);
            drop(results);
            ledger.wait_until_all_are_dropped();
            ledger.assert_balanced();
        });
    }
}

#[operator]
fn until_cancelled(
    cx: &Context,
    quick: ThreadId,
    begun: Arc<AtomicBool>,
    _held: Tracked,
) -> Result<(), Stopped> {
    while std::thread::current().id() != quick {
        begun.store(true, SeqCst);
        cx.check()?;
        std::thread::yield_now();
    }
    Ok(())
}

graph! {
    fn endless(quick: ThreadId, begun: Arc<AtomicBool>, held: Tracked) -> Result<(), ember::Error> {
        until_cancelled(quick, begun, held)?;
        Ok(())
    }
}

#[test]
fn r21_dropping_a_stream_cancels_what_runs_and_leaves_no_thread_busy() {
    let _bound = Minute::begin();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (begun, ledger) = (Arc::new(AtomicBool::new(false)), Ledger::new());
    pool.install(|| {
        let here = std::thread::current().id();
        let items = values(&ledger).map({
            let begun = begun.clone();
            move |value| (here, begun.clone(), value)
        });
        let mut results = endless::stream(items).unordered().in_flight(8).into_iter();
        // Those that run here end at once; one on the other thread does not.
        while !begun.load(SeqCst) {
            assert!(results.next().is_some_and(|result| result.is_ok()));
        }
        drop(results);
        ledger.wait_until_all_are_dropped();
        // Both threads are free.
        assert_eq!(rayon::join(|| 1, || 2), (1, 2));
    });
    ledger.assert_balanced();
}

#[test]
fn r21_a_stream_whose_context_stops_ends_with_an_error_that_says_so() {
    everywhere(|_| {
        let stopped = NotBegun::Stopped(Stopped::Cancelled);
        for in_flight in [1, 50] {
            let cx = Context::builder().build();
            let mut pulled = 0;
            let items = (0..).step_by(10).inspect(|_| pulled += 1);
            let mut results = judged::stream(items).context(&cx).in_flight(in_flight).into_iter();
            assert!(results.by_ref().take(100).all(|result| result.is_ok()));
            cx.cancel();
            let rest: Vec<_> = results.by_ref().collect();
            let last = rest.last().unwrap().as_ref().unwrap_err();
            drop(results);
            // It is of no item.
            assert_eq!((last.not_begun(), last.index()), (Some(stopped), pulled));
        }
        let mut given = 0;
        let cx = Context::builder().build();
        judged::stream(0..).context(&cx).for_each(|result| {
            given += 1;
            if given == 20 {
                cx.cancel();
            }
            if let Err(error) = result
                && let Cause::NotBegun(why) = error.cause()
            {
                assert_eq!(*why, stopped);
            }
        });
        assert!(given > 20);
    });
}

#[test]
fn r21_streams_in_streams_end_on_a_pool_of_one_thread() {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let sums: Vec<u32> = pool.install(|| inner::stream(0..40).into_iter().map(Result::unwrap).collect());
        assert!(sums.into_iter().eq((0..40).map(|n| (0..n).filter_map(|i| expected(i).ok()).sum::<u32>())));
    }
}

#[operator]
fn sum(n: u32) -> u32 {
    judged::stream(0..n).into_iter().filter_map(Result::ok).sum()
}

graph! {
    fn inner(n: u32) -> u32 {
        sum(n)
    }
}

#[operator]
async fn answer(n: u32) -> Result<u32, String> {
    if n.is_multiple_of(3) {
        tokio::task::yield_now().await;
    }
    match n % 10 {
        3 => Err(format!("{n} is not good")),
        7 => panic!("{n} panics"),
        _ => Ok(2 * n),
    }
}

graph! {
    async fn answered(n: u32) -> Result<u32, ember::Error> {
        let n = answer(n).await?;
        Ok(n)
    }
}

/// Items that come through a channel.
struct Channel(mpsc::UnboundedReceiver<u32>);

impl futures_core::Stream for Channel {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Option<u32>> {
        self.0.poll_recv(cx)
    }
}

#[tokio::test]
async fn r21_async_results_come_in_order_of_an_iterator_and_of_a_stream() {
    for in_flight in [1, 3, 200] {
        let mut results = answered::stream(0..1000).in_flight(in_flight).results();
        for i in 0..1000 {
            assert_eq!(results.next().await.map(told), Some(expected(i)));
        }
        assert!(results.next().await.is_none());

        let (sender, receiver) = mpsc::unbounded_channel();
        let mut results = answered::stream(Channel(receiver)).in_flight(in_flight).results();
        let taker = tokio::spawn(async move {
            let mut all = Vec::new();
            while let Some(result) = results.next().await {
                all.push(told(result));
            }
            all
        });
        for i in 0..1000 {
            sender.send(i).unwrap();
            tokio::task::yield_now().await;
        }
        drop(sender);
        assert!(taker.await.unwrap().into_iter().eq((0..1000).map(expected)));
    }
}

#[tokio::test]
async fn r21_unordered_async_results_come_when_they_are_there() {
    let mut results = answered::stream([0, 1, 2]).unordered().results();
    let mut seen = Vec::new();
    while let Some(result) = results.next().await {
        seen.push(result.unwrap());
    }
    // The first waits.
    assert_eq!(seen, [2, 4, 0]);
}

#[tokio::test]
async fn r21_an_async_producer_is_never_further_ahead_than_may_be_in_flight() {
    for unordered in [false, true] {
        for in_flight in [1, 5] {
            let pulled = AtomicUsize::new(0);
            let stream = answered::stream((0..500).inspect(|_| _ = pulled.fetch_add(1, SeqCst)));
            let stream = if unordered { stream.unordered() } else { stream };
            let mut results = stream.in_flight(in_flight).results();
            for taken in 0..500 {
                assert!(pulled.load(SeqCst) - taken <= in_flight);
                assert!(results.next().await.is_some());
                tokio::task::yield_now().await;
            }
        }
    }
}

#[derive(Default)]
struct Door {
    open: Notify,
    passed: AtomicBool,
}

#[operator]
async fn pass(n: u32, door: Arc<Door>) -> u32 {
    if n == 2 {
        door.open.notified().await;
        door.passed.store(true, SeqCst);
    }
    n
}

graph! {
    async fn passes(n: u32, door: Arc<Door>) -> u32 {
        pass(n, door).await
    }
}

#[tokio::test]
async fn r21_runs_that_were_woken_go_on_while_results_are_taken_that_are_there() {
    let door = Arc::<Door>::default();
    let mut results = passes::stream((0..4).map(|n| (n, door.clone()))).in_flight(4).results();
    assert_eq!(results.next().await.unwrap().unwrap(), 0);
    door.open.notify_one();
    assert_eq!(results.next().await.unwrap().unwrap(), 1);
    assert!(door.passed.load(SeqCst));
}

#[tokio::test]
async fn r19_runs_of_an_async_stream_are_over_when_their_results_are_there() {
    let runtime = Runtime::builder().build().unwrap();
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut results = runtime.scope(|| answered::stream(Channel(receiver)).results());
    for n in 0..3 {
        sender.send(n).unwrap();
    }
    for n in 0..3 {
        assert_eq!(results.next().await.map(told), Some(expected(n)));
    }
    assert_eq!(runtime.running(), 0);
}

#[operator]
async fn after_a_moment(n: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(10)).await;
    n
}

graph! {
    async fn moments(n: u32) -> u32 {
        after_a_moment(n).await
    }
}

#[tokio::test(start_paused = true)]
async fn r21_for_each_result_of_a_run_that_waits_another_item_is_pulled() {
    let pulled = AtomicUsize::new(0);
    let items = (0..20).inspect(|_| _ = pulled.fetch_add(1, SeqCst));
    let mut results = moments::stream(items).in_flight(4).results();
    for taken in 1..=16 {
        assert!(results.next().await.is_some());
        assert_eq!(pulled.load(SeqCst), taken + 3);
    }
}

#[operator]
async fn never(value: Tracked) -> Tracked {
    std::future::pending::<()>().await;
    value
}

graph! {
    async fn waits(value: Tracked) -> Tracked {
        never(value).await
    }
}

#[tokio::test]
async fn r21_an_async_stream_that_is_dropped_drops_all_its_items() {
    let ledger = Ledger::new();
    let mut results = waits::stream(values(&ledger)).in_flight(10).results();
    let first = std::future::poll_fn(|cx| {
        let next = std::pin::pin!(results.next());
        Poll::Ready(next.poll(cx).is_pending())
    });
    assert!(first.await);
    assert_eq!(ledger.made(), 10);
    drop(results);
    ledger.assert_balanced();
}

#[tokio::test]
async fn r38_cancelling_ends_an_async_stream_whose_producer_waits() {
    let _bound = Minute::begin();
    let cx = Context::builder().build();
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut results = answered::stream(Channel(receiver)).context(&cx).results();
    sender.send(1).unwrap();
    assert_eq!(results.next().await.map(told), Some(Ok(2)));
    let taker = tokio::spawn(async move {
        let last = results.next().await;
        (last.map(|last| last.unwrap_err().not_begun()), results.next().await.is_none())
    });
    tokio::task::yield_now().await;
    cx.cancel();
    assert_eq!(taker.await.unwrap(), (Some(Some(NotBegun::Stopped(Stopped::Cancelled))), true));
    drop(sender);
}
