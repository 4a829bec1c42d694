//! Hundreds of nodes in one graph: the right result, and no stack used up.

use std::sync::Barrier;

use ember::observe::{EventKind, Recorder};
use ember::prelude::*;
use ember_tests::{everywhere, in_parallel, message_of};

#[operator]
fn step(n: u64) -> u64 {
    n.wrapping_mul(3).wrapping_add(1)
}

#[operator]
fn add(n: u64, m: u64) -> u64 {
    n.wrapping_add(m)
}

#[operator]
fn mix(a: u64, b: u64, c: u64) -> u64 {
    a.wrapping_mul(31).wrapping_add(b).wrapping_mul(31).wrapping_add(c)
}

#[operator]
fn meet(together: &Barrier, n: u64) -> u64 {
    together.wait();
    n
}

#[operator]
fn meet_after(together: &Barrier, first: u64, last: u64, n: u64) -> u64 {
    together.wait();
    first + last + n
}

#[operator]
fn sum(values: &[u64]) -> u64 {
    values.iter().fold(0, |sum, n| sum.wrapping_mul(7).wrapping_add(*n))
}

#[operator]
fn other_than(bad: u64, n: u64, m: u64) -> u64 {
    assert_ne!(bad, m, "{m} on purpose");
    n.wrapping_add(m)
}

include!(concat!(env!("OUT_DIR"), "/large.rs"));

fn steps(n: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(step(n)), |n| Some(step(*n)))
}

#[test]
fn a_chain_of_600_nodes() {
    assert_eq!(chain::describe().nodes.len(), 602);
    everywhere(|_| assert_eq!(chain(1), steps(1).nth(599).unwrap()));
}

#[test]
fn a_fan_of_300_nodes() {
    everywhere(|_| {
        let expected: Vec<u64> = (0..300).map(|i| add(step(2), i)).collect();
        assert_eq!(fan(2), sum(&expected));
    });
}

#[test]
fn a_caterpillar_of_300_nodes() {
    everywhere(|_| {
        let expected: Vec<u64> = steps(3).zip(0..300).map(|(n, i)| add(n, i)).collect();
        assert_eq!(caterpillar(3), sum(&expected));
    });
}

#[test]
fn a_hundred_nodes_that_wait_for_the_same_two() {
    everywhere(|_| {
        let expected: Vec<u64> = (0..100).map(|i| step(mix(step(4), add(4, 5), i))).collect();
        assert_eq!(hub(4), sum(&expected));
    });
}

#[test]
fn a_ladder_of_200_rungs() {
    everywhere(|_| {
        let end = (0..200).fold((5, 5), |(a, b), _| (mix(a, b, 1), mix(b, a, 2)));
        assert_eq!(ladder(5), sum(&[end.0, end.1]));
    });
}

#[test]
fn a_panic_among_200_nodes_names_its_node() {
    everywhere(|_| {
        for bad in [0, 77, 199] {
            let message = message_of(|| fragile(1, bad));
            assert!(message.contains(&format!("node `x{bad}`")), "{message}");
        }
    });
}

#[test]
fn each_of_201_nodes_is_told_to_observers_once() {
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        let recorder = Recorder::new(10_000);
        let cx = Context::builder().strategy(strategy).observer(recorder.clone()).build();
        cx.scope(|| fragile(1, 1_000));
        let events = recorder.events();
        let mut started: Vec<_> = events
            .iter()
            .filter(|event| event.kind == EventKind::NodeStarted)
            .map(|event| event.node.clone())
            .collect();
        started.sort_unstable();
        let mut nodes: Vec<_> =
            (0..200).map(|i| format!("x{i}")).chain(["root".into(), "all".into()]).collect();
        nodes.sort_unstable();
        assert_eq!(started, nodes);
    }
}

#[test]
fn forty_nodes_run_at_once_where_there_are_forty_threads() {
    in_parallel(40, || {
        let all: Vec<u64> = (0..40).chain((0..40).map(|i| 39 + i)).collect();
        assert_eq!(wide(&Barrier::new(40)), sum(&all));
    });
}

#[test]
fn large_graphs_fit_a_small_stack() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(256 * 1024).build().unwrap();
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    pool.install(|| {
        cx.scope(|| {
            for n in 0..10 {
                assert_eq!(chain(n), steps(n).nth(599).unwrap());
                let expected: Vec<u64> = steps(n).zip(0..300).map(|(n, i)| add(n, i)).collect();
                assert_eq!(caterpillar(n), sum(&expected));
                fan(n);
                hub(n);
                ladder(n);
            }
        });
    });
}
