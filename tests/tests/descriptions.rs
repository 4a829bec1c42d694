//! The description of a graph is constant data.
#![allow(clippy::unnecessary_wraps, reason = "an operator that may fail")]

use std::sync::Barrier;
use std::thread;

use ember::graph::{Access, Kind, Source};
use ember::prelude::*;

#[operator]
fn double(n: u32) -> u32 {
    n * 2
}

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn check(n: u32) -> Result<u32, ember::Error> {
    Ok(n)
}

graph! {
    fn described(n: u32) -> Result<u32, ember::Error> {
        let a = double(n);
        let b = check(a)?;
        let items = for i in 0..b { add(i, a) };
        let total: u32 = items.iter().sum();
        Ok(total)
    }

    async fn waiting(n: u32) -> Result<u32, ember::Error> {
        let x = double(n);
        Ok(x)
    }

    fn outer(n: u32) -> Result<u32, ember::Error> {
        let x = described(n)?;
        Ok(x)
    }
}

#[test]
fn r04_a_description_is_one_constant_for_all_threads() {
    let barrier = Barrier::new(32);
    let addresses: Vec<usize> = thread::scope(|scope| {
        let threads: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let described = described::describe();
                    assert_eq!(described.name, "described");
                    std::ptr::from_ref(described) as usize
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(addresses.iter().all(|&address| address == addresses[0]));
}

#[test]
fn r04_a_description_is_known_before_any_run_and_the_same_after() {
    let before = format!("{:?}", described::describe());
    assert_eq!(described(2).unwrap(), 22);
    assert_eq!(format!("{:?}", described::describe()), before);
}

#[test]
fn a_description_names_inputs_nodes_and_edges() {
    let graph = described::describe();
    assert_eq!(graph.inputs.iter().map(|input| (input.name, input.ty)).collect::<Vec<_>>(), [("n", "u32")]);
    let a = graph.nodes.iter().position(|node| node.path == "a").unwrap();
    let b = graph.nodes.iter().position(|node| node.path == "b").unwrap();
    assert_eq!(
        (graph.nodes[a].operator, graph.nodes[a].kind, graph.nodes[a].fallible),
        ("double", Kind::Operator, false)
    );
    assert_eq!((graph.nodes[b].operator, graph.nodes[b].fallible), ("check", true));
    let items = graph.nodes.iter().position(|node| node.kind == Kind::FanOut).unwrap();
    assert_eq!(graph.nodes[items].path, "items");
    assert!(graph.nodes.iter().any(|node| node.parent == Some(u32::try_from(items).unwrap())));
    let edge = graph.edges.iter().find(|edge| edge.to == u32::try_from(b).unwrap()).unwrap();
    assert_eq!((edge.from, edge.value), (Source::Node(u32::try_from(a).unwrap()), "a"));
    assert!(matches!(edge.access, Access::Take | Access::Borrow));
}

#[test]
fn the_description_of_a_nested_graph_is_reached_through_its_node() {
    let outer = outer::describe();
    let node = outer.nodes.iter().find(|node| node.path == "x").unwrap();
    let inner = node.graph.and_then(|graph| graph()).unwrap();
    assert!(std::ptr::eq(inner, described::describe()));
    let leaf = described::describe().nodes.iter().find(|node| node.path == "a").unwrap();
    assert!(leaf.graph.and_then(|graph| graph()).is_none());
}

#[test]
fn a_description_tells_whether_the_graph_waits() {
    assert!(waiting::describe().is_async);
    assert!(!described::describe().is_async);
}

#[operator(idempotent, timeout = "2s", retry(attempts = 4, backoff = none), limit(concurrency = 8, queue = 9), cache)]
fn asked(n: u32, cx: &Context) -> Result<u32, ember::Error> {
    cx.check()?;
    Ok(n)
}

graph! {
    #[operator(idempotent, fallback = 80)]
    fn inner(n: u32) -> Result<u32, ember::Error> {
        let value = asked(n)?;
        Ok(value)
    }

    fn policed(n: u32) -> Result<u32, ember::Error> {
        let as_said = asked(n)?;
        #[timeout = "1s"]
        #[retry = 2]
        #[without(cache, concurrency)]
        let otherwise = asked(n)?;
        #[deadline = "1min"]
        let graph = inner(n)?;
        let none = double(n);
        Ok(as_said + otherwise + graph + none)
    }
}

fn policies(node: &str) -> Vec<String> {
    let node = policed::describe().node(node).unwrap();
    node.policies().map(|policy| format!("{} {}", policy.name, policy.value)).collect()
}

#[test]
fn a_description_tells_the_policies_of_each_node_as_its_line_leaves_them() {
    assert_eq!(
        policies("as_said"),
        ["cache ", "retry attempts = 4, backoff = none", "concurrency 8", "timeout 2s"]
    );
    assert_eq!(policies("otherwise"), ["retry 2", "timeout 1s"]);
    assert_eq!(policies("graph"), ["fallback 80", "deadline 1min"]);
    assert!(policies("none").is_empty());
    let mermaid = policed::describe().to_mermaid();
    assert!(
        mermaid.contains("otherwise<br/>asked?<br/><small>retry 2 #183; timeout 1s</small>"),
        "{mermaid}"
    );
}
