//! The context reaches every node: operators that ask by parameter, `Context::current()`, nested graphs, items, and
//! every thread of the pool.

use std::collections::HashSet;
use std::sync::{Barrier, Mutex};
use std::thread::{self, ThreadId};

use ember::prelude::*;
use ember_tests::{STRATEGIES, everywhere, in_parallel, pool};

#[operator]
fn asked(cx: &Context) -> String {
    cx.correlation_id().to_owned()
}

#[operator]
fn asked_between(prefix: &str, cx: &Context, suffix: &str) -> String {
    format!("{prefix}{}{suffix}", cx.correlation_id())
}

#[operator]
fn asked_by_attribute(#[cx] run: &Context, n: usize) -> String {
    format!("{}{n}", run.correlation_id())
}

#[operator]
fn given(#[arg] cx: &Context) -> String {
    cx.correlation_id().to_owned()
}

#[operator]
fn current() -> String {
    Context::current().correlation_id().to_owned()
}

#[operator]
fn current_of(_n: usize) -> String {
    Context::current().correlation_id().to_owned()
}

#[operator]
fn meet(together: &Barrier, threads: &Mutex<HashSet<ThreadId>>) -> String {
    together.wait();
    threads.lock().unwrap().insert(thread::current().id());
    Context::current().correlation_id().to_owned()
}

#[operator]
fn tagged(cx: &Context, tag: &str) -> String {
    // An operator that runs a graph in a context of its own.
    let part = Context::builder().parent(cx).correlation_id(format!("{}/{tag}", cx.correlation_id())).build();
    part.scope(inner).concat()
}

graph! {
    fn inner() -> Vec<String> {
        let a = current();
        let b = asked();
        vec![a, b]
    }

    fn everything() -> Vec<String> {
        let a = asked();
        let b = current();
        let c = asked_between("<", ">");
        let d = asked_by_attribute(7);
        let nested = inner();
        let items = for i in 0..20 { current_of(i) };
        let inners = for _ in 0..20 { inner() };
        let e = { Context::current().correlation_id().to_owned() };
        let branch = if a.len() > 1 { let x = asked(); let y = current(); [x, y] } else { [current(), asked()] };
        let mut all = vec![a, b, c, d, e];
        all.extend(nested);
        all.extend(items);
        all.extend(inners.concat());
        all.extend(branch);
        all
    }

    fn on_all_threads(together: &Barrier, threads: &Mutex<HashSet<ThreadId>>, count: usize) -> Vec<String> {
        let all = for _ in 0..count { meet(together, threads) };
        all
    }

    fn with_context(cx: &Context, n: usize) -> Vec<String> {
        let a = asked();
        let b = current();
        let c = given(cx);
        let d = { format!("{}{n}", cx.correlation_id()) };
        vec![a, b, c, d]
    }

    fn around_context(n: usize) -> Vec<String> {
        let inner = with_context(n);
        let own = asked();
        [inner, vec![own]].concat()
    }

    fn failing() -> Result<usize, ember::Error> {
        let a = current();
        let n = a.parse::<usize>()?;
        Ok(n)
    }

    fn own_contexts() -> (String, String, String) {
        let a = tagged("a");
        let b = tagged("b");
        let c = current();
        (a, b, c)
    }
}

fn named(strategy: Strategy, id: &str) -> Context {
    Context::builder().strategy(strategy).correlation_id(id).build()
}

#[test]
fn r26_the_correlation_id_reaches_every_node() {
    everywhere(|strategy| {
        for id in ["order-17", "order-18"] {
            let seen = named(strategy, id).scope(everything);
            assert_eq!(seen.len(), 5 + 2 + 20 + 40 + 2);
            assert_eq!((&*seen[2], &*seen[3]), (&*format!("<{id}>"), &*format!("{id}7")));
            let plain = seen.iter().enumerate().filter(|(i, _)| ![2, 3].contains(i));
            assert!(plain.map(|(_, seen)| seen).all(|seen| seen == id), "{seen:?}");
        }
    });
}

#[test]
fn r26_the_correlation_id_reaches_every_thread_of_the_pool() {
    for count in [2, 8] {
        pool(count).install(|| {
            let threads = Mutex::default();
            let cx = named(Strategy::Parallel, "order-17");
            let seen = cx.scope(|| on_all_threads(&Barrier::new(count), &threads, count));
            assert_eq!(seen, vec!["order-17"; count]);
            assert_eq!(threads.lock().unwrap().len(), count);
        });
    }
}

#[test]
fn r26_the_threads_of_the_pool_keep_nothing_of_a_run() {
    in_parallel(8, || {
        let threads = Mutex::default();
        named(Strategy::Parallel, "order-17").scope(|| on_all_threads(&Barrier::new(8), &threads, 8));
        let left = rayon::broadcast(|_| Context::current().correlation_id().to_owned());
        assert!(left.iter().all(|id| id != "order-17"), "{left:?}");
    });
}

#[test]
fn r26_a_graph_may_take_its_context_as_a_parameter() {
    everywhere(|strategy| {
        let given = named(strategy, "given");
        named(strategy, "around").scope(|| {
            // Called as a function it runs in the context it is given; as a node in that of its run.
            assert_eq!(with_context(&given, 1), ["given", "given", "given", "given1"]);
            assert_eq!(around_context(2), ["around", "around", "around", "around2", "around"]);
        });
    });
}

#[test]
fn r26_an_error_tells_the_correlation_id() {
    everywhere(|strategy| {
        let error = named(strategy, "order-17").scope(failing).unwrap_err();
        assert_eq!(error.correlation_id(), "order-17");
        assert!(format!("{error:?}").contains("order-17"), "{error:?}");
    });
}

#[test]
fn r26_an_operator_may_run_graphs_in_a_context_of_its_own() {
    everywhere(|strategy| {
        let (a, b, c) = named(strategy, "run").scope(own_contexts);
        assert_eq!((&*a, &*b, &*c), ("run/arun/a", "run/brun/b", "run"));
    });
}

#[test]
fn r14_runs_on_many_threads_keep_their_contexts_apart() {
    for strategy in STRATEGIES {
        let together = Barrier::new(8);
        thread::scope(|scope| {
            for i in 0..8 {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    for round in 0..20 {
                        let id = format!("{i}-{round}");
                        let seen = named(strategy, &id).scope(inner);
                        assert_eq!(seen, [&*id, &*id]);
                    }
                });
            }
        });
    }
}
