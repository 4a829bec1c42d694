//! Critical path and width of graphs whose answers are known.

mod common;

use common::{Chance, Owned, critical_path, width};
use ember_graph::{Access, Kind, Source};

fn length_and_width(graph: &Owned) -> (usize, usize) {
    graph.with(|graph| (graph.critical_path().len(), graph.width()))
}

#[test]
fn nothing_takes_no_time_and_no_room() {
    assert_eq!(length_and_width(&Owned::default()), (0, 0));
}

#[test]
fn a_chain_is_as_long_as_it_has_nodes() {
    let edges: Vec<_> = (1..100).map(|node| (node - 1, node)).collect();
    assert_eq!(length_and_width(&Owned::operators(100, &edges)), (100, 1));
}

#[test]
fn a_diamond_is_two_wide() {
    let diamond = Owned::operators(4, &[(0, 1), (0, 2), (1, 3), (2, 3)]);
    assert_eq!(length_and_width(&diamond), (3, 2));
    assert_eq!(diamond.with(critical_path), [0, 1, 3]);
}

#[test]
fn a_fan_is_as_wide_as_it_has_blades() {
    let edges: Vec<_> = (1..=50).flat_map(|node| [(0, node), (node, 51)]).collect();
    assert_eq!(length_and_width(&Owned::operators(52, &edges)), (3, 50));
}

#[test]
fn a_grid_is_as_wide_as_its_diagonal() {
    let side = 32;
    let mut edges = Vec::new();
    for row in 0..side {
        for column in 0..side {
            let cell = row * side + column;
            edges.extend((row > 0).then(|| (cell - side, cell)));
            edges.extend((column > 0).then(|| (cell - 1, cell)));
        }
    }
    assert_eq!(length_and_width(&Owned::operators(side * side, &edges)), (63, 32));
}

#[test]
fn width_sees_through_chains_that_only_share_nodes() {
    // Two chains that cross in node 2: the fewest disjoint paths along edges are three, the fewest chains two.
    let crossing = Owned::operators(5, &[(0, 2), (1, 2), (2, 3), (2, 4)]);
    assert_eq!(length_and_width(&crossing), (3, 2));
}

#[test]
fn glue_is_passed_through_but_not_counted() {
    let mut graph = Owned::default();
    graph.add("a", "f", Kind::Operator, None, "");
    graph.add("b", "", Kind::Glue, None, "");
    graph.add("c", "f", Kind::Operator, None, "");
    graph.add("d", "", Kind::Glue, None, "");
    graph.link(0, 1);
    graph.link(1, 2);
    graph.link(2, 3);
    assert_eq!(graph.with(critical_path), [0, 1, 2]);
    assert_eq!(graph.with(width), 1);
}

#[test]
fn a_construct_counts_as_its_body() {
    let mut graph = Owned::default();
    let first = graph.add("first", "f", Kind::Operator, None, "");
    let branch = graph.add("best", "", Kind::Branch, None, "");
    let one = graph.add("best.then.a", "f", Kind::Operator, Some(branch), "then");
    let other = graph.add("best.then.b", "f", Kind::Operator, Some(branch), "then");
    for name in ["x", "y", "z"] {
        graph.add(&format!("best.else.{name}"), "f", Kind::Operator, Some(branch), "else");
    }
    let beside = graph.add("beside", "f", Kind::Operator, None, "");
    let last = graph.add("last", "f", Kind::Operator, None, "");
    graph.link(one, other);
    graph.link(first, one);
    graph.link(branch, last);
    graph.link(beside, last);
    let path = graph.with(critical_path);
    assert_eq!(path, [first, branch, one, other, last], "an edge into a construct holds up all of it");
    // `then` needs one at a time, `else` three; only one of them runs, with `beside` next to it.
    assert_eq!(graph.with(width), 4);
}

#[test]
fn a_group_is_as_wide_as_its_elements_together() {
    let mut graph = Owned::default();
    let group = graph.add("pair", "", Kind::Group, None, "");
    for element in 0..3 {
        graph.add(&format!("pair.{element}"), "f", Kind::Operator, Some(group), &element.to_string());
    }
    assert_eq!(length_and_width(&graph), (2, 3));
}

/// The largest set without an edge between its nodes, by trying all.
fn width_by_trying(count: u32, edges: &[(u32, u32)]) -> usize {
    let mut reach: Vec<u32> = (0..count).map(|_| 0).collect();
    for &(from, to) in edges.iter().rev() {
        reach[from as usize] |= 1 << to | reach[to as usize];
    }
    let is_antichain =
        |set: &u32| (0..count).all(|node| set >> node & 1 == 0 || set & reach[node as usize] == 0);
    (0..1_u32 << count).filter(is_antichain).map(|set| set.count_ones() as usize).max().unwrap()
}

/// The longest chain that ends with each node, by definition.
fn length_by_definition(count: u32, edges: &[(u32, u32)]) -> usize {
    let mut longest = vec![1; count as usize];
    for &(from, to) in edges {
        longest[to as usize] = longest[to as usize].max(longest[from as usize] + 1);
    }
    longest.into_iter().max().unwrap()
}

