//! `memory(&budget)` of batches and streams: items come in when there is room for them.

#![allow(clippy::needless_pass_by_value, reason = "what is weighed is owned")]

use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use ember::batch::NotBegun;
use ember::policy::{MemoryBudget, Refused};
use ember::prelude::*;
use ember::{BatchError, Stopped};
use ember_tests::{Minute, everywhere, in_parallel};

#[operator]
fn length(text: String) -> usize {
    text.len()
}

#[operator]
async fn length_later(text: String) -> usize {
    tokio::task::yield_now().await;
    text.len()
}

graph! {
    fn measured(text: String) -> usize {
        length(text)
    }

    async fn measured_later(text: String) -> usize {
        length_later(text).await
    }
}

const BYTES: usize = 1000;

fn budget() -> MemoryBudget {
    MemoryBudget::builder().bytes(BYTES).build().unwrap()
}

/// Lengths that fit side by side at times, and one in seven that does not fit at all.
fn lengths() -> impl Iterator<Item = usize> {
    (0..200).map(|i| if i % 7 == 3 { 2 * BYTES } else { i * 37 % 600 })
}

fn texts() -> impl Iterator<Item = String> + Send + 'static {
    lengths().map(|length| "x".repeat(length))
}

/// One result for each text, an error for those that are too heavy, and all has come back.
fn check(results: impl IntoIterator<Item = Result<usize, BatchError>>, budget: &MemoryBudget) {
    let mut results = results.into_iter();
    for (index, length) in lengths().enumerate() {
        match results.next().unwrap() {
            Ok(measured) => assert_eq!(measured, length),
            Err(error) => {
                assert_eq!(error.index(), index);
                let weight = length + size_of::<String>();
                let refused = Refused::TooLarge { weight, most: BYTES };
                assert_eq!(error.not_begun(), Some(NotBegun::NoRoom(refused)));
            }
        }
    }
    assert!(results.next().is_none());
    assert_eq!(budget.used(), 0);
    assert!((600..=BYTES).contains(&budget.peak()), "{}", budget.peak());
}

#[test]
fn r37_a_batch_holds_no_more_than_its_budget_and_goes_on_beside_what_is_too_heavy() {
    everywhere(|_| {
        let budget = budget();
        let report = measured::batch(texts()).memory(&budget).run();
        assert_eq!(report.stopped(), None);
        check(report, &budget);
    });
}

#[test]
fn r37_a_stream_holds_no_more_than_its_budget() {
    everywhere(|_| {
        let budget = budget();
        let results: Vec<_> = measured::stream(texts()).memory(&budget).into_iter().collect();
        check(results, &budget);

        let budget = self::budget();
        let mut results = Vec::new();
        measured::stream(texts()).memory(&budget).for_each(|result| results.push(result));
        check(results, &budget);
    });
}

#[test]
fn r37_an_unordered_stream_holds_no_more_than_its_budget() {
    everywhere(|_| {
        let expected: usize = lengths().filter(|&length| length < BYTES).sum();
        let budget = budget();
        let results = measured::stream(texts()).unordered().memory(&budget).into_iter();
        assert_eq!(results.flatten().sum::<usize>(), expected);
        let mut sum = 0;
        measured::stream(texts()).unordered().memory(&budget).for_each(|result| sum += result.unwrap_or(0));
        assert_eq!(sum, expected);
        assert_eq!(budget.used(), 0);
        assert!(budget.peak() <= BYTES);
    });
}

#[tokio::test]
async fn r37_async_items_hold_no_more_than_their_budget() {
    let budget = budget();
    let report = measured_later::batch(texts()).memory(&budget).run().await;
    check(report, &budget);

    let budget = self::budget();
    let (mut all, mut results) = (Vec::new(), measured_later::stream(texts()).memory(&budget).results());
    while let Some(result) = results.next().await {
        all.push(result);
    }
    check(all, &budget);

    let budget = self::budget();
    let mut results = measured_later::stream(texts()).unordered().memory(&budget).results();
    let mut sum = 0;
    while let Some(result) = results.next().await {
        sum += result.unwrap_or(0);
    }
    assert_eq!(sum, lengths().filter(|&length| length < BYTES).sum::<usize>());
    assert!(budget.peak() <= BYTES);
    assert_eq!(budget.used(), 0);
}

#[test]
fn r37_what_is_not_taken_holds_its_room_and_the_producer_waits() {
    let budget = budget();
    in_parallel(2, || {
        let pulled = AtomicUsize::new(0);
        let items = (0..100).map(|i| {
            pulled.fetch_add(1, Relaxed);
            "x".repeat(i)
        });
        let mut results = measured::stream(items).memory_by(&budget, |_| BYTES / 4).into_iter();
        for taken in 0..50 {
            assert_eq!(results.next().unwrap().unwrap(), taken);
            // What was taken, what has room, and one that waits.
            assert!(pulled.load(Relaxed) <= taken + 1 + 4 + 1, "{pulled:?} at {taken}");
        }
        assert!(budget.used() > 0);
        drop(results);
    });
    while budget.used() > 0 {
        thread::yield_now();
    }
}

/// Waits until so many wait for room.
fn until_it_waits(budget: &MemoryBudget) {
    while budget.waiting() == 0 {
        thread::yield_now();
    }
}

#[test]
fn r30_a_batch_waits_for_others_of_its_budget() {
    let _bound = Minute::begin();
    everywhere(|_| {
        let budget = budget();
        let admitted = budget.try_admit(BYTES).unwrap();
        thread::scope(|threads| {
            threads.spawn(|| {
                until_it_waits(&budget);
                drop(admitted);
            });
            let report = measured::batch(texts()).memory(&budget).run();
            check(report, &budget);
        });
    });
}

