//! Futures that wait, by tokio's clock, which stands still but for their timers.

use std::future::{pending, ready};

use tokio::time::{self, timeout};

use super::*;
use crate::TokioClock;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

fn retry(burst: u32) -> Retry {
    let budget = Budget::default().burst(burst).per_second(0).ratio(0.0);
    Retry::builder().attempts(3).backoff(Backoff::constant(SECOND)).budget(budget).build().unwrap()
}

async fn down(retry: &Retry) -> Failed {
    retry.call_async(|_| ready(Err::<(), _>(Failed::from("down"))), again).await.unwrap_err()
}

#[test]
fn r32_a_future_waits_by_timers_between_attempts() {
    block_on(async {
        let start = time::Instant::now();
        let next = |attempt| async move { if attempt < 3 { Err(Failed::from("down")) } else { Ok(attempt) } };
        assert_eq!(retry(9).call_async(next, again).await.ok(), Some(3));
        assert_eq!(start.elapsed().as_secs(), 2);
    });
}

#[test]
fn r38_a_future_that_waits_is_woken_when_its_context_is_cancelled() {
    let cx = Context::builder().clock(TokioClock).build();
    let failed = block_on(async {
        let retry = retry(9);
        let mut call = std::pin::pin!(down(&retry));
        let cancels = async {
            time::sleep(SECOND / 2).await;
            cx.cancel();
            pending::<()>().await;
        };
        let mut cancels = std::pin::pin!(cancels);
        std::future::poll_fn(|task| {
            let _ = cancels.as_mut().poll(task);
            cx.scope(|| call.as_mut().poll(task))
        })
        .await
    });
    assert!(failed.is_cancelled());
    assert_eq!(failed.exhausted_by(), Some(Exhausted::Stopped));
}

#[test]
fn a_future_does_not_wait_into_its_deadline() {
    block_on(async {
        let cx = Context::builder().clock(TokioClock).timeout(SECOND * 3 / 2).build();
        let retry = retry(9);
        let mut call = std::pin::pin!(down(&retry));
        let start = time::Instant::now();
        let failed = std::future::poll_fn(|task| cx.scope(|| call.as_mut().poll(task))).await;
        assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Deadline), 2));
        assert_eq!(start.elapsed().as_secs(), 1);
    });
}

#[test]
fn a_future_that_is_dropped_while_it_waits_gives_its_retry_back() {
    block_on(async {
        let retry = retry(1);
        assert!(timeout(SECOND / 2, down(&retry)).await.is_err());
        let failed = down(&retry).await;
        assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Budget), 2));
    });
}

#[test]
fn nothing_of_an_attempt_is_held_while_the_next_is_waited_for() {
    block_on(async {
        let permit = Arc::new(());
        let retry = retry(9);
        let next = |_| {
            let held = Arc::clone(&permit);
            async move {
                let failed = Err::<(), _>(Failed::from("down"));
                drop(held);
                failed
            }
        };
        assert!(
            timeout(SECOND / 2, async {
                let call = retry.call_async(next, again);
                let mut call = std::pin::pin!(call);
                std::future::poll_fn(|task| {
                    let polled = call.as_mut().poll(task);
                    assert_eq!(Arc::strong_count(&permit), 1);
                    polled
                })
                .await
            })
            .await
            .is_err()
        );
    });
}

#[test]
fn the_future_may_be_sent() {
    fn assert<T: Send>(_: &T) {}
    let retry = retry(9);
    assert(&retry.call_async(|_| ready(Err::<(), _>(Failed::from("down"))), again));
}
