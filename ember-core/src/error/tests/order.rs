use ember_graph::{Description, Kind, Node};

use super::super::{Error, MAX_FAILURES, Site};
use super::{Counts, at, failures, graph, inner, node, outer};

/// ```text
/// 0 a; 1 if { 2 b; 3 for { 4 c; 5 loop { 6 d; 7 e } 8 f } } 9 for { 10 g; } 11 h
/// ```
static DEEP: Description<'static> = graph("deep", "deep.rs", &NODES);
static NODES: [Node<'static>; 12] = [
    node("a", "", Kind::Operator, None, 1),
    node("if", "", Kind::Branch, None, 2),
    node("if.b", "", Kind::Operator, Some(1), 3),
    node("if.for", "", Kind::FanOut, Some(1), 4),
    node("if.for[].c", "", Kind::Operator, Some(3), 5),
    node("if.for[].loop", "", Kind::Loop, Some(3), 6),
    node("if.for[].loop[].d", "", Kind::Operator, Some(5), 7),
    node("if.for[].loop[].e", "", Kind::Group, Some(5), 8),
    node("if.for[].f", "", Kind::Operator, Some(3), 9),
    node("for", "", Kind::FanOut, None, 10),
    node("for[]", "", Kind::Operator, Some(9), 11),
    node("h", "", Kind::Operator, None, 12),
];

fn deep(node: u32, index: &[usize]) -> Site {
    Site::__new(&DEEP, node, index)
}

/// The sites of a run of the plain function, as it would reach them.
fn plain_function() -> Vec<Site> {
    let mut sites = vec![deep(0, &[]), deep(1, &[]), deep(2, &[]), deep(3, &[])];
    for item in [0, 1, 9, 10] {
        sites.push(deep(4, &[item]));
        sites.push(deep(5, &[item]));
        for round in [0, 1, 2] {
            sites.push(deep(6, &[item, round]));
            sites.push(deep(7, &[item, round]));
        }
        sites.push(deep(8, &[item]));
    }
    sites.extend([deep(9, &[]), deep(10, &[0]), deep(10, &[1]), deep(11, &[])]);
    sites
}

#[test]
fn sites_are_ordered_as_the_plain_function_reaches_them() {
    let expected = plain_function();
    for (i, one) in expected.iter().enumerate() {
        for (j, two) in expected.iter().enumerate() {
            assert_eq!(one.__key().cmp(&two.__key()), i.cmp(&j), "{one:?} and {two:?}");
        }
    }
}

#[test]
fn an_iterator_that_fails_comes_after_the_items_before() {
    let iterator = deep(9, &[2]).__key();
    assert!(deep(10, &[1]).__key() < iterator && iterator < deep(10, &[2]).__key());
    assert!(deep(9, &[]).__key() < deep(10, &[0]).__key());
}

