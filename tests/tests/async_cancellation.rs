//! An `async` run that ends early: what waits is dropped at once, and the error says why it ended.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use ember::{TokioClock, prelude::*};
use tokio::time::{Instant, sleep};

/// How many calls are under way, and how many have been at once.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Counts a call for as long as its future lives.
struct Call<'o>(&'o Open);

impl<'o> Call<'o> {
    fn new(open: &'o Open) -> Self {
        open.most.fetch_max(open.now.fetch_add(1, SeqCst) + 1, SeqCst);
        Self(open)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

#[operator]
async fn wait(open: &Open, seconds: u64) -> u64 {
    let _call = Call::new(open);
    sleep(Duration::from_secs(seconds)).await;
    seconds
}

#[operator]
async fn fail(open: &Open, seconds: u64) -> Result<u64, String> {
    let _call = Call::new(open);
    sleep(Duration::from_secs(seconds)).await;
    Err(format!("no answer after {seconds} s"))
}

/// Cancels the run that it is part of, and waits for ever.
#[operator]
async fn give_up(open: &Open) -> u64 {
    let _call = Call::new(open);
    Context::current().cancel();
    std::future::pending().await
}

graph! {
    async fn given_up(open: &Open) -> Result<u64, ember::Error> {
        let never = give_up(open).await;
        Ok(never)
    }

    async fn patient(open: &Open) -> Result<u64, ember::Error> {
        let short = wait(open, 1).await;
        let long = wait(open, 1000).await;
        Ok(short + long)
    }

    async fn ensemble(open: &Open) -> Result<u64, ember::Error> {
        let first = wait(open, 2).await;
        let failed = fail(open, 1).await?;
        let rest = for seconds in 100..108 { wait(open, seconds).await };
        Ok(first + failed + rest.len() as u64)
    }

    async fn bounded(open: &Open, items: u64) -> Vec<u64> {
        #[concurrency(3)]
        let all = for item in 0..items { wait(open, item % 4).await };
        all
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn r16_a_deadline_ends_what_waits() {
    let (open, start) = (Open::default(), Instant::now());
    let cx = Context::builder().clock(TokioClock).timeout(Duration::from_secs(5)).build();
    let error = cx.scope(|| patient(&open)).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_cancelled(), "{error}");
    assert_eq!((error.node(), error.nodes().finished, error.nodes().cancelled), ("long", 1, 1));
    // A timer of tokio's may be late by its grain.
    assert!(start.elapsed() < Duration::from_millis(5010), "{:?}", start.elapsed());
    assert_eq!(open.now.load(SeqCst), 0);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn r38_cancelling_from_elsewhere_ends_what_waits() {
    for strategy in [Strategy::Auto, Strategy::Sequential] {
        let (open, start) = (Open::default(), Instant::now());
        let cx = Context::builder().strategy(strategy).build();
        let cancel = async {
            sleep(Duration::from_secs(3)).await;
            cx.cancel();
        };
        let (outcome, ()) = tokio::join!(cx.scope(|| patient(&open)), cancel);
        let error = outcome.unwrap_err();
        assert!(error.is_cancelled() && !error.is_timeout(), "{error}");
        assert_eq!((error.node(), error.nodes().finished), ("long", 1));
        assert_eq!(start.elapsed(), Duration::from_secs(3));
        assert_eq!(open.now.load(SeqCst), 0);
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn r38_a_run_in_a_cancelled_context_starts_no_node() {
    let open = Open::default();
    let cx = Context::builder().build();
    cx.cancel();
    let error = cx.scope(|| patient(&open)).await.unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!((open.most.load(SeqCst), error.nodes().finished), (0, 0));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn r38_cancelling_from_inside_of_the_first_poll_ends_what_waits() {
    let (open, cx, start) = (Open::default(), Context::builder().build(), Instant::now());
    let outcome = tokio::time::timeout(Duration::from_mins(1), cx.scope(|| given_up(&open))).await;
    let error = outcome.expect("the run is woken").unwrap_err();
    // When its time is up, it is polled once more in any case.
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(error.is_cancelled(), "{error}");
    assert_eq!((error.node(), error.nodes().cancelled), ("never", 1));
    assert_eq!(open.now.load(SeqCst), 0);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn r40_an_ensemble_of_ten_that_wait_and_of_which_one_fails_returns_the_failure_and_drops_the_rest() {
    let (open, start) = (Open::default(), Instant::now());
    let error = ensemble(&open).await.unwrap_err();
    assert_eq!((error.graph(), error.node(), error.operator()), ("ensemble", "failed", "fail"));
    assert!(error.to_string().contains("failed"), "{error}");
    assert_eq!((open.most.load(SeqCst), open.now.load(SeqCst)), (10, 0));
    // What stands above the failure has come to its end; what stands below was dropped.
    assert_eq!(start.elapsed(), Duration::from_secs(2));
    let nodes = error.nodes();
    assert_eq!((nodes.finished, nodes.failed, nodes.cancelled), (1, 1, 8));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn r37_no_more_items_are_under_way_than_asked_for() {
    let open = Open::default();
    let expected: Vec<u64> = (0..40).map(|item| item % 4).collect();
    assert_eq!(bounded(&open, 40).await, expected);
    assert_eq!(open.most.load(SeqCst), 3);
}
