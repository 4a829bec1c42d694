//! A failure tells its graph, its node, its operator and its causes, however deep it happened.
#![allow(clippy::trivially_copy_pass_by_ref, reason = "operators that borrow")]

use std::error::Error as _;
use std::fmt;
use std::num::ParseIntError;

use ember::prelude::*;
use ember_tests::{everywhere, message_of};

#[derive(Debug)]
struct Config {
    key: &'static str,
    source: ParseIntError,
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad value of `{}`", self.key)
    }
}

impl std::error::Error for Config {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

#[operator]
fn setting(key: &'static str, value: &str) -> Result<u16, Config> {
    value.parse().map_err(|source| Config { key, source })
}

#[operator]
fn half(n: u16) -> u16 {
    n / 2
}

#[operator]
fn grow(n: &u16) -> u16 {
    n + 1
}

#[operator]
fn text(message: &str) -> Result<u16, String> {
    Err(message.to_owned())
}

graph! {
    fn inner(value: &str) -> Result<u16, ember::Error> {
        let beside = half(8);
        let port = setting("port", value)?;
        let less = half(port);
        Ok(less + beside)
    }

    fn middle(value: &str) -> Result<u16, ember::Error> {
        let beside = grow(&1);
        let found = inner(value)?;
        Ok(found + beside)
    }

    fn outer(value: &str) -> Result<u16, ember::Error> {
        let beside = grow(&2);
        let result = middle(value)?;
        Ok(result + beside)
    }

    fn each(values: &[&str]) -> Result<Vec<u16>, ember::Error> {
        let all = for value in values { let n = inner(value)?; grow(&n) };
        Ok(all)
    }

    fn branch(value: &str) -> Result<u16, ember::Error> {
        let n = if value.len() > 2 { let a = setting("long", value)?; half(a) } else { half(2) };
        Ok(n)
    }

    fn glue(value: &str) -> Result<u16, ember::Error> {
        let n: u16 = value.parse()?;
        let m = grow(&n);
        Ok(m)
    }

    fn from_text(value: &str) -> Result<u16, ember::Error> {
        let n = text(value)?;
        Ok(n)
    }

    fn not_ended(value: &str) -> Result<String, ember::Error> {
        let outcome = setting("soft", value);
        let text = match outcome {
            Ok(n) => n.to_string(),
            Err(error) => error.to_string(),
        };
        Ok(text)
    }
}

#[test]
fn r05_a_failure_tells_graph_node_operator_and_attempt() {
    everywhere(|_| {
        let error = inner("x").unwrap_err();
        assert_eq!((error.graph(), error.node(), error.operator()), ("inner", "port", "setting"));
        assert_eq!(error.attempt(), 1);
        let site = error.site().unwrap();
        assert!(site.file().ends_with("causes.rs"));
        assert_eq!(site.line(), line_of("let port = setting"));
        assert!(!error.is_panic() && !error.is_cancelled() && !error.is_timeout());
    });
}

/// The line of this file that holds a text first.
fn line_of(text: &str) -> u32 {
    let at = include_str!("causes.rs").lines().position(|line| line.contains(text)).unwrap();
    u32::try_from(at + 1).unwrap()
}

#[test]
fn r05_the_chain_of_causes_is_intact() {
    everywhere(|_| {
        let error = inner("x").unwrap_err();
        let config = error.source().unwrap().downcast_ref::<Config>().unwrap();
        assert_eq!(config.key, "port");
        assert!(config.source().unwrap().is::<ParseIntError>());
        assert!(config.source().unwrap().source().is_none());
        assert!(error.find::<ParseIntError>().is_some());
    });
}

#[test]
fn r27_three_graphs_deep_the_outermost_error_still_tells_node_and_root_cause() {
    everywhere(|_| {
        let error = outer("x").unwrap_err();
        assert_eq!((error.graph(), error.node(), error.operator()), ("inner", "port", "setting"));
        let trail: Vec<_> = error.trail().map(|site| (site.graph(), site.node().into_owned())).collect();
        assert_eq!(trail, [("outer", "result".to_owned()), ("middle", "found".to_owned())]);
        // Flattened, not wrapped: the first cause is the operator's own error.
        assert!(error.source().unwrap().is::<Config>());
        assert_eq!(error.find::<Config>().unwrap().key, "port");
        assert_eq!(
            format!("{error:#}"),
            "node `port` (operator `setting`) of graph `inner`, run by node `found` of graph `middle`, \
             run by node `result` of graph `outer`, failed: bad value of `port`: invalid digit found in string",
        );
    });
}

#[test]
fn r27_the_error_can_travel_as_a_trait_object_and_be_found_again() {
    everywhere(|_| {
        let boxed: Box<dyn std::error::Error + Send + Sync> = outer("x").unwrap_err().into();
        let error = boxed.downcast_ref::<ember::Error>().unwrap();
        assert!(error.find::<Config>().is_some());
    });
}

#[test]
fn r05_a_failure_in_an_item_names_the_item() {
    everywhere(|_| {
        let error = each(&["1", "2", "x", "3"]).unwrap_err();
        assert_eq!((error.graph(), error.node()), ("inner", "port"));
        assert_eq!(error.trail().next().unwrap().node(), "all[2].n");
    });
}

#[test]
fn r05_a_failure_in_a_branch_names_the_node_in_the_branch() {
    everywhere(|_| {
        let error = branch("long").unwrap_err();
        assert_eq!((error.operator(), error.find::<Config>().unwrap().key), ("setting", "long"));
        assert!(error.node().starts_with("n.") && error.node().contains(".a"), "{}", error.node());
        assert_eq!(branch("x").unwrap(), 1);
    });
}

#[test]
fn r05_a_failure_in_glue_names_its_line() {
    everywhere(|_| {
        let error = glue("x").unwrap_err();
        assert_eq!((error.graph(), error.node(), error.operator()), ("glue", "n", ""));
        assert!(error.source().unwrap().is::<ParseIntError>());
    });
}

#[test]
fn r05_text_is_an_error_too() {
    everywhere(|_| {
        let error = from_text("no such thing").unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "no such thing");
        assert_eq!(error.node(), "n");
    });
}

#[test]
fn r05_a_result_without_a_question_mark_stays_a_value() {
    everywhere(|_| {
        assert_eq!(not_ended("7").unwrap(), "7");
        assert_eq!(not_ended("x").unwrap(), "bad value of `soft`");
    });
}

#[test]
fn r27_the_report_tells_the_whole_story() {
    everywhere(|_| {
        let report = format!("{:?}", outer("x").unwrap_err());
        for part in ["`port`", "`setting`", "`inner`", "`middle`", "`outer`", "bad value", "invalid digit"] {
            assert!(report.contains(part), "{part} is missing in\n{report}");
        }
    });
}

#[test]
fn r27_unwrapping_an_error_shows_its_node() {
    everywhere(|_| {
        // The panic carries `{:?}`, as the output of a failed `main` does.
        let shown = message_of(|| outer("on purpose").expect("on purpose"));
        assert!(shown.contains("node `port`") && shown.contains("bad value of `port`"), "{shown}");
    });
}
