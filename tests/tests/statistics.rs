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

graph! {
    fn each(numbers: &[u32], after: u32) -> Result<u32, ember::Error> {
        let halves = for &number in numbers { halve(number)? };
        #[after(halves)]
        let last = halve(after)?;
        Ok(halves.len() as u32 + last)
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
    assert!(failure.text.as_ref().is_some_and(|text| text.contains("3 is odd")));
}

#[test]
fn r42_each_node_keeps_what_it_said_when_it_failed_last() {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).build();
    let said = |node: &str| {
        let graph = statistics.graphs().remove(0);
        let place = graph.description().nodes.iter().position(|known| known.path == node);
        let failure = graph.nodes[place.expect("it is in the graph")].last_failure.clone();
        failure.map(|failure| (failure.node.clone().unwrap(), failure.text.clone().unwrap()))
    };
    let told = |node: &str, text: &str| {
        let operator = "(operator `halve`) of graph `each` failed";
        Some((node.to_owned(), format!("node `{node}` {operator}: {text}")))
    };
    cx.scope(|| each(&[4, 5], 6)).unwrap_err();
    assert_eq!((said("halves[]"), said("last")), (told("halves[1]", "5 is odd"), None));
    cx.scope(|| each(&[4, 6], 7)).unwrap_err();
    assert_eq!((said("halves[]"), said("last")), (told("halves[1]", "5 is odd"), told("last", "7 is odd")));
    cx.scope(|| each(&[9], 8)).unwrap_err();
    assert_eq!(said("halves[]"), told("halves[0]", "9 is odd"), "the latest");
    cx.scope(|| each(&[8], 8)).unwrap();
    assert_eq!(said("last"), told("last", "7 is odd"), "it stays though all is well");
    let graph = &statistics.graphs()[0];
    let of_runs = graph.runs.last_failure.as_ref().expect("runs have failed");
    assert!(of_runs.text.as_ref().is_some_and(|text| text.contains("9 is odd")), "{of_runs:?}");
    assert_eq!(graph.last_failure.as_ref(), Some(of_runs), "a run ends behind its nodes");
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

/// One failure opens its breaker for longer than any test takes.
#[operator(breaker(window = 2, min_calls = 1, open = "1h"))]
fn guarded(n: u32) -> Result<u32, Odd> {
    halve(n)
}

graph! {
    fn behind(n: u32) -> Result<u32, ember::Error> {
        let half = guarded(n)?;
        Ok(half)
    }
}

#[test]
fn r42_what_was_turned_away_leaves_what_opened_the_breaker() {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).build();
    let texts = || {
        let node = &statistics.graphs()[0].nodes[0];
        [&node.last_failure, &node.last_cause]
            .map(|failure| failure.as_ref().and_then(|failure| failure.text.clone()).unwrap())
    };
    cx.scope(|| behind(3)).unwrap_err();
    assert!(texts().iter().all(|text| text.contains("3 is odd")), "{:?}", texts());
    assert!(cx.scope(|| behind(4)).unwrap_err().is_breaker_open());
    let [last, cause] = texts();
    assert!(last.contains("breaker is open") && cause.contains("3 is odd"), "{last}, {cause}");
}
