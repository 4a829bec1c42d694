use std::error::Error as StdError;

use super::super::Error;
use super::{INNER, OUTER, Plain, at, inner, outer};
use crate::{Context, Stopped};

#[test]
fn a_run_stopped_before_a_node_says_which() {
    let error = Error::__stopped(Some(inner(1, &[3])), &INNER, Stopped::Cancelled);
    assert!(error.is_cancelled() && !error.is_timeout());
    assert_eq!(error.to_string(), "graph `inner` was cancelled before node `x[3].y` started");
    assert!(error.source().is_none());
    assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));

    let error = Error::__stopped(Some(inner(2, &[])), &INNER, Stopped::DeadlineExceeded);
    assert!(error.is_timeout() && !error.is_cancelled());
    assert_eq!(error.to_string(), "the deadline passed before node `z` of graph `inner` started");

    let error = Error::from(at(error, outer(0)));
    assert!(error.is_timeout());
    assert_eq!(
        error.to_string(),
        "the deadline passed before node `z` of graph `inner`, run by node `a` of graph `outer`, started"
    );
}

#[test]
fn a_run_may_stop_outside_of_all_nodes() {
    let error = Error::__stopped(None, &OUTER, Stopped::Cancelled);
    assert_eq!((error.graph(), error.node(), error.operator()), ("outer", "", ""));
    assert!(error.site().is_none() && error.__outermost_site().is_none());
    assert_eq!(format!("{error:#}"), "graph `outer` was cancelled");

    let error = Error::__stopped(None, &INNER, Stopped::DeadlineExceeded);
    assert_eq!(error.to_string(), "the deadline passed before graph `inner` was done");
    let error = Error::from(at(error, outer(0)));
    assert_eq!(
        error.to_string(),
        "the deadline passed before graph `inner`, run by node `a` of graph `outer`, was done"
    );
    assert_eq!(error.__outermost_site().unwrap().node(), "a");
}

#[test]
fn stopping_as_a_whole_stands_behind_the_nodes() {
    let others = vec![Error::__stopped(None, &INNER, Stopped::Cancelled)];
    let error = Error::from(at("bad", inner(2, &[])));
    let error = error.__with_run(others, 0, super::Counts::default(), "");
    assert_eq!(
        super::failures(&error),
        ["node `z` (operator `ops::check`) of graph `inner` failed: bad", "graph `inner` was cancelled"]
    );
}

#[test]
fn an_operator_that_checks_its_context_reports_the_reason() {
    let cx = Context::builder().build();
    cx.cancel();
    let error = Error::from(at(cx.check().unwrap_err(), inner(2, &[])));
    assert!(error.is_cancelled());
    assert_eq!(
        format!("{error:#}"),
        "node `z` (operator `ops::check`) of graph `inner` was cancelled: the run was cancelled"
    );
    assert!(error.source().unwrap().is::<Stopped>());
}

#[test]
fn an_operator_may_report_the_reason_as_an_ember_error() {
    let cx = Context::builder().build();
    cx.cancel();
    let ask = || -> Result<(), Error> { Ok(cx.check()?) };
    let error = ask().unwrap_err();
    assert!(error.is_cancelled() && !error.is_timeout());
    assert_eq!((error.graph(), error.node(), error.operator()), ("", "", ""));
    assert_eq!(format!("{error:#}"), "the run was cancelled");
    assert_eq!(format!("{error:?}"), "the run was cancelled");
    assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));

    let error = Error::from(at(error, inner(2, &[])));
    assert!(error.is_cancelled());
    assert_eq!((error.graph(), error.node(), error.trail().len()), ("inner", "z", 0));
    assert_eq!(
        format!("{error:#}"),
        "node `z` (operator `ops::check`) of graph `inner` was cancelled: the run was cancelled"
    );
    assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));

    let error = Error::from(at(error, outer(0)));
    assert_eq!((error.graph(), error.node(), error.trail().len()), ("inner", "z", 1));
    assert!(Error::from(Stopped::DeadlineExceeded).is_timeout());
}

#[test]
fn the_reason_is_seen_through_the_operators_own_errors() {
    let error = Error::from(at(
        Plain::from("no answer", Plain::from("asking", Stopped::DeadlineExceeded)),
        inner(2, &[]),
    ));
    assert!(error.is_timeout() && !error.is_cancelled());
    assert_eq!(error.source().unwrap().downcast_ref::<Plain>().unwrap().0, "no answer");
    assert_eq!(
        format!("{error:#}"),
        "node `z` (operator `ops::check`) of graph `inner` stopped at the deadline: \
         no answer: asking: the deadline passed"
    );

    // A graph's error has no `Stopped` below it, but is one.
    let graph = Error::__stopped(None, &INNER, Stopped::Cancelled);
    let error = Error::from(at(Plain::from("the inner part", graph), outer(0)));
    assert!(error.is_cancelled());
    assert_eq!(error.find::<Error>().unwrap().graph(), "inner");
}

#[test]
fn other_failures_are_no_stop() {
    let error = Error::from(at(Plain::from("bad", "the run was cancelled"), outer(0)));
    assert!(!error.is_cancelled() && !error.is_timeout());
    assert!(error.find::<Stopped>().is_none());
    assert!(!Error::__panicked(outer(0), Box::new(Stopped::Cancelled)).is_cancelled());
}
