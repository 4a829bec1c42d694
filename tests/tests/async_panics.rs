//! A panic in an `async` graph, wherever it comes from, is an error that names its node, or goes on with the node's name out
//! of a graph that returns no `Result`.

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::time::Duration;

use ember::NodePanic;
use ember::prelude::*;
use ember_tests::{Ledger, STRATEGIES, Tracked, message_of, pool, quiet};
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
fn work(n: u32) -> u32 {
    n + 1
}

#[operator]
fn boom_at_work(n: u32) -> u32 {
    assert!(n < 10, "{n} at work, on purpose");
    n
}

#[operator(inline)]
fn boom_inline(n: u32) -> u32 {
    assert!(n < 10, "{n} inline, on purpose");
    n
}

#[operator(blocking)]
fn boom_blocking(n: u32) -> u32 {
    assert!(n < 10, "{n} blocking, on purpose");
    n
}

#[operator]
async fn attempt(n: u32) -> Result<u32, String> {
    sleep(Duration::from_secs(2)).await;
    if n == 0 { Err("nothing".to_owned()) } else { Ok(n) }
}

#[operator(idempotent)]
async fn boom_idempotent(n: u32) -> u32 {
    sleep(Duration::from_secs(3)).await;
    assert!(n < 10, "{n} again, on purpose");
    n
}

#[operator]
async fn boom_to_try(n: u32) -> Result<u32, String> {
    Ok(boom(n).await)
}

#[operator]
async fn panic_or_fail(n: u32) -> Result<u32, String> {
    Err(format!("no {}", boom(n).await))
}

/// A payload that is no text.
#[derive(Debug, PartialEq)]
struct Code(u32);

#[operator]
async fn boom_with(n: u32) -> u32 {
    sleep(Duration::from_secs(1)).await;
    if n < 10 { n } else { panic_any(Code(n)) }
}

