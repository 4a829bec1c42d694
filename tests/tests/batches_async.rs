//! `name::batch(..)` of an `async` graph: many inputs, a result for each.

use std::fmt::Debug;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use ember::batch::{NotBegun, Report};
use ember::prelude::*;
use ember::{BatchError, Stopped};

#[operator]
async fn fetch(n: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    match n % 10 {
        3 => Err(format!("{n} is not there")),
        7 => panic!("{n} panics"),
        _ => Ok(n),
    }
}

#[operator]
fn double(n: u32) -> u32 {
    2 * n
}

#[operator]
async fn pause(cx: &Context, text: &str, most: &AtomicUsize, now: &AtomicUsize) -> usize {
    let _ = cx;
    most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
    tokio::task::yield_now().await;
    now.fetch_sub(1, SeqCst);
    text.len()
}

graph! {
    async fn fetched(n: u32) -> Result<u32, ember::Error> {
        let there = fetch(n).await?;
        let doubled = double(there);
        Ok(doubled)
    }

    async fn borrowed(text: &str, most: &AtomicUsize, now: &AtomicUsize) -> usize {
        pause(text, most, now).await
    }

    async fn generic<T: Clone + Send + 'static>(value: T) -> T {
        let n = fetch(1).await;
        let _ = { n };
        value
    }
}

/// `Some` value or the number of an item without one.
fn told<T: Copy, E>(report: &Report<T, E>) -> Vec<Result<T, usize>> {
    report.iter().map(|result| result.copied().map_err(BatchError::index)).collect()
}

/// The error of an item that has one.
fn error_of<T: Debug, E: Debug>(report: &Report<T, E>, index: usize) -> &BatchError<E> {
    report.get(index).unwrap().unwrap_err()
}

#[tokio::test]
async fn r33_async_inputs_that_fail_or_panic_cost_no_other() {
    let report = tokio::spawn(fetched::batch(0..100).run()).await.unwrap();
    let expected: Vec<_> = (0..100_usize)
        .map(|i| if i % 10 == 3 || i % 10 == 7 { Err(i) } else { Ok(2 * u32::try_from(i).unwrap()) })
        .collect();
    assert_eq!(told(&report), expected);
    assert!(error_of(&report, 7).error().unwrap().is_panic());
    assert_eq!(generic::batch(["a", "b"]).run().await.all().unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn r21_no_more_async_inputs_are_under_way_than_asked_for() {
    for most in [1, 7] {
        let (seen, now) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let text = String::from("text");
        let inputs = (0..50).map(|_| (&*text, &seen, &now));
        let values = borrowed::batch(inputs).in_flight(most).run().await.all().unwrap();
        assert_eq!((values.len(), seen.load(Relaxed)), (50, most));
    }
}

#[tokio::test]
async fn r33_an_async_batch_fails_fast_and_is_cancelled() {
    let report = fetched::batch(0..1000).in_flight(4).fail_fast().run().await;
    assert_eq!(report.len(), 1000);
    assert!((0..3).all(|i| report.get(i).unwrap().is_ok()));
    assert_eq!(error_of(&report, 999).not_begun(), Some(NotBegun::FailedBefore { index: 3 }));
    let cx = Context::builder().build();
    cx.cancel();
    let report = fetched::batch(0..10).context(&cx).run().await;
    let stopped = NotBegun::Stopped(Stopped::Cancelled);
    assert_eq!((report.stopped(), report.len()), (Some(stopped), 10));
    assert!(report.errors().iter().zip(0..).all(|(e, i)| e.not_begun() == Some(stopped) && e.index() == i));
}
