//! A `for` whose body has no value may end a graph that returns nothing, as it may end a function.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use ember::prelude::*;
use ember_tests::everywhere;

#[operator]
fn note(count: &AtomicUsize) {
    count.fetch_add(1, SeqCst);
}

graph! {
    fn items(count: &AtomicUsize) {
        for _ in 0..5 { note(count); }
    }
}

#[test]
fn a_for_may_end_a_graph_that_returns_nothing() {
    everywhere(|_| {
        let count = AtomicUsize::new(0);
        items(&count);
        assert_eq!(count.into_inner(), 5);
    });
}
