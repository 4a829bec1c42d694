//! The future of a graph can be dropped while a node works on another thread: the drop does not wait for it, and no value is
//! dropped that it works with.

use std::future::pending;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context as Task, Waker};
use std::thread::{self, ThreadId};

use ember::prelude::*;
use ember_tests::{Ledger, Tracked, pool, quiet};

#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[operator]
async fn fetch(from: &Tracked, name: &str) -> Tracked {
    let _held = from.ledger().value("held");
    from.ledger().value(name)
}

#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[operator]
async fn join(a: &Tracked, b: &Tracked, name: &str) -> Tracked {
    a.ledger().value(format!("{name}({},{})", a.name(), b.name()))
}

/// What nodes on other threads tell, and wait for.
struct Stage {
    started: Sender<ThreadId>,
    /// One for each node.
    go: [Mutex<Receiver<()>>; 2],
    stopped: Sender<bool>,
}

/// The test's side of a [`Stage`].
struct Director {
    starts: Receiver<ThreadId>,
    go: [Sender<()>; 2],
    stops: Receiver<bool>,
}

fn stage() -> (Arc<Stage>, Director) {
    let ((started, starts), (stopped, stops)) = (channel(), channel());
    let ((go_0, goes_0), (go_1, goes_1)) = (channel(), channel());
    let stage = Stage { started, go: [goes_0, goes_1].map(Mutex::new), stopped };
    (Arc::new(stage), Director { starts, go: [go_0, go_1], stops })
}

/// Works with a value until it is told to end.
#[operator]
fn hold(value: &Tracked, stage: &Stage, which: usize, cx: &Context) -> Tracked {
    let _loan = value.lend();
    let result = value.ledger().value("result");
    stage.started.send(thread::current().id()).expect("the test waits");
    stage.go[which].lock().unwrap().recv().expect("the test goes on");
    stage.stopped.send(cx.check().is_err()).expect("the test waits");
    result
}

#[operator]
async fn wait_for_ever(value: &Tracked) -> Tracked {
    let _held = value.ledger().value("held");
    pending().await
}

graph! {
    async fn one_works(root: Tracked, stage: Arc<Stage>) -> usize {
        let a = fetch(&root, "a").await;
        let b = hold(&a, &stage, 0);
        let c = wait_for_ever(&a).await;
        let d = join(&b, &c, "d").await;
        d.name().len()
    }

    async fn two_work(root: Tracked, stage: Arc<Stage>) -> usize {
        let a = fetch(&root, "a").await;
        let b = hold(&a, &stage, 0);
        let c = hold(&root, &stage, 1);
        let d = wait_for_ever(&a).await;
        let e = join(&b, &c, "e").await;
        d.name().len() + e.name().len()
    }

    async fn item_works(root: Tracked, stage: Arc<Stage>) -> usize {
        let all = for i in 0..2 {
            let a = fetch(&root, "a").await;
            let b = if i == 0 { let c = hold(&a, &stage, 0); c } else { let c = wait_for_ever(&a).await; c };
            let d = join(&a, &b, "d").await;
            d
        };
        all.len()
    }

    async fn nested_works(root: Tracked, stage: Arc<Stage>) -> usize {
        let (inner, same) = { (root.clone(), stage.clone()) };
        let a = one_works(inner, same).await;
        let b = wait_for_ever(&root).await;
        a + b.name().len()
    }
}

/// Polls a graph's future once, lets so many calls start, and drops it. Gives the threads of the calls.
fn drop_while_calls_run<F: Future>(run: F, director: &Director, calls: usize) -> Vec<ThreadId> {
    let mut run = Box::pin(run);
    assert!(run.as_mut().poll(&mut Task::from_waker(Waker::noop())).is_pending());
    let threads = (0..calls).map(|_| director.starts.recv().unwrap()).collect();
    drop(run);
    threads
}

fn in_parallel() -> Context {
    Context::builder().strategy(Strategy::Parallel).build()
}

/// Drops a graph of which one call runs. That the test goes on says that the drop did not wait for it.
fn dropped_while_a_call_runs<F: Future>(graph: impl Fn(Tracked, Arc<Stage>) -> F + Sync, gone: &[&str]) {
    pool(2).install(|| {
        let (ledger, (stage, director)) = (Ledger::new(), stage());
        let run = in_parallel().scope(|| graph(ledger.value("root"), stage));
        let threads = drop_while_calls_run(run, &director, 1);
        // What waited is gone, and nothing else is.
        assert_eq!(ledger.order(), gone);
        director.go[0].send(()).unwrap();
        assert_eq!(director.stops.recv(), Ok(true));
        ledger.wait_until_all_are_dropped();
        ledger.assert_balanced();
        for name in ["root", "a", "result"] {
            assert_eq!(ledger.threads(name).last(), threads.last(), "{name}");
        }
    });
}

