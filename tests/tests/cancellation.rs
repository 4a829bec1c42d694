//! A cancelled run starts no further node and says so; a graph that returns no `Result` runs to its end.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use ember::Stopped;
use ember::prelude::*;
use ember_tests::{Gate, everywhere};

#[operator]
fn step(count: &AtomicUsize, n: u32) -> u32 {
    count.fetch_add(1, SeqCst);
    n + 1
}

#[operator]
fn cancel(cx: &Context, n: u32) -> u32 {
    cx.cancel();
    n
}

/// Tells that it runs, and goes on once somebody has cancelled.
#[operator]
fn meet(started: &Gate, cancelled: &Gate, n: u32) -> u32 {
    started.open();
    cancelled.pass();
    n
}

/// Runs until it is told to stop.
#[operator]
fn watch(cx: &Context, started: &Gate) -> Result<u32, Stopped> {
    started.open();
    loop {
        cx.check()?;
        thread::yield_now();
    }
}

#[operator]
fn watch_and_say(cx: &Context, started: &Gate) -> Result<u32, ember::Error> {
    started.open();
    loop {
        cx.check()?;
        thread::yield_now();
    }
}

#[operator]
fn is_stopped(cx: &Context) -> bool {
    cx.check().is_err()
}

graph! {
    fn line(count: &AtomicUsize) -> Result<u32, ember::Error> {
        let a = step(count, 1);
        let b = step(count, a);
        Ok(b)
    }

    fn from_within(count: &AtomicUsize) -> Result<u32, ember::Error> {
        let a = step(count, 1);
        let b = cancel(a);
        let c = step(count, b);
        let d = step(count, c);
        Ok(d)
    }

    fn from_outside(count: &AtomicUsize, started: &Gate, cancelled: &Gate) -> Result<u32, ember::Error> {
        let a = meet(started, cancelled, 1);
        let b = step(count, a);
        let c = step(count, b);
        Ok(c)
    }

    fn watching(count: &AtomicUsize, started: &Gate) -> Result<u32, ember::Error> {
        let a = watch(started)?;
        let b = step(count, a);
        Ok(b)
    }

    fn saying(count: &AtomicUsize, started: &Gate) -> Result<u32, ember::Error> {
        let a = watch_and_say(started)?;
        let b = step(count, a);
        Ok(b)
    }

    fn without_result(count: &AtomicUsize) -> (u32, bool) {
        let a = step(count, 1);
        let b = cancel(a);
        let c = step(count, b);
        let seen = { c > 0 && is_stopped_now() };
        let all = for i in 0..3 { step(count, i) };
        (c + all[2], seen)
    }

    fn items(count: &AtomicUsize) -> Result<Vec<u32>, ember::Error> {
        let n = cancel(3);
        let all = for i in 0..n { step(count, i) };
        Ok(all)
    }

    fn nested(count: &AtomicUsize) -> Result<u32, ember::Error> {
        let a = from_within(count)?;
        let b = step(count, a);
        Ok(b)
    }

    fn looping(count: &AtomicUsize) -> Result<u32, ember::Error> {
        let mut n = step(count, 0);
        #[at_most(100)]
        let done = loop {
            let m = cancel(n);
            if m > 50 { break m }
            n = step(count, m);
        };
        Ok(done)
    }
}

fn is_stopped_now() -> bool {
    Context::current().check().is_err()
}

fn fresh(strategy: Strategy) -> Context {
    Context::builder().strategy(strategy).build()
}

#[test]
fn r38_a_run_cancelled_before_it_starts_starts_no_node() {
    everywhere(|strategy| {
        let (cx, count) = (fresh(strategy), AtomicUsize::new(0));
        cx.cancel();
        let error = cx.scope(|| line(&count)).unwrap_err();
        assert!(error.is_cancelled() && !error.is_timeout() && !error.is_panic());
        assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));
        assert_eq!((error.graph(), error.node()), ("line", "a"));
        assert_eq!(count.into_inner(), 0);
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.not_started), (0, 0, 2));
        assert!(error.to_string().contains("cancelled"), "{error}");
    });
}