#[test]
fn indices_are_filled_in() {
    assert_eq!(deep(6, &[3, 0]).node(), "if.for[3].loop[0].d");
    assert_eq!(deep(10, &[7]).node(), "for[7]");
    assert_eq!(deep(10, &[7]).to_string(), "node `for[7]` of graph `deep`");
    let huge = usize::MAX;
    assert_eq!(deep(10, &[huge]).node(), format!("for[{huge}]"));
    assert_eq!(deep(10, &[huge]).indices().collect::<Vec<_>>(), [huge]);
    assert_eq!(deep(6, &[1, 2, 3]).indices().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn wrong_sites_do_no_harm() {
    static CIRCLE: Description<'static> = graph(
        "circle",
        "circle.rs",
        &[node("a", "", Kind::Group, Some(1), 1), node("b", "", Kind::Group, Some(0), 1)],
    );

    assert_eq!(deep(6, &[3]).node(), "if.for[3].loop[].d");
    assert_eq!(deep(0, &[3, 4, 5]).node(), "a");
    let unknown = deep(99, &[1]);
    assert_eq!((&*unknown.node(), unknown.operator(), unknown.line(), unknown.column()), ("?", "", 1, 1));
    assert!(unknown.__key() > deep(11, &[]).__key());
    assert!(Site::__new(&CIRCLE, 0, &[]).__key() < Site::__new(&CIRCLE, 1, &[]).__key());
}

fn fail(name: &'static str, site: Site) -> Error {
    at(name, site).into()
}

#[test]
fn failures_of_a_run_stand_in_source_order() {
    let others = vec![fail("h", deep(11, &[])), fail("a", deep(0, &[])), fail("f", deep(8, &[1]))];
    let counts = Counts::__new(5, 4, 3, 2);
    let error = fail("c", deep(4, &[1])).__with_run(others, 7, counts, "id-1");

    assert_eq!(
        failures(&error),
        [
            "node `a` of graph `deep` failed: a",
            "node `if.for[1].c` of graph `deep` failed: c",
            "node `if.for[1].f` of graph `deep` failed: f",
            "node `h` of graph `deep` failed: h",
        ]
    );
    assert_eq!((error.omitted_failures(), error.nodes(), error.correlation_id()), (7, counts, "id-1"));
    assert!(error.failures().all(|failure| failure.correlation_id() == "id-1" && failure.nodes() == counts));
    assert!(error.failures().filter(|failure| failure.node() == "h").all(|h| h.failures().count() == 1));
}

#[test]
fn an_error_alone_is_its_runs_only_failure() {
    let error = fail("a", deep(0, &[]));
    assert_eq!(failures(&error), ["node `a` of graph `deep` failed: a"]);
    assert_eq!((error.omitted_failures(), error.nodes(), error.correlation_id()), (0, Counts::default(), ""));
}

#[test]
fn the_first_failures_are_kept_and_the_rest_counted() {
    let items =
        |range: std::ops::Range<usize>| range.rev().map(|item| fail("g", deep(10, &[item]))).collect();
    let error = fail("a", deep(0, &[])).__with_run(items(0..100), 1, Counts::default(), "");
    assert_eq!(error.failures().count(), MAX_FAILURES);
    assert_eq!(error.omitted_failures(), 38);
    assert_eq!(error.failures().last().unwrap().node(), "for[62]");

    // The reported error is kept even where 64 others stand before it.
    let error = fail("h", deep(11, &[])).__with_run(items(0..100), 0, Counts::default(), "");
    assert_eq!(error.failures().count(), MAX_FAILURES);
    assert_eq!(error.failures().last().unwrap().node(), "h");
}

#[test]
fn failures_of_nested_graphs_stand_at_the_node_that_ran_them() {
    let nested = |names: [&'static str; 2]| {
        let others = vec![fail(names[1], inner(1, &[5]))];
        let error = fail(names[0], inner(1, &[2])).__with_run(others, 1, Counts::default(), "in");
        Error::from(at(error, outer(0)))
    };
    let error = fail("b", outer(1)).__with_run(vec![nested(["p", "q"])], 1, Counts::default(), "out");
    let by = "of graph `inner`, run by node `a` of graph `outer`, failed";
    assert_eq!(
        failures(&error),
        [
            format!("node `x[2].y` (operator `parse`) {by}: p"),
            format!("node `x[5].y` (operator `parse`) {by}: q"),
            "node `b` of graph `outer` failed: b".to_owned(),
        ]
    );
    assert_eq!(error.omitted_failures(), 2);
    assert!(error.failures().all(|failure| failure.correlation_id() == "out"));

    let error = nested(["p", "q"]).__with_run(vec![fail("b", outer(1))], 0, Counts::default(), "out");
    assert_eq!(failures(&error).len(), 3);
    assert_eq!((error.node(), error.omitted_failures()), ("x[2].y", 1));
    assert_eq!(error.__outermost_site().unwrap().node(), "a");
    assert_eq!(error.__site().unwrap().node(), "x[2].y");
}