#[test]
fn random_graphs_agree_with_trying_everything() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let count = 2 + chance.below(9);
        let mut edges: Vec<_> = (0..chance.below(2 * count))
            .map(|_| (chance.below(count), chance.below(count)))
            .filter(|(from, to)| from < to)
            .collect();
        // Backwards over this order, the reach of an edge's end is complete before that of its start.
        edges.sort_unstable();
        let known = (length_by_definition(count, &edges), width_by_trying(count, &edges));
        assert_eq!(length_and_width(&Owned::operators(count, &edges)), known, "{edges:?}");
    }
}

#[test]
fn the_critical_path_follows_edges() {
    for seed in 0..50 {
        let mut chance = Chance(seed);
        let edges: Vec<_> =
            (1..200).flat_map(|to| (0..2).map(move |_| to)).map(|to| (chance.below(to), to)).collect();
        let path = Owned::operators(200, &edges).with(critical_path);
        for pair in path.windows(2) {
            assert!(edges.contains(&(pair[0], pair[1])), "{pair:?} is no edge");
        }
    }
}

/// The dearest chain, by walking all of them: each node with the dearest of those that it waits for.
fn cost_by_definition(costs: &[u64], edges: &[(u32, u32)]) -> u64 {
    let mut until = costs.to_vec();
    for &(from, to) in edges {
        let (from, to) = (from as usize, to as usize);
        until[to] = until[to].max(until[from].saturating_add(costs[to]));
    }
    until.into_iter().max().unwrap_or(0)
}

#[test]
fn no_chain_is_dearer_than_the_critical_path() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let count = 1 + chance.below(30);
        let costs: Vec<u64> = (0..count).map(|_| u64::from(chance.below(9))).collect();
        // By the node that waits, so that the dearest chain to the start of an edge is known.
        let edges: Vec<_> = (1..count).flat_map(|to| [to; 2]).map(|to| (chance.below(to), to)).collect();
        let path =
            Owned::operators(count, &edges).with(|graph| graph.critical_path_by(|node| costs[node as usize]));
        assert!(path.windows(2).all(|pair| edges.contains(&(pair[0], pair[1]))), "{path:?} of {edges:?}");
        let cost: u64 = path.iter().map(|&node| costs[node as usize]).sum();
        assert_eq!(cost, cost_by_definition(&costs, &edges), "{costs:?} {edges:?}");
    }
}

#[test]
fn all_parts_of_a_branch_count_by_what_they_cost_on_average() {
    let mut graph = Owned::default();
    let branch = graph.add("best", "", Kind::Branch, None, "");
    graph.add("best.then", "judge", Kind::Operator, Some(branch), "then");
    graph.add("best.else", "vote", Kind::Operator, Some(branch), "else");
    graph.add("beside", "f", Kind::Operator, None, "");
    let path = |costs: [u64; 4]| graph.with(|graph| graph.critical_path_by(|node| costs[node as usize]));
    assert_eq!(path([0, 3, 4, 6]), [0, 1, 2]);
    assert_eq!(path([0, 3, 2, 6]), [3]);
    assert_eq!(path([0, 0, 7, 6]), [0, 2]);
}

#[test]
fn costs_that_do_not_fit_a_sum_count_as_the_most() {
    let path = Owned::operators(3, &[(0, 1), (1, 2)]).with(|graph| graph.critical_path_by(|_| u64::MAX));
    assert!(!path.is_empty());
}

#[test]
fn nodes_are_found_by_path_and_by_parent() {
    let mut graph = Owned::default();
    let branch = graph.add("best", "", Kind::Branch, None, "");
    graph.add("best.then", "judge", Kind::Operator, Some(branch), "then");
    graph.add("other", "f", Kind::Operator, None, "");
    graph.with(|graph| {
        assert_eq!(graph.node("best.then").unwrap().operator, "judge");
        assert!(graph.node("then").is_none());
        assert_eq!(graph.children(None).map(|(index, _)| index).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(
            graph.children(Some(branch)).map(|(_, node)| node.path).collect::<Vec<_>>(),
            ["best.then"]
        );
        assert_eq!(graph.children(Some(99)).count(), 0);
    });
}

#[test]
fn a_node_may_wait_for_a_later_one() {
    // A tuple stands before its elements and waits for them.
    let tuple = Owned::operators(4, &[(1, 0), (2, 0), (0, 3)]);
    assert_eq!(tuple.with(critical_path), [1, 0, 3]);
    assert_eq!(tuple.with(width), 2);
}

#[test]
fn malformed_edges_and_parents_are_left_out() {
    let mut graph = Owned::operators(3, &[(0, 1), (1, 0), (1, 1), (2, 99), (99, 2), (u32::MAX, u32::MAX)]);
    graph.edges.push((Source::Input(3), 1, Access::Take));
    graph.nodes[1].parent = Some(2);
    graph.nodes[2].parent = Some(1);
    // Node 2 is inside of node 1, which is an operator and so a construct of its own kind.
    assert_eq!(graph.with(critical_path), [0, 1, 2]);
    assert_eq!(graph.with(|graph| graph.children(None).count()), 2);
    assert_eq!(graph.with(width), 1);
}

#[test]
fn a_thousand_levels_do_not_exhaust_the_stack() {
    let mut graph = Owned::default();
    for level in 0..1024_u32 {
        graph.add(&format!("n{level}"), "", Kind::Group, level.checked_sub(1), "");
    }
    graph.add("leaf", "f", Kind::Operator, Some(1023), "");
    assert_eq!(length_and_width(&graph), (1025, 1));
}