#[test]
fn r15_a_drop_leaves_the_values_to_the_call_that_runs() {
    dropped_while_a_call_runs(one_works, &["held", "held"]);
}

#[test]
fn r15_a_drop_leaves_the_values_of_items_to_the_call_that_runs() {
    // The other item has come to its end, and drops its values.
    dropped_while_a_call_runs(item_works, &["held", "held", "held", "a"]);
}

#[test]
fn r15_a_drop_leaves_the_values_of_a_nested_graph_to_the_call_that_runs() {
    // The graph around has no call that runs, and drops its values.
    dropped_while_a_call_runs(nested_works, &["held", "held", "held", "root"]);
}

#[test]
fn r15_of_several_calls_the_last_drops_the_values() {
    for first in [0, 1] {
        pool(3).install(|| {
            let (ledger, (stage, director)) = (Ledger::new(), stage());
            let run = in_parallel().scope(|| two_work(ledger.value("root"), stage));
            let threads = drop_while_calls_run(run, &director, 2);
            director.go[first].send(()).unwrap();
            assert_eq!(director.stops.recv(), Ok(true));
            // A thread that does something else is through with its call.
            let (free, frees) = channel();
            rayon::spawn(move || free.send(thread::current().id()).unwrap());
            let through = frees.recv().unwrap();
            assert!(!ledger.order().contains(&"root".to_owned()));
            assert!(!ledger.order().contains(&"a".to_owned()));
            director.go[1 - first].send(()).unwrap();
            ledger.wait_until_all_are_dropped();
            ledger.assert_balanced();
            let last: Vec<ThreadId> = threads.into_iter().filter(|thread| *thread != through).collect();
            assert_eq!((ledger.threads("root"), ledger.threads("a")), (last.clone(), last));
        });
    }
}

#[test]
fn r15_a_future_may_be_dropped_by_another_thread() {
    pool(2).install(|| {
        let (ledger, (stage, director)) = (Ledger::new(), stage());
        let run = in_parallel().scope(|| one_works(ledger.value("root"), stage));
        let mut run = Box::pin(run);
        assert!(run.as_mut().poll(&mut Task::from_waker(Waker::noop())).is_pending());
        director.starts.recv().unwrap();
        thread::spawn(move || drop(run)).join().unwrap();
        director.go[0].send(()).unwrap();
        ledger.wait_until_all_are_dropped();
        ledger.assert_balanced();
    });
}

#[test]
fn a_future_that_was_not_polled_has_only_its_parameters_to_drop() {
    let (ledger, (stage, director)) = (Ledger::new(), stage());
    drop(one_works(ledger.value("root"), stage));
    assert_eq!(ledger.order(), ["root"]);
    assert!(director.starts.try_recv().is_err());
}

/// Panics when it is dropped.
struct Bomb {
    value: Tracked,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert_eq!(self.value.name(), "", "on purpose");
    }
}

#[operator(inline)]
fn arm(value: &Tracked) -> Bomb {
    let value = value.ledger().value("bomb");
    Bomb { value }
}

graph! {
    async fn with_a_bomb(root: Tracked, stage: Arc<Stage>) -> usize {
        let _a = fetch(&root, "a").await;
        let bomb = arm(&root);
        let b = hold(&bomb.value, &stage, 0);
        let c = wait_for_ever(&b).await;
        c.name().len()
    }
}

#[test]
fn r15_a_destructor_that_panics_on_a_calls_thread_does_no_harm() {
    quiet();
    let pool = pool(2);
    pool.install(|| {
        let (ledger, (stage, director)) = (Ledger::new(), stage());
        let run = in_parallel().scope(|| with_a_bomb(ledger.value("root"), stage));
        drop_while_calls_run(run, &director, 1);
        director.go[0].send(()).unwrap();
        ledger.wait_until_all_are_dropped();
        ledger.assert_balanced();
    });
    // Its thread works on.
    let (free, frees) = channel();
    pool.spawn(move || free.send(()).unwrap());
    frees.recv().unwrap();
}
