//! What an operator had failed with when its time was up stands behind the error that says so.
#![allow(clippy::needless_pass_by_value, reason = "the operators are as plain as can be")]

use std::error::Error as _;
use std::num::ParseIntError;
use std::time::Duration;

use ember::{At, Context, ManualClock, Stopped, prelude::*};

const STEP: Duration = Duration::from_millis(400);

/// Each of its attempts takes 400 ms. The last ends behind the deadline.
#[operator(idempotent, deadline = "1s", retry(attempts = 3, backoff = none, budget = none))]
fn read(clock: &ManualClock, _: &Context) -> Result<u16, ParseIntError> {
    clock.advance(STEP);
    "x".parse()
}

/// Notices by itself.
#[operator(timeout = "300ms")]
fn notice(clock: &ManualClock, cx: &Context) -> Result<u16, Stopped> {
    clock.advance(STEP);
    cx.check().map(|()| 1)
}

#[operator(timeout = "300ms")]
fn refuse(clock: &ManualClock, _: &Context) -> Result<u16, String> {
    clock.advance(STEP);
    Err("no luck".to_owned())
}

/// No error at all.
#[derive(Debug)]
struct Nothing;

#[operator(timeout = "300ms")]
fn nothing(clock: &ManualClock, _: &Context) -> Result<u16, Nothing> {
    clock.advance(STEP);
    Err(Nothing)
}

/// Takes failures with their nodes, and what is none of the operator's as it is.
#[derive(Debug)]
enum ByNode {
    Number,
    Graph(ember::Error),
}

impl From<At<ParseIntError>> for ByNode {
    fn from(_: At<ParseIntError>) -> Self {
        Self::Number
    }
}

impl From<ember::Error> for ByNode {
    fn from(error: ember::Error) -> Self {
        Self::Graph(error)
    }
}

/// Takes failures as a function's `?` would.
#[derive(Debug)]
enum ByFrom {
    Number,
    Nothing,
    Graph(ember::Error),
}

impl From<ParseIntError> for ByFrom {
    fn from(_: ParseIntError) -> Self {
        Self::Number
    }
}

impl From<Nothing> for ByFrom {
    fn from(_: Nothing) -> Self {
        Self::Nothing
    }
}

impl From<ember::Error> for ByFrom {
    fn from(error: ember::Error) -> Self {
        Self::Graph(error)
    }
}

graph! {
    fn plain(clock: &ManualClock) -> Result<u16, ember::Error> {
        let port = read(clock)?;
        Ok(port)
    }

    fn noticed(clock: &ManualClock) -> Result<u16, ember::Error> {
        let port = notice(clock)?;
        Ok(port)
    }

    fn refused(clock: &ManualClock) -> Result<u16, ember::Error> {
        let port = refuse(clock)?;
        Ok(port)
    }

    fn by_node(clock: &ManualClock) -> Result<u16, ByNode> {
        let port = read(clock)?;
        Ok(port)
    }

    fn by_from(clock: &ManualClock) -> Result<u16, ByFrom> {
        let port = read(clock)?;
        Ok(port)
    }

    fn of_nothing(clock: &ManualClock) -> Result<u16, ByFrom> {
        let port = nothing(clock)?;
        Ok(port)
    }
}

/// Runs a graph by a clock that its operators move.
fn run<T>(graph: impl FnOnce(&ManualClock) -> T) -> T {
    let clock = ManualClock::new();
    Context::builder().clock(clock.clone()).build().scope(|| graph(&clock))
}

#[test]
fn r05_the_failure_of_the_last_attempt_stands_behind_the_deadline() {
    let error = run(plain).unwrap_err();
    assert!(error.is_timeout());
    assert!(error.find::<ParseIntError>().is_some());
    assert_eq!(
        format!("{error:#}"),
        "node `port` (operator `read`) of graph `plain` took longer than 1s, at attempt 3: invalid digit found in string"
    );
}

#[test]
fn r05_an_operator_that_notices_the_timeout_says_what_stopped_it() {
    let error = run(noticed).unwrap_err();
    assert!(error.is_timeout() && !error.is_cancelled());
    assert_eq!(error.find::<Stopped>(), Some(&Stopped::DeadlineExceeded));
}

#[test]
fn r05_texts_stand_behind_a_timeout_as_well() {
    let error = run(refused).unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.source().unwrap().to_string(), "no luck");
}

#[test]
fn r05_an_error_type_that_takes_the_failure_itself_finds_it_behind_a_timeout() {
    let Err(ByNode::Graph(error)) = run(by_node) else { panic!("time was up") };
    assert!(error.is_timeout() && error.find::<ParseIntError>().is_some());
    let Err(ByFrom::Graph(error)) = run(by_from) else { panic!("time was up") };
    assert!(error.is_timeout() && error.find::<ParseIntError>().is_some());
}

#[test]
fn a_failure_that_is_no_error_cannot_stand_behind_one() {
    let Err(ByFrom::Graph(error)) = run(of_nothing) else { panic!("time was up") };
    assert!(error.is_timeout());
    assert!(error.source().is_none());
}