#[operator]
fn boom_at_work_with(n: u32) -> u32 {
    if n < 10 { n } else { panic_any(Code(n)) }
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
    async fn node_that_waits(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = boom(n).await;
        let c = wait(b).await;
        Ok(a + c)
    }

    async fn node_that_works(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = boom_at_work(n);
        let c = work(b);
        Ok(a + c)
    }

    async fn node_that_stays(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = boom_inline(n);
        let c = wait(b).await;
        Ok(a + c)
    }

    async fn node_that_blocks(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = boom_blocking(n);
        let c = wait(b).await;
        Ok(a + c)
    }

    async fn glue(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = { assert!(a < 10, "{a} in glue, on purpose"); a };
        let c = wait(b).await;
        let d = wait(n).await;
        Ok(c + d)
    }

    async fn glue_that_waits(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = { async { assert!(a < 10, "{a} in glue, on purpose"); a }.await };
        let c = wait(n).await;
        Ok(b + c)
    }

    async fn tail(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = work(n);
        Ok({ assert!(a < 10, "{a} in the tail, on purpose"); a + b })
    }

    async fn item(n: u32) -> Result<u32, ember::Error> {
        let all = for i in [1, n, 2] { let a = wait(i).await; boom(a).await };
        Ok(all.len() as u32)
    }

    async fn item_at_work(n: u32) -> Result<u32, ember::Error> {
        #[concurrency(2)]
        let all = for i in [1, n, 2, 3] { let a = wait(i).await; boom_at_work(a) };
        Ok(all.len() as u32)
    }

    async fn iterator(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let all = for i in (0..3).inspect(|i| assert!(*i < 2 || n < 10, "{n} of the iterator, on purpose")) { wait(i).await };
        Ok(a + all.len() as u32)
    }

    async fn branch(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = if a > 0 { boom(a).await } else { work(a) };
        let c = wait(n).await;
        Ok(b + c)
    }

    async fn turn(n: u32) -> Result<u32, ember::Error> {
        let mut m = n - n % 10;
        #[at_most(12)]
        let last = loop {
            let a = boom(m).await;
            if a == 3 { break a }
            m += 1;
        };
        Ok(last)
    }

    async fn later_turn(n: u32) -> Result<u32, ember::Error> {
        let mut m = n;
        #[at_most(12)]
        let last = loop {
            let a = boom(m).await;
            if a == 3 { break a }
            m += 1;
        };
        Ok(last)
    }

    async fn turns_of_items(n: u32) -> Result<u32, ember::Error> {
        let first = wait(n).await;
        let other = wait(n).await;
        let all = for i in [1, first] {
            let mut m = i + other - n;
            #[at_most(3)]
            let outer = loop {
                let mut k = m;
                #[at_most(3)]
                let inner = loop {
                    let a = boom(k).await;
                    if a % 2 == 1 { break a }
                    k += 1;
                };
                if inner == 3 { break inner }
                m = inner + 2;
            };
            outer
        };
        Ok(all.len() as u32)
    }

    async fn race(n: u32) -> Result<u32, ember::Error> {
        let first = race!(attempt(n), boom_to_try(n)).await?;
        Ok(first)
    }

    async fn race_in_a_row(n: u32, m: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let first = race!(attempt(a), panic_or_fail(m)).await?;
        let b = wait(first).await;
        let c = work(b);
        Ok(c)
    }

    async fn hedged(n: u32) -> Result<u32, ember::Error> {
        #[hedge(after = "1s")]
        let a = boom_idempotent(n).await;
        let b = wait(n).await;
        Ok(a + b)
    }

    async fn nested(n: u32) -> Result<u32, ember::Error> {
        let a = node_that_waits(n).await?;
        let b = wait(n).await;
        Ok(a + b)
    }

    async fn plain(n: u32) -> u32 {
        let a = wait(n).await;
        let b = boom(n).await;
        a + b
    }

    async fn plain_at_work(n: u32) -> u32 {
        let a = wait(n).await;
        let b = boom_at_work(n);
        a + b
    }

    async fn plain_in_an_item(n: u32) -> u32 {
        let all = for i in [1, n] { boom(i).await };
        all.len() as u32
    }

    async fn nested_plain(n: u32) -> Result<u32, ember::Error> {
        let a = plain(n).await;
        let b = wait(n).await;
        Ok(a + b)
    }

    async fn plain_nested(n: u32) -> u32 {
        let a = plain(n).await;
        let b = wait(n).await;
        a + b
    }

    async fn typed(n: u32) -> u32 {
        let a = wait(n).await;
        let b = boom_with(n).await;
        a + b
    }

    async fn typed_at_work(n: u32) -> u32 {
        let a = wait(n).await;
        let b = boom_at_work_with(n);
        a + b
    }

    async fn typed_failing(n: u32) -> Result<u32, ember::Error> {
        let a = wait(n).await;
        let b = boom_at_work_with(n);
        Ok(a + b)
    }

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

/// Runs a graph to its end, in a pool and with a clock that is paused.
fn run<F: Future>(strategy: Strategy, graph: impl FnOnce() -> F + Send) -> F::Output
where
    F::Output: Send,
{
    let cx = Context::builder().strategy(strategy).build();
    pool(2).install(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime can be made");
        runtime.block_on(cx.scope(graph))
    })
}

/// Checks that a graph comes to its end with a small number, and panics with a large one: where, and with what.
macro_rules! told {
    ($($test:ident: $graph:ident, $node:literal, $operator:literal, $message:literal;)*) => {
        $(
            #[test]
            fn $test() {
                quiet();
                for strategy in STRATEGIES {
                    assert!(run(strategy, || $graph(3)).is_ok(), "{strategy:?}");
                    let error = run(strategy, || $graph(13)).unwrap_err();
                    assert!(error.is_panic() && !error.is_cancelled() && !error.is_timeout(), "{strategy:?}: {error}");
                    let place = (error.node().to_owned(), error.operator().to_owned());
                    assert_eq!(place, ($node.to_owned(), $operator.to_owned()), "{strategy:?}");
                    assert_eq!(error.panic_message(), Some($message), "{strategy:?}");
                    assert_eq!(error.nodes().failed, 1, "{strategy:?}");
                    // The plain function panics; so can its caller.
                    let payload = error.into_panic().expect("a panic has a payload");
                    assert_eq!(payload.downcast_ref::<String>().map(String::as_str), Some($message));
                }
            }
        )*
    };
}

