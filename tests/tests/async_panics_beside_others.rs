//! A panic in an `async` graph beside other nodes: which of them have run, and what becomes of their values.

use std::future::pending;
use std::time::Duration;

use ember::prelude::*;
use ember_tests::{Ledger, Minute, STRATEGIES, Tracked, quiet, run};
use tokio::time::sleep;

#[operator]
async fn wait(n: u32) -> u32 {
    sleep(Duration::from_secs(1)).await;
    n
}

#[operator]
async fn boom(n: u32) -> u32 {
    sleep(Duration::from_secs(1)).await;
    assert!(n < 10, "{n} is too much, on purpose");
    n
}

#[operator]
async fn keep(root: &Tracked, name: &str) -> Tracked {
    let _held = root.ledger().value("held");
    sleep(Duration::from_secs(1)).await;
    root.ledger().value(name)
}

#[operator]
async fn keep_for_ever(root: &Tracked) -> Tracked {
    let _held = root.ledger().value("held");
    pending().await
}

#[operator]
#[expect(clippy::needless_pass_by_value, reason = "it drops what it takes")]
fn drop_and_boom(value: Tracked) -> usize {
    panic!("{} on purpose", value.name())
}

graph! {
    async fn two(n: u32) -> Result<u32, ember::Error> {
        let later = wait(n).await;
        let a = boom(later).await;
        let b = boom(n + 1).await;
        Ok(a + b)
    }

    async fn values(root: Tracked) -> Result<usize, ember::Error> {
        let a = keep(&root, "a").await;
        let b = keep(&root, "b").await;
        let c = drop_and_boom(a);
        let d = keep_for_ever(&root).await;
        Ok(b.name().len() + c + d.name().len())
    }
}

#[test]
fn of_two_panics_both_are_told() {
    quiet();
    for strategy in [Strategy::Auto, Strategy::Parallel] {
        let error = run(strategy, || two(13)).unwrap_err();
        let told: Vec<_> =
            error.failures().map(|failure| (failure.node(), failure.panic_message())).collect();
        assert_eq!(
            told,
            [("a", Some("13 is too much, on purpose")), ("b", Some("14 is too much, on purpose"))]
        );
    }
}

/// Waits for nothing, and panics if both numbers are the same.
#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[operator]
async fn unless(at: usize, n: usize) -> usize {
    assert_ne!(at, n, "on purpose");
    n
}

graph! {
    async fn of_ten(at: usize) -> Result<usize, ember::Error> {
        let n0 = unless(at, 0).await;
        let n1 = unless(at, 1).await;
        let n2 = unless(at, 2).await;
        let n3 = unless(at, 3).await;
        let n4 = unless(at, 4).await;
        let n5 = unless(at, 5).await;
        let n6 = unless(at, 6).await;
        let n7 = unless(at, 7).await;
        let n8 = unless(at, 8).await;
        let n9 = unless(at, 9).await;
        Ok(n0 + n1 + n2 + n3 + n4 + n5 + n6 + n7 + n8 + n9)
    }
}

#[test]
fn whichever_of_ten_panics_those_above_have_come_to_their_end_and_those_below_do_not_start() {
    quiet();
    for strategy in STRATEGIES {
        assert_eq!(run(strategy, || of_ten(10)).unwrap(), 45);
        for at in 0..10 {
            let error = run(strategy, || of_ten(at)).unwrap_err();
            assert_eq!(error.node(), format!("n{at}"));
            let nodes = error.nodes();
            assert_eq!((nodes.finished, nodes.failed, nodes.not_started), (at, 1, 9 - at), "{strategy:?}");
        }
    }
}

/// Waits for two turns, and then panics if both numbers are the same. Waits for ever if its own is the greater one.
#[operator]
async fn unless_later(at: usize, n: usize) -> usize {
    if n > at {
        pending::<()>().await;
    }
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert_ne!(at, n, "on purpose");
    n
}

/// More nodes than there are bits in a word.
macro_rules! of_seventy {
    ($($name:ident $n:literal)*) => {
        graph! {
            async fn of_seventy(at: usize) -> Result<usize, ember::Error> {
                $(let $name = unless_later(at, $n).await;)*
                Ok(0 $(+ $name)*)
            }
        }
    };
}
of_seventy!(n0 0 n1 1 n2 2 n3 3 n4 4 n5 5 n6 6 n7 7 n8 8 n9 9 n10 10 n11 11 n12 12 n13 13 n14 14 n15 15 n16 16 n17 17 n18 18
    n19 19 n20 20 n21 21 n22 22 n23 23 n24 24 n25 25 n26 26 n27 27 n28 28 n29 29 n30 30 n31 31 n32 32 n33 33 n34 34 n35 35
    n36 36 n37 37 n38 38 n39 39 n40 40 n41 41 n42 42 n43 43 n44 44 n45 45 n46 46 n47 47 n48 48 n49 49 n50 50 n51 51 n52 52
    n53 53 n54 54 n55 55 n56 56 n57 57 n58 58 n59 59 n60 60 n61 61 n62 62 n63 63 n64 64 n65 65 n66 66 n67 67 n68 68 n69 69);

graph! {
    async fn of_items(at: usize) -> Result<usize, ember::Error> {
        let all = for n in 0..100usize { unless_later(at, n).await };
        Ok(all.iter().sum())
    }
}

#[test]
fn whichever_of_many_that_waited_panics_those_above_come_to_their_end_and_no_other_is_waited_for() {
    let _minute = Minute::begin();
    quiet();
    for strategy in STRATEGIES {
        let in_order = strategy == Strategy::Sequential;
        assert_eq!(run(strategy, || of_seventy(70)).unwrap(), 2415);
        assert_eq!(run(strategy, || of_items(100)).unwrap(), 4950);
        for at in [0, 1, 7, 8, 31, 62, 63, 64, 65, 69] {
            let error = run(strategy, || of_seventy(at)).unwrap_err();
            assert_eq!((error.node(), error.is_panic()), (&*format!("n{at}"), true));
            let nodes = error.nodes();
            assert_eq!((nodes.finished, nodes.failed), (at, 1), "{strategy:?}");
            // Those below have started beside it, or have not.
            let below = if in_order { nodes.not_started } else { nodes.cancelled };
            assert_eq!(below, 69 - at, "{strategy:?}");

            let error = run(strategy, || of_items(at)).unwrap_err();
            assert_eq!((error.node(), error.is_panic()), (&*format!("all[{at}]"), true));
            let nodes = error.nodes();
            assert_eq!((nodes.finished, nodes.failed), (at, 1), "{strategy:?}");
            let below = if in_order { nodes.not_started } else { nodes.cancelled };
            assert_eq!(below, 99 - at, "{strategy:?}");
        }
    }
}

#[test]
fn r15_a_panic_drops_each_value_once_and_what_waits_at_once() {
    quiet();
    for strategy in STRATEGIES {
        let ledger = Ledger::new();
        let error = run(strategy, || values(ledger.value("root"))).unwrap_err();
        assert_eq!((error.node(), error.panic_message()), ("c", Some("a on purpose")));
        ledger.wait_until_all_are_dropped();
        ledger.assert_balanced();
        // Nobody waits for ever.
        assert_eq!(ledger.order().last().map(String::as_str), Some("root"));
    }
}
