//! `batch` on an operator: it takes many items, and graphs call it with one.
#![allow(clippy::unused_async, clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::policy::{PolicyError, WrongCount};
use ember::{TokioClock, prelude::*};
use ember_tests::Minute;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the model is down")]
struct Down;

const WAIT: Duration = Duration::from_millis(2);

fn context() -> Context {
    Context::builder().clock(TokioClock).build()
}

/// An operator, the graph of one call of it, and the graph of one for each item.
macro_rules! operators {
    ($($embed:ident, $length:ident, $lengths:ident: $batch:tt;)*) => { $(
        #[operator(batch $batch)]
        async fn $embed(texts: &[String]) -> Result<Vec<usize>, Down> {
            sleep(Duration::from_millis(5)).await;
            Ok(texts.iter().map(String::len).collect())
        }

        graph! {
            async fn $length(text: String) -> Result<usize, ember::Error> {
                let length = $embed(text).await?;
                Ok(length)
            }

            async fn $lengths(texts: Vec<String>) -> Result<Vec<usize>, ember::Error> {
                let lengths = for text in texts { $embed(text).await? };
                Ok(lengths)
            }
        }
    )* };
}
operators! {
    embed, length, lengths: (max = 64, wait = "2ms", in_flight = 100);
    embed_on_threads, length_on_threads, lengths_on_threads: (max = 64, wait = "2ms", in_flight = 100);
    embed_alone, length_alone, lengths_alone: (max = 64, wait = "2ms");
    embed_at_once, length_at_once, lengths_at_once: (max = 8, wait = "0");
}

#[tokio::test(start_paused = true)]
async fn r10_a_thousand_runs_make_at_most_twenty_calls() {
    let begun = Instant::now();
    let mut runs = JoinSet::new();
    for n in 0..1000 {
        runs.spawn(context().scope(|| length("x".repeat(n))));
    }
    let mut lengths: Vec<usize> = runs.join_all().await.into_iter().map(Result::unwrap).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, (0..1000).collect::<Vec<_>>());
    assert!(embed::batch().batches() <= 20, "{:?}", embed::batch());
    assert_eq!(embed::batch().items(), 1000);
    assert!(begun.elapsed() < Duration::from_millis(10), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r10_a_thousand_runs_on_several_threads_make_at_most_twenty_calls() {
    let begin = Arc::new(Barrier::new(1000));
    let mut runs = JoinSet::new();
    for n in 0..1000 {
        let begin = Arc::clone(&begin);
        runs.spawn(async move {
            begin.wait().await;
            length_on_threads("x".repeat(n)).await
        });
    }
    let mut lengths: Vec<usize> = runs.join_all().await.into_iter().map(Result::unwrap).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, (0..1000).collect::<Vec<_>>());
    assert!(embed_on_threads::batch().batches() <= 20, "{:?}", embed_on_threads::batch());
    assert_eq!(embed_on_threads::batch().items(), 1000);
}

#[tokio::test(start_paused = true)]
async fn r10_a_lone_call_is_delayed_by_no_more_than_the_wait() {
    let begun = Instant::now();
    let length = context().scope(|| length_alone("why".to_owned())).await;
    assert_eq!(length.unwrap(), 3);
    // Tokio's timers count in milliseconds.
    let (delay, least) = (begun.elapsed(), Duration::from_millis(5) + WAIT);
    assert!((least..=least + Duration::from_millis(1)).contains(&delay), "{delay:?}");
}

#[tokio::test(start_paused = true)]
async fn r10_without_a_wait_the_items_of_a_for_go_at_once() {
    let begun = Instant::now();
    let texts = (0..20).map(|n| "x".repeat(n)).collect();
    let lengths = context().scope(|| lengths_at_once(texts)).await;
    assert_eq!(lengths.unwrap(), (0..20).collect::<Vec<_>>());
    assert_eq!(embed_at_once::batch().batches(), 3);
    assert!(begun.elapsed() <= Duration::from_millis(6), "{:?}", begun.elapsed());
}

#[test]
fn a_plain_call_is_the_function_that_it_was() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let lengths = runtime.unwrap().block_on(embed(&["a".to_owned(), "bc".to_owned()]));
    assert_eq!(lengths, Ok(vec![1, 2]));
}

/// Each form of a result, and of items.
mod forms {
    use super::*;

    pub(crate) type Halves = Result<Vec<u32>, Down>;

    #[operator(batch(max = 4, wait = "0"))]
    pub(crate) async fn values(numbers: Vec<u32>) -> Vec<u32> {
        numbers.into_iter().map(|n| n / 2).collect()
    }