#[test]
fn r38_a_run_cancelled_by_a_node_starts_no_further_node() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        let error = fresh(strategy).scope(|| from_within(&count)).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!((error.node(), count.into_inner()), ("c", 1));
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled, nodes.not_started), (2, 0, 0, 2));
    });
}

#[test]
fn r38_a_run_cancelled_by_another_thread_starts_no_further_node() {
    everywhere(|strategy| {
        let (cx, count) = (fresh(strategy), AtomicUsize::new(0));
        let (started, cancelled) = (Gate::new(), Gate::new());
        let error = thread::scope(|scope| {
            scope.spawn(|| {
                started.pass();
                cx.cancel();
                cancelled.open();
            });
            cx.scope(|| from_outside(&count, &started, &cancelled)).unwrap_err()
        });
        assert!(error.is_cancelled());
        assert_eq!((error.node(), count.into_inner()), ("b", 0));
    });
}

#[test]
fn r38_an_operator_that_asks_is_stopped_in_the_middle() {
    everywhere(|strategy| {
        let (cx, count, started) = (fresh(strategy), AtomicUsize::new(0), Gate::new());
        let error = thread::scope(|scope| {
            scope.spawn(|| {
                started.pass();
                cx.cancel();
            });
            cx.scope(|| watching(&count, &started)).unwrap_err()
        });
        assert!(error.is_cancelled());
        assert_eq!((error.node(), error.operator(), count.into_inner()), ("a", "watch", 0));
        assert_eq!((error.nodes().cancelled, error.nodes().not_started), (1, 1));
    });
}

#[test]
fn an_operator_may_tell_of_it_as_an_ember_error() {
    everywhere(|strategy| {
        let (cx, count, started) = (fresh(strategy), AtomicUsize::new(0), Gate::new());
        let error = thread::scope(|scope| {
            scope.spawn(|| {
                started.pass();
                cx.cancel();
            });
            cx.scope(|| saying(&count, &started)).unwrap_err()
        });
        assert!(error.is_cancelled());
        assert_eq!((error.graph(), error.node(), error.operator()), ("saying", "a", "watch_and_say"));
        assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));
        let nodes = error.nodes();
        assert_eq!((nodes.failed, nodes.cancelled, nodes.not_started), (0, 1, 1));
        assert_eq!(count.into_inner(), 0);
    });
}

#[test]
fn r38_a_graph_without_a_result_runs_to_its_end_and_its_operators_see_it() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        let (cx, outcome) = {
            let cx = fresh(strategy);
            let outcome = cx.scope(|| without_result(&count));
            (cx, outcome)
        };
        assert!(cx.is_cancelled());
        assert_eq!((outcome, count.into_inner()), ((6, true), 5));
    });
}

#[test]
fn r38_items_of_a_cancelled_run_do_not_start() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        let error = fresh(strategy).scope(|| items(&count)).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(count.into_inner(), 0);
    });
}

#[test]
fn r38_cancellation_in_a_nested_graph_is_told_by_the_outer_one() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        let error = fresh(strategy).scope(|| nested(&count)).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!((error.graph(), error.node()), ("from_within", "c"));
        assert_eq!(error.trail().map(ember::Site::graph).collect::<Vec<_>>(), ["nested"]);
        assert_eq!(count.into_inner(), 1);
    });
}

#[test]
fn r38_a_loop_of_a_cancelled_run_takes_no_further_turn() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        let error = fresh(strategy).scope(|| looping(&count)).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(count.into_inner(), 1);
    });
}

#[test]
fn cancelling_one_run_leaves_others_alone() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        let outer = fresh(strategy);
        outer.scope(|| {
            let inner = Context::builder().parent(&outer).build();
            assert!(inner.scope(|| from_within(&count)).unwrap_err().is_cancelled());
            assert_eq!(line(&count).unwrap(), 3);
        });
        assert!(!outer.is_cancelled());
    });
}

#[test]
fn an_operator_sees_the_cancellation_of_its_run() {
    everywhere(|strategy| {
        let cx = fresh(strategy);
        assert!(!is_stopped(&cx));
        cx.cancel();
        assert!(is_stopped(&cx));
    });
}
