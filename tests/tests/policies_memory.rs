//! `memory` on an operator: its calls hold room of the run's budget, wait for it, or are turned away.
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::unused_async,
    reason = "the operators are as plain as can be"
)]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ember::policy::MemoryBudget;
use ember::{ManualClock, Strategy, prelude::*};
use ember_tests::{Gate, Minute};

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("down")]
struct Down;

fn budget(bytes: usize) -> MemoryBudget {
    MemoryBudget::builder().bytes(bytes).build().unwrap()
}

/// What is held of the run's budget just now.
fn held() -> usize {
    Context::current().memory().map_or(0, MemoryBudget::used)
}

const KIB: usize = 1024;

#[operator(memory = |page| 2 * page.len())]
fn unpack(page: &str) -> Result<usize, Down> {
    assert!(!page.is_empty());
    Ok(held())
}

#[operator(memory = "1KiB")]
fn declared() -> Result<usize, Down> {
    Ok(held())
}

#[operator(memory = KIB)]
fn constant() -> Result<usize, Down> {
    Ok(held())
}

#[operator(memory)]
fn measured(page: String, rows: &[u32]) -> Result<usize, Down> {
    assert_eq!((page.len(), rows.len()), (0, 3));
    Ok(held())
}

graph! {
    fn unpacked(page: &str) -> Result<usize, ember::Error> {
        let held = unpack(page)?;
        Ok(held)
    }

    fn unpacked_anyway(page: &str) -> Result<usize, ember::Error> {
        #[without(memory)]
        let held = unpack(page)?;
        Ok(held)
    }

    fn each() -> Result<[usize; 3], ember::Error> {
        let a = declared()?;
        #[after(a)]
        let b = constant()?;
        #[after(b)]
        let c = measured(String::with_capacity(100), &[1, 2, 3])?;
        Ok([a, b, c])
    }
}

#[test]
fn r30_a_call_holds_what_it_weighs_until_it_has_ended() {
    let budget = budget(10_000);
    let cx = Context::builder().memory(&budget).build();
    assert_eq!(cx.scope(|| unpacked("four")).unwrap(), 8);
    assert_eq!((budget.used(), budget.peak()), (0, 8));
    assert_eq!(cx.scope(|| unpacked_anyway("four")).unwrap(), 0);
    let weight = size_of::<String>() + 100 + 3 * size_of::<u32>();
    assert_eq!(cx.scope(each).unwrap(), [1024, 1024, weight]);
    assert_eq!(unpacked("four").unwrap(), 0, "where there is no budget, nothing is held");
}

#[test]
fn r37_what_could_never_be_held_is_turned_away_with_both_numbers() {
    let cx = Context::builder().memory(&budget(10)).build();
    let refused = cx.scope(|| unpacked("sixteen")).unwrap_err();
    assert!(refused.is_limited() && refused.is_rejected());
    assert_eq!(
        refused.to_string(),
        "node `held` (operator `unpack`) of graph `unpacked` was turned away: the memory limit is reached: 14 bytes are more \
         than the 10 of the whole budget"
    );
    assert_eq!(cx.scope(|| unpacked("five")).unwrap(), 8, "others go on");
}

static WEIGHED: AtomicU32 = AtomicU32::new(0);

#[operator(memory = |n| { WEIGHED.fetch_add(1, SeqCst); *n })]
fn counted(n: usize) -> Result<usize, Down> {
    Ok(n)
}

graph! {
    fn counting(n: usize) -> Result<usize, ember::Error> {
        let n = counted(n)?;
        Ok(n)
    }
}

#[test]
fn nothing_is_weighed_where_there_is_no_budget() {
    assert_eq!(counting(7).unwrap(), 7);
    assert_eq!(WEIGHED.load(SeqCst), 0);
    Context::builder().memory(&budget(10)).build().scope(|| counting(7)).unwrap();
    assert_eq!(WEIGHED.load(SeqCst), 1);
}