    #[operator(batch(max = 4, wait = "0"))]
    pub(crate) async fn results(numbers: &[u32]) -> Vec<Result<u32, Down>> {
        numbers.iter().map(|n| if n % 2 == 0 { Ok(n / 2) } else { Err(Down) }).collect()
    }

    #[operator(batch(max = 4, wait = "0"))]
    pub(crate) async fn both(numbers: Vec<u32>) -> Result<Vec<Result<u32, Down>>, Down> {
        if numbers.contains(&13) { Err(Down) } else { Ok(results(&numbers).await) }
    }

    #[operator(batch(max = 4, wait = "0"))]
    pub(crate) async fn alias(numbers: Vec<u32>) -> Halves {
        Ok(values(numbers).await)
    }

    #[operator(batch(max = 4, wait = "0"))]
    pub(crate) async fn first<T: Clone + Sync>(things: &[(T, T)]) -> Vec<T> {
        things.iter().map(|(one, _)| one.clone()).collect()
    }

    #[operator(batch(max = 4, wait = "0"))]
    pub(crate) async fn asks(cx: &Context, numbers: &[u32]) -> Vec<String> {
        numbers.iter().map(|_| cx.correlation_id().to_owned()).collect()
    }

    graph! {
        pub(crate) async fn all(n: u32) -> Result<[u32; 4], ember::Error> {
            let values = values(n).await?;
            let results = results(n).await?;
            let both = both(n).await?;
            let alias = alias(n).await?;
            Ok([values, results, both, alias])
        }

        pub(crate) async fn firsts(text: String) -> Result<(String, u8), ember::Error> {
            let text = first((text, String::new())).await?;
            let number = first((1u8, 2u8)).await?;
            Ok((text, number))
        }

        pub(crate) async fn each(numbers: Vec<u32>) -> Vec<bool> {
            let all = for n in numbers { both(n).await };
            all.iter().map(Result::is_ok).collect()
        }

        pub(crate) async fn ids(n: u32) -> Result<String, ember::Error> {
            let id = asks(n).await?;
            Ok(id)
        }
    }
}

#[tokio::test(start_paused = true)]
async fn r10_items_and_results_come_in_several_forms() {
    assert_eq!(forms::all(8).await.unwrap(), [4; 4]);
    assert_eq!(forms::firsts("a".to_owned()).await.unwrap(), ("a".to_owned(), 1));
    let failed = forms::all(7).await.unwrap_err();
    assert_eq!((failed.find::<Down>(), failed.node()), (Some(&Down), "results"));
}

#[tokio::test(start_paused = true)]
async fn r33_a_failure_of_an_item_leaves_the_others_of_its_batch_alone() {
    assert_eq!(forms::each(vec![1, 2, 3, 4]).await, [false, true, false, true]);
    // A failure of the call is that of all in it, and of no others.
    assert_eq!(forms::each(vec![2, 13, 4, 6, 8]).await, [false, false, false, false, true]);
}

#[tokio::test(start_paused = true)]
async fn r10_the_call_knows_whose_runs_it_is_for() {
    let named = |id: &str| Context::builder().clock(TokioClock).correlation_id(id).build();
    let (one, other) = (named("one"), named("other"));
    let runs = tokio::join!(one.scope(|| forms::ids(1)), other.scope(|| forms::ids(2)));
    assert_eq!((runs.0.unwrap(), runs.1.unwrap()), ("one, other".to_owned(), "one, other".to_owned()));
    assert_eq!(one.scope(|| forms::ids(1)).await.unwrap(), "one");
}

#[operator(batch(max = 4, wait = "0"))]
async fn loses_one(numbers: Vec<u32>) -> Vec<u32> {
    numbers.into_iter().skip(1).collect()
}

graph! {
    async fn short(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let numbers = for n in numbers { loses_one(n).await? };
        Ok(numbers)
    }
}

#[tokio::test(start_paused = true)]
async fn r10_a_wrong_number_of_results_names_both_counts() {
    let failed = short(vec![1, 2, 3]).await.unwrap_err();
    let count = failed.find::<WrongCount>().unwrap();
    assert_eq!((count.items, count.results), (3, 2));
    assert_eq!((failed.operator(), failed.is_invalid()), ("loses_one", true));
}

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Fails with the first item of each batch, at first.
#[operator(idempotent, batch(max = 4, wait = "0"), retry(attempts = 2, backoff = none), timeout = "1s")]
async fn flaky(numbers: Vec<u32>) -> Vec<Result<u32, Down>> {
    let fails = CALLS.fetch_add(1, SeqCst) == 0;
    numbers.iter().enumerate().map(|(at, n)| if fails && at == 0 { Err(Down) } else { Ok(*n) }).collect()
}

