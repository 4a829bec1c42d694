use std::error::Error as StdError;

use super::super::{Error, Site};
use super::{Counts, Plain, at, graph, inner, outer};
use ember_graph::{Description, Kind};

fn trail(error: &Error) -> Vec<String> {
    error.trail().map(|site| format!("{}.{}", site.graph(), site.node())).collect()
}

#[test]
fn the_error_of_a_graph_is_flattened_not_wrapped() {
    let error = Error::from(at(Plain::new("bad"), inner(2, &[])));
    let error = error.__with_run(Vec::new(), 3, Counts::__new(1, 1, 1, 1), "id");
    let error = Error::from(at(error, outer(0)));

    assert_eq!((error.graph(), error.node(), error.operator()), ("inner", "z", "ops::check"));
    assert_eq!(trail(&error), ["outer.a"]);
    assert!(error.source().unwrap().is::<Plain>());
    assert_eq!((error.omitted_failures(), error.correlation_id()), (3, "id"));
    assert_eq!(
        format!("{error:#}"),
        "node `z` (operator `ops::check`) of graph `inner`, run by node `a` of graph `outer`, failed: bad"
    );
}

#[test]
fn a_boxed_error_of_a_graph_is_flattened_too() {
    let error = Error::from(at(Plain::new("bad"), inner(2, &[])));
    let boxed: Box<dyn StdError + Send + Sync> = error.into();
    assert_eq!(trail(&Error::from(at(boxed, outer(0)))), ["outer.a"]);
}

#[test]
fn the_trail_starts_with_the_outermost_graph() {
    let error = Error::from(at(Plain::new("bad"), inner(1, &[4])));
    let error = Error::from(at(Error::from(at(error, inner(1, &[2]))), outer(0)));
    assert_eq!(trail(&error), ["outer.a", "inner.x[2].y"]);
    assert_eq!(
        error.to_string(),
        "node `x[4].y` (operator `parse`) of graph `inner`, run by node `x[2].y` of graph `inner`, \
         run by node `a` of graph `outer`, failed"
    );
}

#[test]
fn other_kinds_keep_what_they_are() {
    let error = Error::from(at(Error::__panicked(inner(2, &[]), Box::new("boom")), outer(0)));
    assert_eq!(error.panic_message(), Some("boom"));
    assert_eq!(
        error.to_string(),
        "node `z` (operator `ops::check`) of graph `inner`, run by node `a` of graph `outer`, panicked: boom"
    );

    let error = Error::from(at(Error::__at_most(inner(0, &[]), 5), outer(0)));
    assert!(error.is_loop_bound());
    assert_eq!(
        error.to_string(),
        "node `x` of graph `inner`, run by node `a` of graph `outer`, \
         did not break within its bound, `#[at_most(5)]`"
    );
}

#[test]
fn a_users_enum_may_hold_the_error_of_a_graph() {
    #[derive(Debug, thiserror::Error)]
    enum Mine {
        #[error("the inner part failed")]
        Inner(#[from] Error),
        #[error("bad input")]
        Plain(#[from] super::At<Plain>),
    }
    let error = Error::from(at(Plain::new("bad"), inner(2, &[])));
    let error = Error::from(at(Mine::from(error), outer(0)));
    assert_eq!((error.graph(), error.node()), ("outer", "a"));
    assert_eq!(
        format!("{error:#}"),
        "node `a` (operator `inner`) of graph `outer` failed: the inner part failed: \
         node `z` (operator `ops::check`) of graph `inner` failed: bad"
    );

    let error = Error::from(at(Mine::from(at(Plain::new("bad"), inner(2, &[]))), outer(1)));
    assert_eq!(error.find::<Plain>().unwrap().0, "bad");
}

#[test]
fn a_deep_recursion_reads_in_one_line() {
    static SELF: Description<'static> =
        graph("dig", "dig.rs", &[super::node("deeper", "dig", Kind::Operator, None, 2)]);
    let site = || Site::__new(&SELF, 0, &[]);
    let mut error = Error::from(at(Plain::new("bottom"), site()));
    for _ in 0..1000 {
        error = at(error, site()).into();
    }
    error = at(error, outer(0)).into();

    assert_eq!(error.trail().len(), 1001);
    assert_eq!(error.trail().next().unwrap().graph(), "outer");
    let step = ", run by node `deeper` of graph `dig`".repeat(7);
    assert_eq!(
        error.to_string(),
        format!(
            "node `deeper` (operator `dig`) of graph `dig`{step}, \
             run through 993 more by node `a` of graph `outer`, failed"
        )
    );
}
