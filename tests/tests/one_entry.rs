//! A run that goes parallel several times enters the pool once, if its inputs and its value may change threads.

use std::rc::Rc;
use std::thread::{ThreadId, current};

use ember::{graph, operator};
use ember_tests::everywhere;

#[operator]
fn step(n: u32) -> u32 {
    n + 1
}

/// Where plain Rust runs, after what it is given.
fn here<T>(_: &T) -> (ThreadId, bool) {
    (current().id(), rayon::current_thread_index().is_some())
}

graph! {
    /// A `for`, two nodes side by side, and a `for` again, with plain Rust between them.
    fn thrice(n: u32) -> Vec<(ThreadId, bool)> {
        let items = for i in 0..n { step(i) };
        let first = { here(&items) };
        let a = step(items.len() as u32);
        let b = step(n);
        let second = { here(&(a, b)) };
        let more = for i in 0..a { step(i) };
        let third = { here(&more) };
        vec![first, second, third]
    }

    /// The same with an input that must stay where it is.
    fn at_home(n: Rc<u32>) -> (Rc<u32>, Vec<(ThreadId, bool)>) {
        let count = *n;
        let items = for i in 0..count { step(i) };
        let first = { here(&items) };
        let more = for i in items { step(i) };
        let second = { here(&more) };
        (n, vec![first, second])
    }
}

#[test]
fn the_lines_between_parallel_parts_stay_in_the_pool() {
    let caller = current().id();
    for _ in 0..100 {
        let places = thrice(8);
        assert!(places.iter().all(|(thread, in_pool)| *in_pool && *thread != caller), "{places:?}");
    }
}

#[test]
fn a_run_whose_types_stay_at_home_does_too() {
    let caller = current().id();
    let (n, places) = at_home(Rc::new(8));
    assert_eq!((*n, places), (8, vec![(caller, false); 2]));
}

#[test]
fn a_run_inside_the_pool_stays_there() {
    everywhere(|_| {
        let (_, in_pool) = here(&());
        if in_pool {
            assert!(thrice(8).iter().all(|(_, in_pool)| *in_pool));
        }
    });
}
