//! A panic of the iterator of a `for` in an `async` graph, beside the items that it has given before.

use std::future::Future;
use std::time::Duration;

use ember::prelude::*;
use ember_tests::{Ledger, Minute, STRATEGIES, Tracked, quiet, run};
use tokio::time::sleep;

#[operator]
async fn keep(value: Tracked) -> Tracked {
    sleep(Duration::from_secs(1)).await;
    value.ledger().value("kept")
}

#[operator]
async fn keep_unless(value: Tracked, bad: bool) -> Tracked {
    sleep(Duration::from_secs(1)).await;
    assert!(!bad, "an item, on purpose");
    value.ledger().value("kept")
}

#[operator]
fn work(value: &Tracked) -> usize {
    value.name().len()
}

#[operator]
async fn wait(n: usize) -> usize {
    sleep(Duration::from_secs(1)).await;
    n
}

/// Six numbers, of which one panics.
fn up_to(at: usize) -> impl Iterator<Item = usize> + use<> {
    (0..6).inspect(move |n| assert!(*n != at, "{n} of the iterator, on purpose"))
}

/// Panics again when it is dropped.
struct Twice;

impl Iterator for Twice {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        panic!("the iterator, on purpose")
    }
}

impl Drop for Twice {
    fn drop(&mut self) {
        panic!("the iterator once more, on purpose")
    }
}

graph! {
    async fn waiting(root: Tracked, at: usize) -> Result<usize, ember::Error> {
        let all = for _ in up_to(at) {
            let a = keep(root.clone()).await;
            let b = keep(a).await;
            b
        };
        let after = wait(all.len()).await;
        Ok(after)
    }

    async fn working(root: Tracked, at: usize) -> Result<usize, ember::Error> {
        let all = for _ in up_to(at) {
            let a = keep(root.clone()).await;
            let b = work(&a);
            b
        };
        let after = wait(all.len()).await;
        Ok(after)
    }

    async fn beside_an_item(root: Tracked, at: usize, bad: usize) -> Result<usize, ember::Error> {
        let all = for n in up_to(at) { keep_unless(root.clone(), n == bad).await };
        Ok(all.len())
    }

    async fn in_turns(n: usize, at: usize) -> Result<usize, ember::Error> {
        let all = for i in 0..n {
            let mut turn = 0;
            #[at_most(5)]
            let turns = loop {
                let inner = for k in up_to(at + 10 * (5 - turn - i)) { wait(k).await };
                turn += 1;
                if turn == 5 { break inner.len() }
            };
            turns
        };
        Ok(all.len())
    }

    async fn twice() -> Result<usize, ember::Error> {
        let all = for n in Twice { wait(n).await };
        Ok(all.len())
    }
}

/// Checks the outcome of a graph whose iterator panics at its item `at`: each item runs two operators, and one follows.
fn check<F: Future<Output = Result<usize, ember::Error>>>(
    graph: impl Fn(Tracked, usize) -> F + Send + Sync,
    strategy: Strategy,
) {
    let ledger = Ledger::new();
    assert_eq!(run(strategy, || graph(ledger.value("root"), 9)).unwrap(), 6, "{strategy:?}");
    for at in 0..6 {
        let error = run(strategy, || graph(ledger.value("root"), at)).unwrap_err();
        let message = format!("{at} of the iterator, on purpose");
        assert_eq!((error.node(), error.panic_message()), ("all", Some(&*message)), "{strategy:?}");
        let indices: Vec<usize> = error.site().map_or_else(Vec::new, |site| site.indices().collect());
        assert_eq!(indices, [at], "{strategy:?}");
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled), (2 * at, 1, 0), "{strategy:?}, {at}");
        assert_eq!(nodes.not_started, 3, "{strategy:?}, {at}");
    }
    ledger.wait_until_all_are_dropped();
    ledger.assert_balanced();
}

#[test]
fn r15_items_that_wait_come_to_their_end() {
    quiet();
    let _minute = Minute::begin();
    for strategy in STRATEGIES {
        check(waiting, strategy);
    }
}

#[test]
fn r15_items_that_work_on_other_threads_come_to_their_end() {
    quiet();
    let _minute = Minute::begin();
    for strategy in STRATEGIES {
        check(working, strategy);
    }
}

#[test]
fn an_item_before_it_that_panics_later_comes_first() {
    quiet();
    for strategy in STRATEGIES {
        let ledger = Ledger::new();
        let error = run(strategy, || beside_an_item(ledger.value("root"), 4, 2)).unwrap_err();
        assert_eq!((error.node(), error.panic_message()), ("all[2]", Some("an item, on purpose")));
        let told: Vec<_> = error.failures().map(|failure| failure.node().to_owned()).collect();
        // In order, the iterator is not asked any more.
        let both = if strategy == Strategy::Sequential { &["all[2]"][..] } else { &["all[2]", "all"] };
        assert_eq!(told, both, "{strategy:?}");
    }
}

#[test]
fn the_path_holds_the_items_and_turns_around() {
    quiet();
    for strategy in STRATEGIES {
        assert_eq!(run(strategy, || in_turns(1, 7)).unwrap(), 1);
        let error = run(strategy, || in_turns(3, 3)).unwrap_err();
        let message = "3 of the iterator, on purpose";
        assert_eq!(error.node(), "all[1].turns[4].inner", "{strategy:?}");
        assert_eq!(error.panic_message(), Some(message), "{strategy:?}");
    }
}

#[test]
fn its_end_may_panic_too() {
    quiet();
    for strategy in STRATEGIES {
        let error = run(strategy, twice).unwrap_err();
        assert_eq!((error.node(), error.panic_message()), ("all", Some("the iterator, on purpose")));
    }
}
