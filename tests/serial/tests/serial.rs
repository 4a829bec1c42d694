//! Without the feature `parallel` every run is one straight line on the caller's thread.

use std::future::Future;
use std::pin::pin;
use std::task::{Poll, Waker};

use ember::{Context, Reason, Strategy};
use ember_serial::{sum, threads, waiting_threads};

#[test]
fn all_nodes_run_on_the_calling_thread() {
    let here = std::thread::current().id();
    let all = threads(8);
    assert_eq!(all.len(), 10);
    assert!(all.into_iter().all(|thread| thread == here));
}

#[test]
fn all_nodes_of_an_async_graph_run_where_it_is_polled() {
    let here = std::thread::current().id();
    let mut future = pin!(waiting_threads(3));
    let mut cx = std::task::Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_pending());
    let Poll::Ready(all) = future.as_mut().poll(&mut cx) else { panic!("all nodes were woken") };
    assert_eq!(all.len(), 8);
    assert!(all.into_iter().all(|thread| thread == here));
}

#[test]
fn failures_and_contexts_work_as_ever() {
    assert_eq!(sum("1", "2").ok(), Some(3));
    let error = sum("1", "x").unwrap_err();
    assert_eq!((error.graph(), error.node(), error.operator()), ("sum", "y", "parse"));
    let context = Context::builder().strategy(Strategy::Sequential).build();
    context.cancel();
    assert!(context.scope(|| sum("1", "2")).unwrap_err().is_cancelled());
}

#[test]
fn r01_there_is_no_parallel_strategy_to_ask_for() {
    assert_eq!(Strategy::default(), Strategy::Auto);
    let explained = sum::explain();
    assert_eq!((explained.strategy(), explained.reason()), (Strategy::Sequential, Reason::OnlyWay));
}
