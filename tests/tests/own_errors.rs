//! A graph's error type of its own takes failures typed where it can, and everything else as `ember::Error`.

use std::fmt;
use std::num::{ParseFloatError, ParseIntError};

use ember::At;
use ember::prelude::*;
use ember_tests::everywhere;

#[derive(Debug)]
enum Failure {
    Number { node: String, source: ParseIntError },
    Graph(ember::Error),
}

impl From<At<ParseIntError>> for Failure {
    fn from(at: At<ParseIntError>) -> Self {
        Self::Number { node: at.site().node().into_owned(), source: at.into_source() }
    }
}

impl From<ember::Error> for Failure {
    fn from(error: ember::Error) -> Self {
        Self::Graph(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { node, source } => write!(f, "{node}: {source}"),
            Self::Graph(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Failure {}

#[operator]
fn int(text: &str) -> Result<i32, ParseIntError> {
    text.parse()
}

#[operator]
fn float(text: &str) -> Result<f64, ParseFloatError> {
    text.parse()
}

#[operator]
fn positive(n: i32) -> i32 {
    assert!(n >= 0, "negative on purpose");
    n
}

#[operator]
fn sealed(fail: bool) -> Result<i32, Failure> {
    if fail {
        Err(Failure::Number { node: "sealed".to_owned(), source: "".parse::<i32>().unwrap_err() })
    } else {
        Ok(1)
    }
}

/// As an ordinary function would want it: it knows nothing of nodes.
#[derive(Debug)]
enum Plain {
    Number(ParseIntError),
    Text(String),
    Graph(ember::Error),
}

impl From<ParseIntError> for Plain {
    fn from(error: ParseIntError) -> Self {
        Self::Number(error)
    }
}

impl From<String> for Plain {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<ember::Error> for Plain {
    fn from(error: ember::Error) -> Self {
        Self::Graph(error)
    }
}

/// Takes a failure with its node and without.
#[derive(Debug)]
enum Both {
    WithNode,
    WithoutNode,
    Graph,
}

impl From<At<ParseIntError>> for Both {
    fn from(_: At<ParseIntError>) -> Self {
        Self::WithNode
    }
}

impl From<ParseIntError> for Both {
    fn from(_: ParseIntError) -> Self {
        Self::WithoutNode
    }
}

impl From<ember::Error> for Both {
    fn from(_: ember::Error) -> Self {
        Self::Graph
    }
}

#[operator]
fn refuse(text: &str) -> Result<i32, String> {
    Err(format!("no {text}"))
}

graph! {
    fn typed(a: &str, b: &str) -> Result<f64, Failure> {
        let whole = int(a)?;
        let part = float(b)?;
        let checked = positive(whole);
        Ok(f64::from(checked) + part)
    }

    fn same_type(a: &str, fail: bool) -> Result<f64, Failure> {
        let inner = typed(a, "0.5")?;
        let more = sealed(fail)?;
        Ok(inner + f64::from(more))
    }

    fn plain_around(a: &str) -> Result<f64, ember::Error> {
        let inner = typed(a, "0.5")?;
        Ok(inner)
    }

    fn items(texts: &[&str]) -> Result<Vec<i32>, Failure> {
        let all = for text in texts { int(text)? };
        Ok(all)
    }

    fn plain(whole: &str, part: &str) -> Result<f64, Plain> {
        let whole = int(whole)?;
        let part = float(part)?;
        let checked = positive(whole);
        Ok(f64::from(checked) + part)
    }

    fn plain_text(text: &str) -> Result<i32, Plain> {
        let none = refuse(text)?;
        Ok(none)
    }

    fn plain_in_glue(text: &str) -> Result<i32, Plain> {
        let number = text.parse::<i32>()? + 1;
        Ok(number)
    }

    fn plain_items(texts: &[&str]) -> Result<Vec<i32>, Plain> {
        let all = for text in texts { int(text)? };
        Ok(all)
    }

    fn plain_around_a_graph(a: &str) -> Result<f64, Plain> {
        let inner = plain_around(a)?;
        Ok(inner)
    }

    fn both(text: &str) -> Result<i32, Both> {
        let number = int(text)?;
        Ok(number)
    }

    fn opaque(text: &str) -> Result<i32, Box<dyn std::error::Error + Send + Sync>> {
        let number = int(text)?;
        let none = refuse(text)?;
        Ok(number + none)
    }

    fn no_question_mark(n: i32) -> Result<i32, Failure> {
        let checked = positive(n);
        Ok(checked)
    }
}

#[test]
fn a_failure_that_the_error_type_knows_arrives_typed_with_its_node() {
    everywhere(|_| match typed("x", "0.5").unwrap_err() {
        Failure::Number { node, source } => {
            assert_eq!(node, "whole");
            assert_eq!(source.to_string(), "invalid digit found in string");
        }
        Failure::Graph(error) => panic!("{error}"),
    });
}

#[test]
fn a_failure_that_the_error_type_does_not_know_arrives_as_an_ember_error() {
    everywhere(|_| match typed("1", "x").unwrap_err() {
        Failure::Graph(error) => {
            assert_eq!((error.graph(), error.node(), error.operator()), ("typed", "part", "float"));
            assert!(error.find::<ParseFloatError>().is_some());
        }
        Failure::Number { .. } => panic!("a float is no whole number"),
    });
}

#[test]
fn a_panic_arrives_as_an_ember_error() {
    everywhere(|_| {
        for outcome in [typed("-1", "0.5").map(|_| ()), no_question_mark(-1).map(|_| ())] {
            let Err(Failure::Graph(error)) = outcome else { panic!("expected a panic") };
            assert!(error.is_panic());
            assert_eq!((error.node(), error.panic_message()), ("checked", Some("negative on purpose")));
        }
    });
}

#[test]
fn cancellation_arrives_as_an_ember_error() {
    everywhere(|strategy| {
        let cx = Context::builder().strategy(strategy).build();
        cx.cancel();
        let Err(Failure::Graph(error)) = cx.scope(|| typed("1", "0.5")) else { panic!("expected a stop") };
        assert!(error.is_cancelled());
    });
}

#[test]
fn an_error_of_the_same_type_passes_unchanged() {
    everywhere(|_| {
        let Failure::Number { node, .. } = same_type("x", false).unwrap_err() else { panic!("not typed") };
        assert_eq!(node, "whole");
        let Failure::Number { node, .. } = same_type("1", true).unwrap_err() else { panic!("not typed") };
        assert_eq!(node, "sealed");
        let Failure::Graph(error) = same_type("-1", false).unwrap_err() else { panic!("not plain") };
        assert_eq!((error.graph(), error.node()), ("typed", "checked"));
    });
}

#[test]
fn an_error_of_another_type_is_a_cause_like_any_other() {
    everywhere(|_| {
        let error = plain_around("x").unwrap_err();
        assert_eq!((error.graph(), error.node(), error.operator()), ("plain_around", "inner", "typed"));
        assert!(matches!(error.find::<Failure>(), Some(Failure::Number { .. })));
    });
}

#[test]
fn a_failing_item_is_typed_and_names_its_index() {
    everywhere(|_| {
        let Failure::Number { node, .. } = items(&["1", "2", "x"]).unwrap_err() else { panic!("not typed") };
        assert_eq!(node, "all[2]");
    });
}

#[test]
fn a_failure_arrives_as_behind_the_question_mark_of_a_function() {
    everywhere(|_| {
        let Err(Plain::Number(error)) = plain("x", "0.5") else { panic!("not the failure itself") };
        assert_eq!(Err(error), "x".parse::<i32>());
        assert!(matches!(plain_text("way"), Err(Plain::Text(text)) if text == "no way"));
        assert!(matches!(plain_in_glue("x"), Err(Plain::Number(_))));
        assert!(matches!(plain_items(&["1", "x"]), Err(Plain::Number(_))));
    });
}

#[test]
fn what_such_an_error_type_does_not_know_arrives_as_an_ember_error() {
    everywhere(|_| {
        let Err(Plain::Graph(error)) = plain("1", "x") else { panic!("a float is no whole number") };
        assert_eq!((error.node(), error.operator()), ("part", "float"));
        let Err(Plain::Graph(error)) = plain("-1", "0.5") else { panic!("expected a panic") };
        assert!(error.is_panic());
    });
}

#[test]
fn the_error_of_a_graph_still_gets_the_node_that_ran_it() {
    everywhere(|_| {
        let Err(Plain::Graph(error)) = plain_around_a_graph("x") else { panic!("not plain") };
        assert_eq!((error.graph(), error.node()), ("plain_around", "inner"));
        let trail: Vec<_> = error.trail().map(ember::Site::graph).collect();
        assert_eq!(trail, ["plain_around_a_graph"]);
    });
}

#[test]
fn a_failure_with_its_node_goes_before_one_without() {
    everywhere(|_| assert!(matches!(both("x"), Err(Both::WithNode))));
}

#[test]
fn an_error_type_that_takes_all_errors_gets_the_node() {
    everywhere(|_| {
        let error = opaque("x").unwrap_err();
        let at = error.downcast_ref::<At<ParseIntError>>().expect("a failure with its node");
        assert_eq!(at.site().node(), "number");
        // Text is no error, but the type would take it too.
        let error = opaque("1").unwrap_err();
        let error = error.downcast_ref::<ember::Error>().expect("an error of the graph");
        assert_eq!((error.graph(), error.node(), error.operator()), ("opaque", "none", "refuse"));
    });
}
