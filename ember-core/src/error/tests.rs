mod display;
mod nested;
mod order;
mod panics;
mod stopped;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use ember_graph::{Description, Kind, Node};

use super::{At, Counts, Error, Site};

const fn node(
    path: &'static str,
    operator: &'static str,
    kind: Kind,
    parent: Option<u32>,
    line: u32,
) -> Node<'static> {
    Node::__new(path, operator, kind, parent, "", true, line, 9, None)
}

const fn graph(
    name: &'static str,
    file: &'static str,
    nodes: &'static [Node<'static>],
) -> Description<'static> {
    Description::__new(name, file, 1, &[], nodes, &[], None)
}

static OUTER: Description<'static> = graph(
    "outer",
    "outer.rs",
    &[node("a", "inner", Kind::Operator, None, 2), node("b", "", Kind::Glue, None, 3)],
);

static INNER: Description<'static> = graph(
    "inner",
    "inner.rs",
    &[
        node("x", "", Kind::FanOut, None, 4),
        node("x[].y", "parse", Kind::Operator, Some(0), 5),
        node("z", "ops::check", Kind::Operator, None, 6),
    ],
);

fn outer(node: u32) -> Site {
    Site::__new(&OUTER, node, &[])
}

fn inner(node: u32, index: &[usize]) -> Site {
    Site::__new(&INNER, node, index)
}

fn at<E>(source: E, site: Site) -> At<E> {
    At::__new(source, site)
}

/// An error with a name and, perhaps, a cause.
#[derive(Debug)]
struct Plain(&'static str, Option<Box<dyn StdError + Send + Sync>>);

impl Plain {
    fn new(name: &'static str) -> Self {
        Self(name, None)
    }

    fn from(name: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(name, Some(source.into()))
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Plain {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

/// How the failures of a run read, in their order.
fn failures(error: &Error) -> Vec<String> {
    error.failures().map(|failure| format!("{failure:#}")).collect()
}

#[test]
fn is_small_and_may_go_anywhere() {
    fn assert<T: Send + Sync + 'static>() {}
    assert::<Error>();
    assert::<Site>();
    assert::<At<Plain>>();
    assert_eq!(size_of::<Error>(), 8);
    assert_eq!(size_of::<Option<Error>>(), 8);
    assert_eq!(size_of::<Site>(), 32);
}

#[test]
fn tells_where_it_happened() {
    let error = Error::from(at(Plain::new("bad"), inner(1, &[3])));
    assert_eq!((error.graph(), error.node(), error.operator()), ("inner", "x[3].y", "parse"));
    assert_eq!((error.attempt(), error.trail().count()), (1, 0));
    let site = error.site().unwrap();
    assert_eq!((site.file(), site.line(), site.column()), ("inner.rs", 5, 9));
    assert_eq!(site.indices().collect::<Vec<_>>(), [3]);
    assert!(!error.is_panic() && !error.is_cancelled() && !error.is_timeout() && !error.is_loop_bound());
    assert_eq!(error.panic_message(), None);
    assert_eq!(error.__with_attempt(4).attempt(), 4);
}

#[test]
fn source_is_the_operators_own_error() {
    let error = Error::from(at(Plain::from("bad", Plain::new("worse")), outer(0)));
    let source = error.source().unwrap();
    assert_eq!(source.downcast_ref::<Plain>().unwrap().0, "bad");
    assert_eq!(source.source().unwrap().to_string(), "worse");
}

#[test]
fn text_and_boxes_are_failures_too() {
    let error = Error::from(at("bad", outer(0)));
    assert_eq!(error.source().unwrap().to_string(), "bad");
    let error = Error::from(at(String::from("bad"), outer(0)));
    assert_eq!(error.source().unwrap().to_string(), "bad");

    let boxed: Box<dyn StdError + Send + Sync> = Box::new(Plain::new("bad"));
    let error = Error::from(at(boxed, outer(0)));
    assert!(error.source().unwrap().is::<Plain>());
}

#[test]
fn finds_an_error_anywhere_in_the_chain() {
    let number = || "x".parse::<u8>().unwrap_err();
    let error = Error::from(at(Plain::from("bad", Plain::from("worse", number())), outer(0)));
    assert_eq!(error.find::<std::num::ParseIntError>(), Some(&number()));
    assert_eq!(error.find::<Plain>().unwrap().0, "bad");
    assert!(error.find::<fmt::Error>().is_none());

    let shared = Error::from(at(Plain::from("bad", Arc::new(number())), outer(0)));
    assert!(shared.find::<std::num::ParseIntError>().is_some());

    let through_at = Error::from(at(Plain::from("bad", at(number(), inner(2, &[]))), outer(0)));
    assert!(through_at.find::<std::num::ParseIntError>().is_some());

    let nested = Error::from(at(number(), inner(2, &[])));
    let wrapped = Error::from(at(Plain::from("bad", nested), outer(0)));
    assert!(wrapped.find::<std::num::ParseIntError>().is_some());
    assert_eq!(wrapped.find::<Error>().unwrap().graph(), "inner");
    assert_eq!(wrapped.graph(), "outer");
}

#[test]
fn a_chain_without_end_does_no_harm() {
    #[derive(Debug)]
    struct Ring;
    impl fmt::Display for Ring {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("ring")
        }
    }
    impl StdError for Ring {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(self)
        }
    }
    let error = Error::from(at(Ring, outer(0)));
    assert!(error.find::<Plain>().is_none());
    assert!(format!("{error:#} {error:?}").contains("ring: ring"));
}

#[test]
fn at_keeps_the_node_while_the_failure_changes() {
    let failure = at(7_u8, inner(1, &[0])).map(|n| Plain::from("bad", n.to_string()));
    assert_eq!(failure.to_string(), "node `x[0].y` (operator `parse`) of graph `inner` failed");
    assert_eq!(StdError::source(&failure).unwrap().to_string(), "bad");
    assert_eq!(failure.site().node(), "x[0].y");
    assert_eq!(failure.into_source().0, "bad");
}

#[test]
fn counts_read_plainly() {
    let counts = Counts::__new(1, 2, 3, 4);
    assert_eq!(counts.to_string(), "1 finished, 2 failed, 3 cancelled, 4 not started");
    assert_eq!((counts.finished, counts.failed, counts.cancelled, counts.not_started), (1, 2, 3, 4));
}
