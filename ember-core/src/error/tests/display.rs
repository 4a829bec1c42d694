use super::super::{Error, Site};
use super::{Counts, Plain, at, inner, outer};

#[test]
fn one_line_says_what_failed() {
    let error = Error::from(at(Plain::from("bad", Plain::new("worse")), inner(1, &[3])));
    assert_eq!(error.to_string(), "node `x[3].y` (operator `parse`) of graph `inner` failed");
    assert_eq!(format!("{error:#}"), "node `x[3].y` (operator `parse`) of graph `inner` failed: bad: worse");

    let error = Error::from(at(Plain::new("bad"), outer(1)));
    assert_eq!(error.to_string(), "node `b` of graph `outer` failed");
}

#[test]
fn a_loop_says_its_bound() {
    let error = Error::__at_most(inner(0, &[]), 10);
    assert!(error.is_loop_bound());
    assert_eq!(
        error.to_string(),
        "node `x` of graph `inner` did not break within its bound, `#[at_most(10)]`"
    );
}

#[test]
fn the_least_report_is_the_failure_and_its_place() {
    let error = Error::__panicked(inner(2, &[]), Box::new("boom"));
    let report = "node `z` (operator `ops::check`) of graph `inner` panicked: boom\n  at inner.rs:6:9";
    assert_eq!(error.report().to_string(), report);
    assert_eq!(format!("{error:?}"), report);
    assert_eq!(format!("{error:#?}"), report);
}

#[test]
fn the_report_tells_all() {
    let error = Error::from(at(Plain::from("bad", Plain::new("worse\nthan that")), inner(1, &[3])));
    let error = Error::from(at(error, outer(0)));
    let others = vec![
        Error::__panicked(outer(1), Box::new("left: 1\nright: 2")),
        Error::from(at(Plain::from("ugly", Plain::new("bleak")), inner(2, &[]))),
    ];
    let error = error.__with_run(others, 5, Counts::__new(4, 7, 1, 2), "order-17");

    assert_eq!(
        format!("{error:?}"),
        "\
node `x[3].y` (operator `parse`) of graph `inner`, run by node `a` of graph `outer`, failed
  at inner.rs:5:9
  run at outer.rs:2:9

Caused by:
  0: bad
  1: worse
     than that

Also failed:
  node `b` of graph `outer` panicked: left: 1
  right: 2
  node `z` (operator `ops::check`) of graph `inner` failed: ugly: bleak
  and 5 more

Nodes: 4 finished, 7 failed, 1 cancelled, 2 not started
Correlation id: order-17"
    );
}

#[test]
fn a_single_cause_has_no_number() {
    let error = Error::from(at("bad\nthing", outer(1)));
    assert_eq!(
        format!("{error:?}"),
        "node `b` of graph `outer` failed\n  at outer.rs:3:9\n\nCaused by:\n  bad\n  thing"
    );
}

#[test]
fn sites_read_plainly() {
    let site: Site = inner(1, &[3]);
    assert_eq!(site.to_string(), "node `x[3].y` (operator `parse`) of graph `inner`");
    assert_eq!(
        format!("{site:?}"),
        r#"Site { graph: "inner", node: "x[3].y", operator: "parse", at: inner.rs:5:9 }"#
    );
}