/// Hangs if it is given a 13.
#[operator(batch(max = 4, wait = "0"), timeout = "1s")]
async fn hangs(numbers: Vec<u32>) -> Result<Vec<u32>, Down> {
    let hangs = if numbers.contains(&13) { 60 } else { 0 };
    sleep(Duration::from_secs(hangs)).await;
    Ok(numbers)
}

graph! {
    async fn retried(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let numbers = for n in numbers { flaky(n).await? };
        Ok(numbers)
    }

    async fn hanging(numbers: Vec<u32>) -> Vec<Result<u32, PolicyError<Down>>> {
        for n in numbers { hangs(n).await }
    }
}

#[tokio::test(start_paused = true)]
async fn r10_policies_stand_around_each_item() {
    assert_eq!(retried(vec![1, 2, 3]).await.unwrap(), [1, 2, 3]);
    // The second call is for the one item that failed.
    assert_eq!((CALLS.load(SeqCst), flaky::batch().items()), (2, 4));
    let begun = Instant::now();
    let numbers = context().scope(|| hanging(vec![13, 1, 2, 3, 4])).await;
    assert!(numbers[..4].iter().all(|one| one.as_ref().unwrap_err().is_timeout()));
    assert_eq!(numbers[4].as_ref().unwrap(), &4);
    assert!(begun.elapsed() < Duration::from_secs(2));
    // Nobody waits for the call that hangs, so it is gone.
    assert_eq!(hangs::batch().in_flight(), 0);
}

#[operator(batch(max = 4, wait = "60s"))]
fn together(numbers: &[u32]) -> Vec<usize> {
    numbers.iter().map(|_| numbers.len()).collect()
}

graph! {
    fn one(n: u32) -> Result<usize, ember::Error> {
        let together = together(n)?;
        Ok(together)
    }
}

#[test]
fn r10_runs_on_several_threads_share_a_call() {
    let _bound = Minute::begin();
    let sizes = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|n| scope.spawn(move || one(n))).collect();
        runs.into_iter().map(|run| run.join().unwrap().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(sizes, [4; 8]);
}

#[operator(batch(max = 2, wait = "60s"))]
fn paired(numbers: &[u32]) -> Vec<usize> {
    numbers.iter().map(|_| numbers.len()).collect()
}

#[operator(batch(max = 4, wait = "1ms"))]
fn doubled(numbers: &[u32]) -> Vec<u32> {
    numbers.iter().map(|n| 2 * n).collect()
}

graph! {
    fn two(a: u32, b: u32) -> Result<usize, ember::Error> {
        let a = paired(a)?;
        let b = paired(b)?;
        Ok(a + b)
    }

    fn fourfold(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let numbers = for n in numbers {
            let once = doubled(n)?;
            doubled(once)?
        };
        Ok(numbers)
    }

    async fn from_threads(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let numbers = for n in numbers { doubled(n)? };
        Ok(numbers)
    }
}

#[test]
fn r10_nodes_of_one_run_share_a_call() {
    let _bound = Minute::begin();
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    for _ in 0..20 {
        assert_eq!(cx.scope(|| two(1, 2)).unwrap(), 4);
    }
}

#[test]
fn r10_items_of_which_more_becomes_come_one_by_one() {
    let _bound = Minute::begin();
    for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
        let cx = Context::builder().strategy(strategy).build();
        let numbers = cx.scope(|| fourfold((0..40).collect()));
        assert_eq!(numbers.unwrap(), (0..40).map(|n| 4 * n).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn r10_threads_that_work_for_an_async_graph_share_calls() {
    let numbers = from_threads((0..40).collect()).await;
    assert_eq!(numbers.unwrap(), (0..40).map(|n| 2 * n).collect::<Vec<_>>());
}

#[operator(batch(max = 2, wait = "0", in_flight = 1, queue = 2))]
async fn slow(numbers: Vec<u32>) -> Vec<u32> {
    sleep(Duration::from_secs(1)).await;
    numbers
}

graph! {
    async fn crowd(numbers: Vec<u32>) -> Vec<Result<u32, PolicyError<std::convert::Infallible>>> {
        for n in numbers { slow(n).await }
    }

    async fn crowded(numbers: Vec<u32>) -> Result<Vec<u32>, ember::Error> {
        let numbers = for n in numbers { slow(n).await? };
        Ok(numbers)
    }
}

#[tokio::test(start_paused = true)]
async fn r10_what_finds_no_room_is_refused() {
    let numbers = context().scope(|| crowd((0..6).collect())).await;
    let refused = numbers.iter().filter(|one| one.as_ref().is_err_and(PolicyError::is_full)).count();
    assert_eq!((refused, slow::batch().batches()), (2, 2));
    let failed = context().scope(|| crowded((0..6).collect())).await.unwrap_err();
    assert!(failed.is_limited() && failed.is_rejected());
}
