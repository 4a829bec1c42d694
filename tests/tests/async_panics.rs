//! A panic in an `async` graph, wherever it comes from, is an error that names its node, or goes on with the node's name out
//! of a graph that returns no `Result`.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::time::Duration;

use ember::NodePanic;
use ember::prelude::*;
use ember_tests::{STRATEGIES, message_of, quiet, run};
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
    glue_with_an_await: glue_that_waits, "b", "", "13 in glue, on purpose";
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
