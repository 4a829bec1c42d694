//! A graph may also be written as a function with an attribute, with the same meaning.

use ember::graph::Description;
use ember::graph_fn;
use ember::prelude::*;
use ember_tests::{everywhere, in_parallel, message_of};

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a.checked_add(b).expect("no overflow on purpose")
}

/// Adds what two texts say.
#[graph_fn]
pub fn sum(a: &str, b: &str) -> Result<u32, ember::Error> {
    let x = parse(a)?;
    let y = parse(b)?;
    let z = add(x, y);
    Ok(z)
}

#[ember::graph_fn]
fn generic<T: AsRef<str> + Sync>(items: &[T]) -> Result<Vec<u32>, ember::Error> {
    let all = for item in items {
        parse(item.as_ref())?
    };
    Ok(all)
}

#[graph_fn(fail_fast)]
fn fast(a: &str, b: &str) -> Result<u32, ember::Error> {
    let x = parse(a)?;
    let y = parse(b)?;
    Ok(x + y)
}

#[graph_fn]
fn plain(a: u32) -> u32 {
    let x = add(a, 1);
    let y = add(a, 2);
    let z = add(x, y);
    z
}

graph! {
    fn around(a: &str) -> Result<u32, ember::Error> {
        let x = sum(a, "1")?;
        let y = plain(x);
        Ok(y)
    }

    fn same(a: &str, b: &str) -> Result<u32, ember::Error> {
        let x = parse(a)?;
        let y = parse(b)?;
        let z = add(x, y);
        Ok(z)
    }
}

#[test]
fn the_attribute_makes_a_graph() {
    everywhere(|_| {
        assert_eq!(sum("1", "2").unwrap(), 3);
        let error = sum("1", "x").unwrap_err();
        assert_eq!((error.graph(), error.node(), error.operator()), ("sum", "y", "parse"));
        assert_eq!(generic(&["1", "2"]).unwrap(), [1, 2]);
        assert_eq!(generic(&["1".to_owned(), "x".to_owned()]).unwrap_err().node(), "all[1]");
        assert_eq!(plain(1), 5);
        assert!(message_of(|| plain(u32::MAX)).contains("graph `plain`"));
    });
}

#[test]
fn graphs_of_both_forms_run_each_other() {
    everywhere(|_| {
        assert_eq!(around("1").unwrap(), 7);
        let error = around("x").unwrap_err();
        assert_eq!((error.graph(), error.node()), ("sum", "x"));
    });
}

#[test]
fn both_forms_describe_themselves_alike() {
    let (attribute, bang) = (sum::describe(), same::describe());
    let nodes = |graph: &Description<'static>| {
        graph.nodes.iter().map(|n| (n.path, n.operator, n.kind, n.fallible)).collect::<Vec<_>>()
    };
    assert_eq!(nodes(attribute), nodes(bang));
    assert_eq!(attribute.edges, bang.edges);
}

#[test]
fn the_attribute_may_ask_for_fail_fast() {
    in_parallel(2, || {
        assert_eq!(fast("1", "2").unwrap(), 3);
        assert!(fast("1", "x").unwrap_err().failures().count() == 1);
    });
}