told! {
    a_node_that_waits: node_that_waits, "b", "boom", "13 is too much, on purpose";
    a_node_that_works: node_that_works, "b", "boom_at_work", "13 at work, on purpose";
    a_node_that_stays: node_that_stays, "b", "boom_inline", "13 inline, on purpose";
    a_node_that_blocks: node_that_blocks, "b", "boom_blocking", "13 blocking, on purpose";
    glue_between_nodes: glue, "b", "", "13 in glue, on purpose";
    glue_with_an_await: glue_that_waits, "b", "wait", "13 in glue, on purpose";
    an_expression_at_the_end: tail, "result", "", "13 in the tail, on purpose";
    an_item: item, "all[1]", "boom", "13 is too much, on purpose";
    an_item_that_works: item_at_work, "all[1]", "boom_at_work", "13 at work, on purpose";
    the_iterator_of_a_for: iterator, "all", "", "13 of the iterator, on purpose";
    a_branch: branch, "b.then", "boom", "13 is too much, on purpose";
    a_branch_of_a_race: race, "first[1]", "boom_to_try", "13 is too much, on purpose";
    a_hedged_node: hedged, "a", "boom_idempotent", "13 again, on purpose";
    a_graph_inside: nested, "b", "boom", "13 is too much, on purpose";
    a_graph_inside_that_returns_no_result: nested_plain, "a", "plain",
        "node `b` (operator `boom`) of graph `plain` panicked: 13 is too much, on purpose";
}

#[test]
fn a_turn() {
    quiet();
    for strategy in STRATEGIES {
        assert_eq!(run(strategy, || turn(3)).unwrap(), 3);
        let error = run(strategy, || turn(13)).unwrap_err();
        assert_eq!(error.node(), "last[0].a");
        assert_eq!((error.operator(), error.panic_message()), ("boom", Some("10 is too much, on purpose")));
        // Turns that have ended well are none of the path.
        let error = run(strategy, || later_turn(8)).unwrap_err();
        assert_eq!(error.node(), "last[2].a");
        let error = run(strategy, || turns_of_items(6)).unwrap_err();
        assert_eq!(error.node(), "all[1].outer[2].inner[0].a", "{strategy:?}");
    }
}

#[test]
fn what_stands_around_a_race_is_counted_once() {
    quiet();
    for strategy in STRATEGIES {
        let error = run(strategy, || race_in_a_row(0, 3)).unwrap_err();
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.not_started), (1, 2, 2), "{strategy:?}");
        let error = run(strategy, || race_in_a_row(1, 13)).unwrap_err();
        assert_eq!(error.node(), "first[1]");
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.not_started), (1, 1, 2), "{strategy:?}");
    }
}

#[test]
fn out_of_a_graph_that_returns_no_result_it_goes_on() {
    quiet();
    for strategy in STRATEGIES {
        for (graph, parts) in [
            ("plain", ["node `b`", "`boom`", "13 is too much"]),
            ("at work", ["node `b`", "`boom_at_work`", "13 at work"]),
            ("item", ["node `all[1]`", "`boom`", "13 is too much"]),
            ("nested", ["`plain_nested`", "`a`", "node `b`"]),
        ] {
            let message = message_of(|| match graph {
                "plain" => run(strategy, || plain(13)),
                "at work" => run(strategy, || plain_at_work(13)),
                "item" => run(strategy, || plain_in_an_item(13)),
                _ => run(strategy, || plain_nested(13)),
            });
            for part in parts {
                assert!(message.contains(part), "{part} is missing in {message}");
            }
        }
    }
}

#[test]
fn a_payload_that_is_no_text_arrives_as_it_is() {
    quiet();
    for strategy in STRATEGIES {
        let payload = catch_unwind(AssertUnwindSafe(|| run(strategy, || typed(13)))).unwrap_err();
        let panic = payload.downcast::<NodePanic>().unwrap();
        assert_eq!((panic.graph(), &*panic.node(), panic.operator()), ("typed", "b", "boom_with"));
        assert_eq!(panic.payload().downcast_ref::<Code>(), Some(&Code(13)));
        let payload = catch_unwind(AssertUnwindSafe(|| run(strategy, || typed_at_work(13)))).unwrap_err();
        let panic = payload.downcast::<NodePanic>().unwrap();
        assert_eq!((&*panic.node(), panic.operator()), ("b", "boom_at_work_with"));
        assert_eq!(panic.into_payload().downcast_ref::<Code>(), Some(&Code(13)));
        let error = run(strategy, || typed_failing(13)).unwrap_err();
        assert_eq!((error.node(), error.panic_message()), ("b", None));
        assert_eq!(error.into_panic().unwrap().downcast_ref::<Code>(), Some(&Code(13)));
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

/// Waits for two turns, and then panics if both numbers are the same.
#[operator]
async fn unless_later(at: usize, n: usize) -> usize {
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
fn whichever_of_many_that_waited_panics_those_above_come_to_their_end() {
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
