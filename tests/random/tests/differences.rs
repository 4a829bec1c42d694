//! A comparison that never fails proves nothing: each kind of difference is found where there is one.

use ember_random_graphs::agree::{Case, Input, Outcome, PAST_BOUND, inputs};
use ember_random_graphs::ops::{UnderWay, make, mark};

const CASE: Case =
    Case { seed: 0, name: "g0", source: "the source", orders: &[(1, 2)], plain: twin, graph: twin };

#[expect(clippy::unnecessary_wraps, reason = "a case gives an outcome")]
fn twin(input: &Input) -> Outcome {
    mark(&input.tally, 1, 0);
    mark(&input.tally, 2, 0);
    drop(make(&input.tally, 5));
    Ok("same".into())
}

/// Compares the twin, or `plain` in its place, with `graph`.
fn check(plain: fn(&Input) -> Outcome, graph: fn(&Input) -> Outcome) -> Result<(), String> {
    Case { plain, graph, ..CASE }.check(&inputs()[0], |run| run())
}

fn finds(what: &str, graph: fn(&Input) -> Outcome) {
    let message = check(twin, graph).expect_err("the two differ");
    assert!(
        message.contains(what) && message.contains("the source") && message.contains("seed 0"),
        "{message}"
    );
}

#[test]
fn what_is_the_same_agrees() {
    assert_eq!(check(twin, twin), Ok(()));
}

#[test]
fn another_value_or_a_failure_is_found() {
    finds("gives other", |input| twin(input).map(|_| "other".into()));
    finds("fails: no", |input| twin(input).and(Err("no".into())));
}

#[test]
fn a_value_that_is_never_dropped_is_found() {
    finds("made 1 values and dropped 0", |input| {
        mark(&input.tally, 1, 0);
        mark(&input.tally, 2, 0);
        std::mem::forget(make(&input.tally, 5));
        Ok("same".into())
    });
}

#[test]
fn a_value_that_is_dropped_in_the_place_of_another_is_found() {
    finds("made 2 values and dropped 2, and the value 0 2 times", |input| {
        mark(&input.tally, 1, 0);
        mark(&input.tally, 2, 0);
        let value = make(&input.tally, 5);
        drop(value.counted_as_this());
        std::mem::forget(make(&input.tally, 6));
        Ok("same".into())
    });
}

#[test]
fn a_for_that_has_too_many_items_under_way_is_found() {
    finds("had 2 items of a `for` under way, and not 1 at most", |input| {
        mark(&input.tally, 1, 0);
        mark(&input.tally, 2, 0);
        drop(make(&input.tally, 5));
        drop([UnderWay::new(&input.tally, 4), UnderWay::new(&input.tally, 4)]);
        Ok("same".into())
    });
}

#[test]
fn a_value_that_is_made_twice_is_found() {
    finds("made 2 values instead of 1", |input| {
        drop(make(&input.tally, 5));
        twin(input)
    });
}

#[test]
fn a_node_that_ran_never_or_twice_is_found() {
    finds("set the marks [1] instead of [1, 2]", |input| {
        mark(&input.tally, 1, 0);
        drop(make(&input.tally, 5));
        Ok("same".into())
    });
    finds("set the marks [1, 1, 2] instead of [1, 2]", |input| {
        mark(&input.tally, 1, 0);
        twin(input)
    });
}

#[test]
fn a_wrong_order_is_found() {
    finds("set the mark 2 before 1", |input| {
        mark(&input.tally, 2, 0);
        mark(&input.tally, 1, 0);
        drop(make(&input.tally, 5));
        Ok("same".into())
    });
}

#[test]
fn after_a_failure_later_nodes_may_have_run_and_earlier_ones_must_have() {
    let plain = |input: &Input| {
        mark(&input.tally, 1, 0);
        Err("no".into())
    };
    assert_eq!(check(plain, |input| twin(input).and(Err("no".into()))), Ok(()));
    assert!(check(plain, |_| Err("no".into())).is_err());
}

#[test]
fn past_its_bound_any_error_will_do() {
    let plain = |_: &Input| Err(PAST_BOUND.into());
    assert_eq!(check(plain, |_| Err("turned too often".into())), Ok(()));
    assert!(check(plain, |_| Ok("same".into())).is_err());
}
