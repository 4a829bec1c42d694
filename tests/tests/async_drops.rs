//! The future of a graph can be dropped at any time: every value is dropped once.
#![allow(clippy::needless_pass_by_value, reason = "operators that take values to drop them")]

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::{Context as Task, Poll, Waker};
use std::thread;
use std::time::Duration;

use ember::prelude::*;
use ember_tests::{Ledger, Minute, Tracked, pool, quiet};
use tokio::time::sleep;

/// Waits for so many polls.
async fn turns(mut n: usize) {
    poll_fn(|cx| match n.checked_sub(1) {
        None => Poll::Ready(()),
        Some(left) => {
            n = left;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

#[operator]
async fn fetch(from: &Tracked, name: &str, waits: usize) -> Tracked {
    let _held = from.ledger().value("held");
    turns(waits).await;
    from.ledger().value(name)
}

#[operator]
async fn join(a: &Tracked, b: &Tracked, name: &str) -> Tracked {
    turns(1).await;
    a.ledger().value(format!("{name}({},{})", a.name(), b.name()))
}

#[operator]
async fn pass_on(value: Tracked, waits: usize) -> Tracked {
    turns(waits).await;
    value
}

#[operator]
async fn attempt(from: &Tracked, name: &str, waits: usize, fails: bool) -> Result<Tracked, Lost> {
    let value = from.ledger().value(name);
    turns(waits).await;
    if fails { Err(Lost { value }) } else { Ok(value) }
}

/// A failure that holds a value.
#[derive(Debug)]
struct Lost {
    value: Tracked,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} on purpose", self.value)
    }
}

impl std::error::Error for Lost {}

#[operator]
async fn panics(from: &Tracked, waits: usize) -> Tracked {
    let _held = from.ledger().value("held");
    turns(waits).await;
    panic!("on purpose")
}

/// Later attempts are quicker.
#[operator(idempotent)]
async fn slow(from: &Tracked, name: &str) -> Tracked {
    let _held = from.ledger().value("held");
    let before = from.ledger().made();
    sleep(Duration::from_millis(u64::try_from(100 / before).unwrap_or(1))).await;
    from.ledger().value(name)
}

#[operator]
fn work(from: &Tracked, name: &str) -> Tracked {
    let _loan = from.lend();
    thread::yield_now();
    from.ledger().value(name)
}

#[operator]
fn work_up(value: Tracked, name: &str) -> Tracked {
    thread::yield_now();
    value.ledger().value(name)
}

#[operator]
fn work_all(values: &[Tracked]) -> usize {
    let _loans: Vec<_> = values.iter().map(Tracked::lend).collect();
    thread::yield_now();
    values.len()
}

#[operator]
fn use_up(values: Vec<Tracked>) -> usize {
    values.len()
}

#[operator]
fn try_to_work(from: &Tracked, fails: bool) -> Result<Tracked, Lost> {
    let _loan = from.lend();
    let value = from.ledger().value("tried");
    if fails { Err(Lost { value }) } else { Ok(value) }
}

#[operator(blocking)]
fn block(from: &Tracked, name: &str) -> Tracked {
    let _loan = from.lend();
    from.ledger().value(name)
}

#[operator(inline)]
fn stay(from: &Tracked, name: &str) -> Tracked {
    from.ledger().value(name)
}

graph! {
    async fn nodes(root: Tracked) -> usize {
        let a = fetch(&root, "a", 1).await;
        let b = fetch(&root, "b", 2).await;
        let c = join(&a, &b, "c").await;
        let d = pass_on(a, 2).await;
        let e = fetch(&d, "e", 1).await;
        c.name().len() + e.name().len()
    }

    async fn nodes_that_work(root: Tracked) -> usize {
        let a = fetch(&root, "a", 1).await;
        let b = work(&root, "b");
        let c = work(&b, "c");
        let d = work_up(a, "d");
        let e = fetch(&d, "e", 2).await;
        let f = stay(&root, "f");
        let g = block(&f, "g");
        let h = join(&c, &g, "h").await;
        e.name().len() + h.name().len()
    }

    async fn arrays(root: Tracked) -> usize {
        let all = [fetch(&root, "a", 1).await, fetch(&root, "b", 2).await, fetch(&root, "c", 0).await];
        let worked = [work(&root, "d"), work(&all[0], "e")];
        let n = work_all(&all);
        let m = work_all(&worked);
        n + m
    }

    async fn items(root: Tracked) -> usize {
        let all = for i in 0..4 {
            let one = fetch(&root, "one", i).await;
            let two = work(&one, "two");
            let three = pass_on(one, 1).await;
            let four = join(&two, &three, "four").await;
            four
        };
        let n = use_up(all);
        n
    }

    async fn items_at_once(root: Tracked) -> usize {
        let values = { (0..5).map(|_| root.clone()).collect::<Vec<_>>() };
        #[concurrency(2)]
        let all = for value in values {
            let one = pass_on(value, 2).await;
            let two = work(&one, "two");
            let three = fetch(&two, "three", 1).await;
            three
        };
        let n = use_up(all);
        n
    }

    async fn items_that_wait(root: Tracked) -> usize {
        let values = { (0..5).map(|_| root.clone()).collect::<Vec<_>>() };
        #[concurrency(2)]
        let all = for value in values {
            let one = pass_on(value, 2).await;
            let inner = for i in 0..2 { fetch(&one, "inner", i).await };
            inner
        };
        all.len()
    }

    async fn branches(root: Tracked) -> usize {
        let a = fetch(&root, "a", 1).await;
        let b = if a.name() == "a" {
            let c = fetch(&a, "c", 1).await;
            let d = work(&c, "d");
            d
        } else {
            let e = fetch(&a, "e", 1).await;
            e
        };
        let f = match b.name().len() {
            0 => {
                let g = work_up(a, "g");
                g
            }
            n => {
                let h = pass_on(a, n).await;
                let i = work_up(h, "i");
                i
            }
        };
        let j = fetch(&root, "j", 2).await;
        f.name().len() + j.name().len()
    }

    async fn rounds(root: Tracked) -> Result<usize, ember::Error> {
        let mut name = { String::new() };
        #[at_most(10)]
        let last = loop {
            let a = fetch(&root, "a", 1).await;
            let b = work(&root, "b");
            let c = join(&a, &b, "c").await;
            if name.len() >= 2 { break c }
            name = format!("{name}x");
        };
        Ok(last.name().len())
    }

    fn plain(root: Tracked) -> Tracked {
        let a = work(&root, "plain a");
        let b = work(&root, "plain b");
        let c = work(&a, "plain c");
        let d = work_up(b, "plain d");
        let e = { if c.name() < d.name() { c } else { d } };
        e
    }

    async fn nested(root: Tracked) -> usize {
        let (a, b, c) = { (root.clone(), root.clone(), root.clone()) };
        let waiting = nodes(a).await;
        let working = nodes_that_work(b).await;
        let d = plain(c);
        let e = fetch(&d, "e", 1).await;
        waiting + working + e.name().len()
    }

    async fn races(root: Tracked) -> Result<usize, ember::Error> {
        let a = work(&root, "a");
        let first = race!(
            attempt(&root, "fails", 1, true),
            attempt(&root, "wins", 3, false),
            attempt(&a, "loses", 9, false)
        ).await?;
        let lost = fetch(&first, "lost", 1).await;
        Ok(lost.name().len())
    }

    async fn race_that_fails(root: Tracked) -> Result<usize, ember::Error> {
        let b = fetch(&root, "b", 9).await;
        let first = race!(attempt(&root, "one", 1, true), attempt(&root, "two", 3, true)).await?;
        let c = work(&first, "c");
        Ok(b.name().len() + c.name().len())
    }

    async fn hedged(root: Tracked) -> usize {
        #[hedge(after = "5ms", at_most = 4)]
        let a = slow(&root, "a").await;
        let b = work(&a, "b");
        b.name().len()
    }

    async fn waiting_node_fails(root: Tracked) -> Result<usize, ember::Error> {
        let a = fetch(&root, "a", 9).await;
        let b = attempt(&root, "b", 3, true).await?;
        let c = fetch(&root, "c", 9).await;
        let d = work(&c, "d");
        let e = work(&root, "e");
        let all = for i in 0..5 { let x = fetch(&e, "x", i).await; let y = work(&x, "y"); y };
        Ok(a.name().len() + b.name().len() + d.name().len() + all.len())
    }

    async fn working_node_fails(root: Tracked) -> Result<usize, ember::Error> {
        let a = fetch(&root, "a", 3).await;
        let b = try_to_work(&root, true)?;
        let c = work(&root, "c");
        let d = fetch(&c, "d", 5).await;
        Ok(a.name().len() + b.name().len() + d.name().len())
    }

    async fn item_fails(root: Tracked) -> Result<usize, ember::Error> {
        let a = work(&root, "a");
        #[concurrency(3)]
        let all = for i in 0..6 {
            let one = attempt(&a, "one", i, i == 3).await?;
            let two = work_up(one, "two");
            let three = try_to_work(&two, i == 4)?;
            three
        };
        let n = use_up(all);
        Ok(n)
    }

    async fn node_panics(root: Tracked) -> Result<usize, ember::Error> {
        let a = fetch(&root, "a", 5).await;
        let b = panics(&root, 2).await;
        let c = work(&root, "c");
        let d = join(&b, &c, "d").await;
        Ok(a.name().len() + d.name().len())
    }
}

/// Polls a future so often, and drops it. Tells whether it had come to its end.
async fn ends_within<F: Future>(future: F, polls: usize) -> bool {
    let mut future = Some(Box::pin(future));
    let mut left = polls;
    poll_fn(|cx| {
        let Some(running) = future.as_mut().filter(|_| left > 0) else { return Poll::Ready(false) };
        left -= 1;
        let ended = running.as_mut().poll(cx).is_ready();
        if ended || left == 0 {
            future = None;
            return Poll::Ready(ended);
        }
        Poll::Pending
    })
    .await
}

fn in_a_runtime<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime can be made");
    runtime.block_on(future)
}

fn contexts() -> impl Iterator<Item = Context> {
    let strategies = [Strategy::Sequential, Strategy::Parallel, Strategy::Auto];
    strategies.into_iter().map(|strategy| Context::builder().strategy(strategy).build())
}

/// Drops a graph after every number of polls, until it comes to its end before.
fn dropped_after_any_poll<F: Future>(graph: impl Fn(Tracked) -> F + Sync) {
    quiet();
    let (narrow, wide) = (pool(1), pool(3));
    for cx in contexts() {
        let run = |polls| {
            let ledger = Ledger::new();
            let ended = in_a_runtime(ends_within(cx.scope(|| graph(ledger.value("root"))), polls));
            (ledger, ended)
        };
        let check = |ledger: &Ledger| {
            ledger.wait_until_all_are_dropped();
            ledger.assert_balanced();
            assert!(ledger.made() > 0);
        };
        // The one thread of this pool is busy until the future is dropped: no call has started by then.
        for polls in 0..2 {
            check(&narrow.install(|| run(polls)).0);
        }
        for polls in 0.. {
            let (ledger, ended) = wide.install(|| run(polls));
            check(&ledger);
            if ended {
                break;
            }
        }
    }
}

macro_rules! dropped_after_any_poll {
    ($($test:ident: $graph:ident;)*) => {
        $(
            #[test]
            fn $test() {
                dropped_after_any_poll($graph);
            }
        )*
    };
}

dropped_after_any_poll! {
    r15_nodes_that_wait_drop_each_value_once: nodes;
    r15_nodes_that_work_drop_each_value_once: nodes_that_work;
    r15_arrays_drop_each_value_once: arrays;
    r15_items_drop_each_value_once: items;
    r15_items_at_once_drop_each_value_once: items_at_once;
    r15_items_that_wait_drop_each_value_once: items_that_wait;
    r15_branches_drop_each_value_once: branches;
    r15_rounds_drop_each_value_once: rounds;
    r15_nested_graphs_drop_each_value_once: nested;
    r15_races_drop_each_value_once: races;
    r15_a_race_that_fails_drops_each_value_once: race_that_fails;
    r15_hedged_nodes_drop_each_value_once: hedged;
    r15_a_failure_of_a_node_that_waits_drops_each_value_once: waiting_node_fails;
    r15_a_failure_of_a_node_that_works_drops_each_value_once: working_node_fails;
    r15_a_failure_of_an_item_drops_each_value_once: item_fails;
    r15_a_panic_drops_each_value_once: node_panics;
}

#[operator]
async fn never(from: &Tracked) -> Result<usize, Lost> {
    let _held = from.ledger().value("held");
    pending().await
}

graph! {
    /// Keeps the failure as long as the node above may fail too, and what the node between has made, which nobody wants any more.
    async fn keeps_a_failure(root: Tracked) -> Result<usize, ember::Error> {
        let above = never(&root).await?;
        let between = fetch(&root, "between", 0).await;
        let failed = attempt(&root, "failure", 1, true).await?;
        Ok(above + between.name().len() + failed.name().len())
    }

    /// The same where another thread has made it.
    async fn keeps_a_failure_beside_a_call(root: Tracked) -> Result<usize, ember::Error> {
        let above = never(&root).await?;
        let between = work(&root, "between");
        let failed = attempt(&root, "failure", 1, true).await?;
        Ok(above + between.name().len() + failed.name().len())
    }

    async fn fails(root: Tracked) -> Result<usize, ember::Error> {
        let above = fetch(&root, "above", 2).await;
        let between = fetch(&root, "between", 0).await;
        let failed = attempt(&root, "failure", 1, true).await?;
        Ok(above.name().len() + between.name().len() + failed.name().len())
    }
}

fn poll<F: Future>(run: &mut Pin<Box<F>>) -> Poll<F::Output> {
    run.as_mut().poll(&mut Task::from_waker(Waker::noop()))
}

/// The values that are left, sorted.
fn left(ledger: &Ledger) -> Vec<String> {
    let mut left = ledger.left();
    left.sort();
    left
}

#[test]
fn r15_a_failure_that_a_run_keeps_is_dropped_with_it() {
    let ledger = Ledger::new();
    let mut run = Box::pin(keeps_a_failure(ledger.value("root")));
    for _ in 0..4 {
        assert!(poll(&mut run).is_pending());
    }
    assert_eq!(left(&ledger), ["between", "failure", "held", "root"], "the run keeps them");
    drop(run);
    assert_eq!(left(&ledger), [""; 0], "left when the run is dropped");
    ledger.assert_balanced();
}

#[test]
fn r15_a_failure_that_a_run_with_calls_keeps_is_dropped_with_it() {
    let _bound = Minute::begin();
    let ledger = Ledger::new();
    let mut run = Box::pin(keeps_a_failure_beside_a_call(ledger.value("root")));
    for _ in 0..4 {
        assert!(poll(&mut run).is_pending());
    }
    while left(&ledger) != ["between", "failure", "held", "root"] {
        thread::yield_now();
    }
    assert!(poll(&mut run).is_pending());
    drop(run);
    // If the call's thread is not through with it yet, that thread drops them.
    ledger.wait_until_all_are_dropped();
    ledger.assert_balanced();
}

#[test]
fn r15_what_a_run_keeps_is_dropped_when_it_ends_and_its_failure_comes_out() {
    let ledger = Ledger::new();
    let mut run = Box::pin(fails(ledger.value("root")));
    let error = loop {
        if let Poll::Ready(outcome) = poll(&mut run) {
            break outcome.unwrap_err();
        }
    };
    assert_eq!(left(&ledger), ["failure"], "left when the run has ended");
    drop(error);
    assert_eq!(left(&ledger), [""; 0], "left when the error is dropped");
    drop(run);
    ledger.assert_balanced();
}
