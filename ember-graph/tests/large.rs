//! Graphs of a thousand nodes: the macros draw them while they expand, without optimisation.

mod common;

use std::time::{Duration, Instant};

use common::{Chance, Owned};
use ember_graph::Kind;

/// Far more than is needed, so that a busy machine does not fail the test; what it would catch is quadratic.
const ENOUGH: Duration = Duration::from_secs(20);

fn measure(graph: &Owned) {
    let start = Instant::now();
    graph.with(|graph| {
        assert!(graph.to_svg().len() > 100_000);
        graph.width();
        graph.critical_path();
        graph.to_mermaid();
        graph.to_dot();
    });
    assert!(start.elapsed() < ENOUGH, "took {:?}", start.elapsed());
}

#[test]
fn many_far_connections() {
    let mut chance = Chance(1);
    let edges: Vec<_> = (1..1024).flat_map(|to| [to; 6]).map(|to| (chance.below(to), to)).collect();
    measure(&Owned::operators(1024, &edges));
}

#[test]
fn a_chain_whose_every_node_is_used_at_the_end() {
    let edges: Vec<_> = (1..1024).flat_map(|node| [(node - 1, node), (node - 1, 1023)]).collect();
    measure(&Owned::operators(1024, &edges));
}

#[test]
fn no_connections() {
    measure(&Owned::operators(1024, &[]));
}

#[test]
fn a_thousand_levels() {
    let mut graph = Owned::default();
    for level in 0..1024_u32 {
        graph.add(&format!("n{level}"), "", Kind::Branch, level.checked_sub(1), "then");
    }
    measure(&graph);
}