#[operator(memory = |n| 400 + (*n as usize) % 2)]
fn part(n: u32) -> Result<usize, Down> {
    assert!(n < 500);
    Ok(held())
}

graph! {
    fn parts(count: u32) -> Result<usize, ember::Error> {
        let held = for n in 0..count { part(n)? };
        Ok(held.iter().copied().max().unwrap_or(0))
    }
}

#[test]
fn r37_calls_of_a_run_hold_no_more_together_than_there_is() {
    for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
        let budget = budget(1000);
        let runtime = ember::Runtime::builder().threads(4).build().unwrap();
        let cx = runtime.request().strategy(strategy).memory(&budget).build();
        let most = cx.scope(|| parts(500)).unwrap();
        assert!((401..=802).contains(&most), "{most}");
        assert!(budget.peak() <= 802 && budget.used() == 0, "{budget:?}");
    }
}

#[operator(memory = "1KiB", concurrency = 1, idempotent, retry(attempts = 3, backoff = none))]
fn queued(calls: &AtomicU32) -> Result<u32, Down> {
    Ok(calls.fetch_add(1, SeqCst) + 1)
}

graph! {
    fn queueing(calls: &AtomicU32) -> Result<u32, ember::Error> {
        let n = queued(calls)?;
        Ok(n)
    }
}

#[test]
fn r30_who_waits_for_room_holds_no_permit() {
    let _bound = Minute::begin();
    let budget = budget(1500);
    let cx = Context::builder().memory(&budget).build();
    let room = budget.admit(1000).unwrap();
    let calls = AtomicU32::new(0);
    thread::scope(|scope| {
        let run = scope.spawn(|| cx.scope(|| queueing(&calls)));
        while budget.waiting() == 0 && !run.is_finished() {
            thread::yield_now();
        }
        assert!(!run.is_finished(), "it waits for room");
        assert_eq!((queued::concurrency().in_use(), calls.load(SeqCst)), (0, 0));
        drop(room);
        assert_eq!(run.join().unwrap().unwrap(), 1);
    });
}

#[test]
fn r37_a_budget_without_a_line_turns_away_at_once_and_nothing_is_tried_again() {
    let budget = MemoryBudget::builder().bytes(1500).queue(0).build().unwrap();
    let _room = budget.admit(1000).unwrap();
    let calls = AtomicU32::new(0);
    let refused = Context::builder().memory(&budget).build().scope(|| queueing(&calls)).unwrap_err();
    assert!(refused.is_limited(), "{refused}");
    assert_eq!((refused.attempt(), budget.refused(), calls.load(SeqCst)), (1, 1, 0));
}

#[operator(memory = "1KiB")]
fn outer(inner: bool) -> Result<usize, Down> {
    if inner { nested(false).map_err(|_| Down) } else { Ok(held()) }
}

graph! {
    fn nested(inner: bool) -> Result<usize, ember::Error> {
        let held = outer(inner)?;
        Ok(held)
    }
}

#[test]
fn r30_what_a_call_runs_never_waits_for_the_room_that_the_call_holds() {
    let cx = Context::builder().memory(&budget(1500)).build();
    let refused = cx.scope(|| nested(true)).unwrap_err();
    assert_eq!(refused.find::<Down>(), Some(&Down));
    let cx = Context::builder().memory(&budget(2048)).build();
    assert_eq!(cx.scope(|| nested(true)).unwrap(), 2048);
}

#[operator(memory = |page| page.len())]
async fn send(page: &str, sent: &Mutex<Vec<usize>>, go: &tokio::sync::Semaphore) -> Result<usize, Down> {
    sent.lock().unwrap().push(held());
    go.acquire().await.map_err(|_| Down)?.forget();
    Ok(page.len())
}

graph! {
    async fn sending(sent: &Mutex<Vec<usize>>, go: &tokio::sync::Semaphore) -> Result<usize, ember::Error> {
        let lengths = for page in ["12345"; 4] { send(page, sent, go).await? };
        Ok(lengths.iter().sum())
    }
}

