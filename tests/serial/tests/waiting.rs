//! `async` graphs in a build with neither threads nor a runtime: what can be polled is all that they need.

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use ember::prelude::*;
use ember::{Error, ManualClock};

/// Counts how often it was woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Polls whenever it is woken. Nobody but the future itself could wake it.
fn block_on<F: Future>(future: F) -> F::Output {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut future = pin!(future);
    loop {
        let before = bell.0.load(SeqCst);
        if let Poll::Ready(output) = future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            return output;
        }
        assert_ne!(before, bell.0.load(SeqCst), "nothing will go on");
    }
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(Waker::noop()))
}

/// Waits for so many turns.
async fn turns(mut n: u32) {
    poll_fn(|cx| {
        if n == 0 {
            return Poll::Ready(());
        }
        n -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[operator]
async fn fetch(name: &str, waits: u32) -> Result<String, String> {
    turns(waits).await;
    if name.is_empty() { Err("no name".to_owned()) } else { Ok(name.repeat(2)) }
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

#[operator(inline)]
fn sum(all: &[usize]) -> usize {
    all.iter().sum()
}

#[operator]
fn late(cx: &Context) -> Result<(), ember::Stopped> {
    cx.check()
}

#[operator]
async fn never() -> usize {
    pending().await
}

graph! {
    /// A chain, a `for`, a race, and nodes that work.
    async fn survey(names: Vec<String>) -> Result<usize, Error> {
        let first = fetch("first", 3).await?;
        let size = length(&first);
        #[concurrency(2)]
        let sizes = for name in &names { let text = fetch(name, 2).await?; length(&text) };
        let all = sum(&sizes);
        let quick = race!(fetch("a", 9), fetch("bb", 1)).await?;
        let more = length(&quick);
        Ok(size + all + more)
    }

    /// A graph without `async` inside.
    async fn around(names: Vec<String>) -> Result<usize, Error> {
        let count = survey(names).await?;
        let twice = doubled(count);
        Ok(twice)
    }

    fn doubled(n: usize) -> usize {
        let a = length("ab");
        n * a
    }

    async fn waits() -> Result<usize, Error> {
        let size = length("abc");
        let end = never().await;
        Ok(size + end)
    }

    async fn asks() -> Result<usize, Error> {
        let text = fetch("abc", 2).await?;
        #[after(text)]
        late()?;
        let size = length(&text);
        Ok(size)
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn a_simple_loop_runs_them() {
    let all = block_on(survey(names(&["x", "yy", "zzz"]))).unwrap();
    assert_eq!(all, 10 + 12 + 4);
    assert_eq!(block_on(around(names(&["x"]))).unwrap(), 2 * (10 + 2 + 4));
    let cx = Context::builder().strategy(Strategy::Sequential).build();
    assert_eq!(block_on(cx.scope(|| survey(names(&["x", "yy", "zzz"])))).unwrap(), all);
}

#[test]
fn failures_have_their_nodes() {
    let error = block_on(around(names(&["x", "", "z"]))).unwrap_err();
    assert_eq!((error.graph(), error.node(), error.operator()), ("survey", "sizes[1].text", "fetch"));
    let said = "node `sizes[1].text` (operator `fetch`) of graph `survey`, run by node `count` of graph `around`, failed";
    assert_eq!(error.to_string(), said);
}

#[test]
fn cancelling_wakes_and_ends_a_run() {
    let cx = Context::builder().build();
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut task = std::task::Context::from_waker(&waker);
    let mut run = pin!(cx.scope(waits));
    assert!(run.as_mut().poll(&mut task).is_pending());
    assert_eq!(bell.0.load(SeqCst), 0);
    cx.cancel();
    assert_eq!(bell.0.load(SeqCst), 1);
    let Poll::Ready(outcome) = run.as_mut().poll(&mut task) else { panic!("it was cancelled") };
    let error = outcome.unwrap_err();
    assert!(error.is_cancelled() && !error.is_timeout());
    assert_eq!((error.node(), error.nodes().finished), ("end", 1));
}

#[test]
fn a_deadline_is_looked_at_when_the_run_is_polled() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).timeout(Duration::from_secs(5)).build();
    let mut run = pin!(cx.scope(waits));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.advance(Duration::from_secs(4));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.advance(Duration::from_secs(1));
    let Poll::Ready(outcome) = poll_once(run.as_mut()) else { panic!("it is late") };
    let error = outcome.unwrap_err();
    assert!(error.is_timeout() && !error.is_cancelled());
    assert_eq!(error.to_string(), "the deadline passed while node `end` of graph `waits` waited");

    // No node starts behind it, and none has to wait to be told.
    let late = cx.scope(|| block_on(asks())).unwrap_err();
    assert!(late.is_timeout());
    assert_eq!((late.node(), late.nodes().finished), ("text", 0));
}

#[test]
fn by_the_clock_of_the_system_a_deadline_in_the_past_starts_nothing() {
    let cx = Context::builder().timeout(Duration::ZERO).build();
    let error = block_on(cx.scope(asks)).unwrap_err();
    assert!(error.is_timeout());
    assert_eq!((error.node(), error.nodes().finished), ("text", 0));
}
