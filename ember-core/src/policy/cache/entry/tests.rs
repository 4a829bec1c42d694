use std::sync::Arc;
use std::time::Duration;

use super::{Entry, Life, Over, SHORT};

fn is_bare<V: Clone + 'static>(value: V, life: Life) -> bool {
    matches!(Entry::<V, ()>::of_value(value, 1, life), Entry::Bare { .. })
}

fn endless() -> Life {
    Life::new(0, None, None)
}

#[test]
fn no_clone_of_the_users_runs_under_a_lock() {
    #[derive(Clone)]
    struct Theirs(#[expect(dead_code, reason = "it is there to be cloned")] u64);
    assert!(!is_bare(Theirs(1), endless()));
    assert!(!is_bare(Some(1_u64), endless()), "an option can be of anything");
    assert!(!is_bare(Box::new(Theirs(1)), endless()));
    assert!(is_bare(1_u64, endless()) && is_bare("text", endless()) && is_bare(0.5_f32, endless()));
}

#[test]
fn an_arc_lies_behind_no_other() {
    struct Theirs;
    assert!(
        is_bare(Arc::new(Theirs), endless()),
        "the clone of an `Arc` is the standard library's, whatever it holds"
    );
    assert!(is_bare(Arc::<str>::from("text"), endless()));
    assert!(!is_bare(Some(Arc::new(Theirs)), endless()), "an option can be of anything");
    assert!(!is_bare(vec![Arc::new(Theirs)], endless()), "a clone takes time for each");
}

#[test]
fn no_long_text_is_cloned_under_a_lock() {
    assert!(is_bare("x".repeat(SHORT), endless()));
    assert!(!is_bare("x".repeat(SHORT + 1), endless()));
}

#[test]
fn a_use_is_noted_where_it_matters() {
    let minute = Duration::from_mins(1);
    let entry = Entry::<u64, ()>::of_value(1, 1, Life::new(0, None, Some(minute)));
    let after = u64::try_from(minute.as_nanos()).unwrap();
    assert!(entry.clone().is_used(after - 1));
    assert!(entry.is_over(after).is_none());
    assert!(matches!(entry.is_over(2 * after), Some(Over::Idle)));
    assert!(!entry.is_used(2 * after));
}

#[test]
fn a_bare_value_has_an_end_as_well() {
    assert!(is_bare(1_u64, Life::new(5, Some(Duration::from_nanos(5)), None)));
    let entry = Entry::<u64, ()>::of_value(1, 1, Life::new(5, Some(Duration::from_nanos(5)), None));
    assert!(entry.is_over(9).is_none() && entry.is_used(9) && !entry.is_used(10));
    assert!(matches!(entry.is_over(10), Some(Over::Expired)));
}