#[tokio::test]
async fn r30_async_calls_wait_for_room_and_give_it_back_when_they_are_dropped() {
    let budget = budget(12);
    let cx = Context::builder().memory(&budget).build();
    let (sent, go) = (Mutex::new(Vec::new()), tokio::sync::Semaphore::new(0));
    {
        let mut run = std::pin::pin!(cx.scope(|| sending(&sent, &go)));
        assert!(futures_now(run.as_mut()).is_none());
        assert_eq!((budget.used(), budget.waiting(), sent.lock().unwrap().len()), (10, 2, 2));
    }
    assert_eq!((budget.used(), budget.waiting()), (0, 0));
    go.add_permits(4);
    sent.lock().unwrap().clear();
    assert_eq!(cx.scope(|| sending(&sent, &go)).await.unwrap(), 20);
    assert_eq!((sent.lock().unwrap().len(), budget.used()), (4, 0));
    assert_eq!(budget.peak(), 10);
}

/// What a future gives, if it is ready.
fn futures_now<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[operator(timeout = "2s", memory = "1KiB", concurrency = 1)]
fn hang(came: Arc<Gate>, go: Arc<Gate>) -> Result<u32, Down> {
    came.open();
    go.pass();
    Ok(7)
}

graph! {
    fn hanging(came: Arc<Gate>, go: Arc<Gate>) -> Result<u32, ember::Error> {
        let n = hang(came, go)?;
        Ok(n)
    }
}

#[test]
fn r37_a_call_that_is_left_behind_keeps_its_room_until_it_ends() {
    let (came, go) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
    let (budget, clock) = (budget(1500), ManualClock::new());
    let cx = Context::builder().memory(&budget).clock(clock.clone()).build();
    thread::scope(|scope| {
        let run = scope.spawn(|| cx.scope(|| hanging(came.clone(), go.clone())));
        came.pass();
        clock.until_waiting(1);
        clock.advance(Duration::from_secs(2));
        assert!(run.join().unwrap().unwrap_err().is_timeout());
    });
    assert_eq!((budget.used(), hang::concurrency().in_use()), (1024, 1));
    go.open();
    while budget.used() > 0 {
        thread::yield_now();
    }
}

struct Client;

impl Client {
    #[operator(memory = |this, n| *n + this.share())]
    fn fetch(&self, n: usize) -> Result<usize, Down> {
        assert_eq!(n, 5);
        Ok(held())
    }

    const fn share(&self) -> usize {
        size_of_val(self) + 1
    }
}

graph! {
    #[operator(memory = |n| 10 * n)]
    fn fetched(client: &Client, n: usize) -> Result<usize, ember::Error> {
        let held = client.fetch(n)?;
        Ok(held)
    }

    fn both(client: &Client, n: usize) -> Result<usize, ember::Error> {
        let held = fetched(client, n)?;
        Ok(held)
    }
}

#[test]
fn methods_and_graphs_hold_room_too() {
    let cx = Context::builder().memory(&budget(1000)).build();
    assert_eq!(cx.scope(|| both(&Client, 5)).unwrap(), 50 + 6);
}

#[operator(memory = |text| text.len(), batch(max = 4, wait = "0"))]
fn lengths(text: &[String]) -> Vec<usize> {
    text.iter().map(|_| held()).collect()
}

graph! {
    fn measuring(text: String) -> Result<usize, ember::Error> {
        let held = lengths(text)?;
        Ok(held)
    }
}

#[test]
fn of_a_batch_operator_each_item_holds_its_own() {
    let budget = budget(1000);
    let cx = Context::builder().memory(&budget).build();
    assert_eq!(cx.scope(|| measuring("four".to_owned())).unwrap(), 4);
    assert_eq!((budget.used(), budget.peak()), (0, 4));
}
