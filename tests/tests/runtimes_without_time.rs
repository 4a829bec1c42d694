//! A runtime that was built without time: deadlines are looked at whenever a node goes on, and what needs a timer fails.

use std::time::Duration;

use ember::prelude::*;
use tokio::task::yield_now;

#[operator(idempotent)]
async fn ask(n: u32) -> u32 {
    yield_now().await;
    n
}

#[operator]
async fn linger(n: u32) -> u32 {
    std::thread::sleep(Duration::from_millis(20));
    yield_now().await;
    n
}

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[operator(limit(concurrency = 1, max_wait = "1h"))]
async fn scarce(n: u32) -> Result<u32, Down> {
    yield_now().await;
    Ok(n)
}

#[operator]
fn twice(n: u32) -> u32 {
    2 * n
}

graph! {
    async fn asks(n: u32) -> Result<u32, ember::Error> {
        let first = linger(n).await;
        let second = ask(first).await;
        Ok(second)
    }

    async fn works(n: u32) -> Result<u32, ember::Error> {
        let first = ask(n).await;
        let second = twice(first);
        Ok(second)
    }

    async fn queues() -> Result<u32, ember::Error> {
        let ns = for n in 0..3 { scarce(n).await? };
        Ok(ns.iter().sum())
    }

    async fn hedges(n: u32) -> Result<u32, ember::Error> {
        #[hedge(after = "1s")]
        let first = ask(n).await;
        Ok(first)
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn within(time: Duration) -> Context {
    Context::builder().timeout(time).build()
}

#[test]
fn a_run_within_its_deadline_ends_well() {
    let cx = within(Duration::from_mins(1));
    assert_eq!(run(cx.scope(|| asks(1))).unwrap(), 1);
    assert_eq!(run(cx.scope(|| works(1))).unwrap(), 2);
}

#[test]
fn a_run_past_its_deadline_ends_when_a_node_goes_on() {
    let cx = within(Duration::from_millis(10));
    let error = run(cx.scope(|| asks(1))).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.node(), "first");
}

#[test]
fn a_wait_that_is_bounded_ends_when_there_is_a_permit() {
    assert_eq!(run(queues()).unwrap(), 3);
}

#[test]
fn a_hedged_node_fails_as_one_that_panics() {
    let error = run(hedges(1)).unwrap_err();
    assert!(error.is_panic(), "{error}");
    assert!(error.to_string().contains("enable_time"), "{error}");
}
