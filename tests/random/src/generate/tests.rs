//! The rules of ownership on which the generator relies.

use super::types::Ty;
use super::values::{Id, Scope, State, Use, Value};

fn scope(values: &[(&str, Ty, &[Id])]) -> Scope {
    let value = |(at, (name, ty, from)): (usize, &(&str, Ty, &[Id]))| Value {
        id: at + 1,
        name: (*name).into(),
        ty: ty.clone(),
        mutable: true,
        state: State::Alive,
        from: from.to_vec(),
        block: 0,
        island: None,
        frozen: false,
        pinned: false,
        read: false,
        used: false,
    };
    Scope { values: values.iter().enumerate().map(value).collect() }
}

fn names(scope: &Scope) -> Vec<&str> {
    scope.usable().map(|value| value.name.as_str()).collect()
}

#[test]
fn a_moved_value_takes_its_borrowers_along() {
    let mut scope = scope(&[("s", Ty::Text, &[]), ("words", Ty::Str.list(), &[1]), ("other", Ty::Text, &[])]);
    assert!(scope.allows(1, Use::Take));
    scope.apply(1, Use::Take);
    assert_eq!(names(&scope), ["other"]);
}

#[test]
fn a_guard_holds_what_it_borrows_until_it_is_moved() {
    let mut scope = scope(&[("value", Ty::Tracked, &[]), ("view", Ty::View, &[1])]);
    assert!(!scope.allows(1, Use::Take) && !scope.allows(1, Use::Change) && scope.allows(1, Use::Read));
    scope.apply(2, Use::Take);
    assert!(scope.allows(1, Use::Take));
}

#[test]
fn a_guard_that_moved_in_one_branch_only_still_holds() {
    let mut before = scope(&[("value", Ty::Tracked, &[]), ("view", Ty::View, &[1])]);
    let mut moved = before.clone();
    moved.apply(2, Use::Take);
    let kept = before.clone();
    before.join(&[moved, kept]);
    assert_eq!(names(&before), ["value"]);
    assert!(!before.allows(1, Use::Take));
}

#[test]
fn what_a_repeated_body_sees_it_may_only_read() {
    let mut scope = scope(&[("s", Ty::Text, &[])]);
    let free = scope.freeze();
    assert!(!scope.allows(1, Use::Take) && !scope.allows(1, Use::Change) && scope.allows(1, Use::Read));
    scope.thaw(&free);
    assert!(scope.allows(1, Use::Take));
}

#[test]
fn an_inner_name_hides_the_outer_one_even_when_it_is_dead() {
    let mut scope = scope(&[("s", Ty::Text, &[]), ("s", Ty::Text, &[])]);
    scope.apply(2, Use::Take);
    assert!(names(&scope).is_empty());
}
