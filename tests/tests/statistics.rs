//! What runs did, added up for each graph and node.

use std::thread;

use ember::observe::Statistics;
use ember::{Strategy, prelude::*};

#[derive(Debug, thiserror::Error)]
#[error("{0} is odd")]
struct Odd(u32);

#[operator]
fn double(n: u32) -> u32 {
    n * 2
}

#[operator]
fn halve(n: u32) -> Result<u32, Odd> {
    if n.is_multiple_of(2) { Ok(n / 2) } else { Err(Odd(n)) }
}

#[operator]
fn sum(a: u32, b: u32) -> u32 {
    a + b
}

graph! {
    fn both(n: u32) -> Result<u32, ember::Error> {
        let half = halve(n)?;
        let twice = double(n);
        let all = sum(half, twice);
        Ok(all)
    }
}

#[test]
fn r13_statistics_are_exact_under_contention() {
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        let statistics = Statistics::new();
        let cx = Context::builder().observer(statistics.clone()).strategy(strategy).build();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| cx.scope(|| (0..100).filter(|&n| both(n).is_err()).count()));
            }
        });
        let graphs = statistics.graphs();
        assert_eq!(graphs.len(), 1);
        let all = &graphs[0];
        assert_eq!(all.description().name, "both");
        let runs = &all.runs;
        assert_eq!((runs.started, runs.finished, runs.failed, runs.running()), (800, 400, 400, 0));
        assert_eq!(runs.latency.count(), 800);
        let node = |name| {
            let place = all.description().nodes.iter().position(|node| node.operator == name);
            &all.nodes[place.expect("it is in the graph")]
        };
        assert_eq!((node("halve").finished, node("halve").failed), (400, 400));
        assert_eq!((node("sum").started, node("sum").finished), (400, 400));
        assert!(all.nodes.iter().all(|node| node.running() == 0 && node.latency.count() == node.started));
    }
}

#[test]
fn the_last_failure_says_who_and_why() {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).correlation_id("order-17").build();
    assert!(cx.scope(|| both(3)).is_err());
    let failure = statistics.graphs()[0].last_failure.clone().expect("it has failed");
    assert_eq!(failure.correlation_id, "order-17");
    assert_eq!(failure.node.as_deref(), Some("half"));
    assert!(failure.text.is_some_and(|text| text.contains("3 is odd")));
}

#[test]
fn what_fails_just_now_is_what_failed_the_last_time() {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).build();
    let failing = || {
        let graph = &statistics.graphs()[0];
        (graph.runs.failing, graph.nodes[0].failing)
    };
    assert!(cx.scope(|| both(3)).is_err());
    assert_eq!(failing(), (true, true));
    let stopped = Context::builder().observer(statistics.clone()).build();
    stopped.cancel();
    assert!(stopped.scope(|| both(2)).is_err());
    assert_eq!(failing(), (true, true), "one that was stopped tells nothing");
    assert!(cx.scope(|| both(2)).is_ok());
    assert_eq!(failing(), (false, false));
}