#[test]
fn r30_a_batch_that_waits_for_room_can_be_cancelled() {
    let _bound = Minute::begin();
    everywhere(|strategy| {
        let budget = budget();
        let admitted = budget.try_admit(BYTES).unwrap();
        let cx = Context::builder().strategy(strategy).build();
        thread::scope(|threads| {
            threads.spawn(|| {
                until_it_waits(&budget);
                cx.cancel();
            });
            let texts = ["a", "b", "c"].map(str::to_owned);
            let report = measured::batch(texts).context(&cx).memory(&budget).run();
            let stopped = NotBegun::Stopped(Stopped::Cancelled);
            assert_eq!(report.stopped(), Some(stopped));
            assert!(report.errors().iter().all(|error| error.not_begun() == Some(stopped)));
            assert_eq!(report.errors().len(), 3);
        });
        assert_eq!(budget.used(), admitted.weight());
        assert_eq!(budget.waiting(), 0);
    });
}

#[tokio::test]
async fn r30_async_items_wait_for_others_of_their_budget_and_can_be_cancelled() {
    let _bound = Minute::begin();
    let budget = budget();
    let cx = Context::builder().build();
    let admitted = budget.try_admit(BYTES).unwrap();
    let mut results = measured_later::stream(texts()).context(&cx).memory(&budget).results();
    let (first, ()) = tokio::join!(results.next(), async {
        while budget.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        drop(admitted);
    });
    assert_eq!(first.unwrap().unwrap(), 0);
    drop(results);
    assert_eq!(budget.used(), 0);

    let _admitted = budget.try_admit(BYTES).unwrap();
    let (report, ()) =
        tokio::join!(measured_later::batch(texts()).context(&cx).memory(&budget).run(), async {
            while budget.waiting() == 0 {
                tokio::task::yield_now().await;
            }
            cx.cancel();
        });
    assert_eq!(report.stopped(), Some(NotBegun::Stopped(Stopped::Cancelled)));
    assert_eq!(report.len(), lengths().count());
    assert_eq!(budget.waiting(), 0);
}

#[test]
fn r37_what_weighs_an_item_may_panic() {
    everywhere(|_| {
        let budget = budget();
        let weigh = |(text,): &(String,)| if text.len() < 100 { 1 } else { panic!("too long to weigh") };
        let batch = measured::batch(texts()).memory_by(&budget, weigh);
        assert_eq!(ember_tests::message_of(|| batch.run()), "too long to weigh");
        assert_eq!(budget.used(), 0);
    });
}

#[test]
fn r30_a_batch_inside_of_an_item_never_waits_for_the_room_of_that_item() {
    static BUDGET: OnceLock<MemoryBudget> = OnceLock::new();

    #[operator]
    fn parts(text: String) -> (usize, usize) {
        let budget = BUDGET.get().unwrap();
        let half = text.len() / 2;
        // The first fits beside the text; the second never does.
        let report = measured::batch(["y".repeat(half / 4), "y".repeat(BYTES - half)]).memory(budget).run();
        let nested = NotBegun::NoRoom(Refused::Nested);
        let refused = report.errors().iter().filter(|error| error.not_begun() == Some(nested)).count();
        (report.values().len(), refused)
    }

    graph! {
        fn in_parts(text: String) -> (usize, usize) {
            parts(text)
        }
    }

    let _bound = Minute::begin();
    let budget = BUDGET.get_or_init(budget);
    everywhere(|_| {
        let report = in_parts::batch((0..40).map(|_| "x".repeat(600))).memory(budget).run();
        assert_eq!(report.values().iter().filter(|told| **told == (1, 1)).count(), 40);
        assert_eq!(budget.used(), 0);
        let told: Vec<_> =
            in_parts::stream((0..40).map(|_| "x".repeat(600))).memory(budget).into_iter().collect();
        assert!(told.iter().flatten().all(|told| *told == (1, 1)));
        assert_eq!(budget.used(), 0);
    });
}

#[test]
fn a_batch_inside_of_an_item_waits_for_items_of_its_own() {
    static BUDGET: OnceLock<MemoryBudget> = OnceLock::new();

    #[operator]
    fn many_parts(text: String) -> usize {
        let texts = (0..50).map(|_| "y".repeat(text.len() / 2));
        measured::batch(texts).memory(BUDGET.get().unwrap()).run().values().len()
    }

    graph! {
        fn in_many_parts(text: String) -> usize {
            many_parts(text)
        }
    }

    let budget = BUDGET.get_or_init(budget);
    everywhere(|_| {
        let report = in_many_parts::batch((0..5).map(|_| "x".repeat(600))).memory(budget).run();
        assert_eq!(report.values(), [50; 5]);
    });
}

#[tokio::test]
async fn an_async_batch_inside_of_an_item_is_refused_the_room_of_that_item() {
    static BUDGET: OnceLock<MemoryBudget> = OnceLock::new();

    #[operator]
    async fn parts_later(text: String) -> usize {
        let texts = [text.len(), 1].map(|length| "y".repeat(length));
        let report = measured_later::batch(texts).memory(BUDGET.get().unwrap()).run().await;
        report
            .errors()
            .iter()
            .filter(|error| error.not_begun() == Some(NotBegun::NoRoom(Refused::Nested)))
            .count()
    }

    graph! {
        async fn in_parts_later(text: String) -> usize {
            parts_later(text).await
        }
    }

    let _bound = Minute::begin();
    let budget = BUDGET.get_or_init(budget);
    let report = in_parts_later::batch((0..9).map(|_| "x".repeat(600))).memory(budget).run().await;
    assert_eq!(report.values(), [1; 9]);
}
