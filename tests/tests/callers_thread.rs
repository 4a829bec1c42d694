//! A caller from outside of the pool takes part in its run, and stays where it is between the parts.

use std::rc::Rc;
use std::thread::{ThreadId, current};

use ember::prelude::*;
use ember_tests::{Gate, everywhere};

#[operator]
fn step(n: u32) -> u32 {
    n + 1
}

#[operator]
fn waits(gate: &Gate) -> ThreadId {
    gate.pass();
    current().id()
}

#[operator]
fn opens(gate: &Gate) -> ThreadId {
    gate.open();
    current().id()
}

/// Where plain Rust runs, after what it is given.
fn here<T>(_: &T) -> ThreadId {
    current().id()
}

graph! {
    /// Parallel parts one after the other, and an input that must stay where it is.
    fn at_home(n: Rc<u32>) -> (Rc<u32>, Vec<ThreadId>) {
        let count = *n;
        let items = for i in 0..count { step(i) };
        let first = { here(&items) };
        let more = for i in items { step(i) };
        let second = { here(&more) };
        (n, vec![first, second])
    }

    /// The first needs the second to run at the same time.
    fn together(gate: &Gate) -> (ThreadId, ThreadId) {
        let a = waits(gate);
        let b = opens(gate);
        (a, b)
    }
}

#[test]
fn what_stands_between_parallel_parts_stays_on_the_callers_thread() {
    everywhere(|_| {
        let caller = current().id();
        let (n, places) = at_home(Rc::new(8));
        assert_eq!((*n, places), (8, vec![caller; 2]));
    });
}

#[test]
fn the_caller_and_a_thread_of_the_pool_work_at_the_same_time() {
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    for _ in 0..100 {
        let (a, b) = cx.scope(|| together(&Gate::new()));
        assert_ne!(a, b);
        assert!([a, b].contains(&current().id()));
    }
}

#[operator]
fn open(gate: &Gate) {
    gate.open();
}

graph! {
    /// Two items that need each other.
    fn pair(gates: &[Gate; 2]) {
        for i in 0..2 { meet(gates, i) };
    }

    /// A part in a part: whoever comes to the second line, the other is idle by then and has to come.
    fn part_in_part(first: &Gate, gates: &[Gate; 2]) {
        open(first);
        late(first, gates);
    }
}

#[operator]
fn meet(gates: &[Gate; 2], i: usize) {
    gates[i].open();
    gates[1 - i].pass();
}

#[operator]
fn late(first: &Gate, gates: &[Gate; 2]) {
    first.pass();
    pair(gates);
}

#[test]
fn whoever_is_idle_helps_with_parts_of_parts() {
    if rayon::current_num_threads() < 2 {
        return;
    }
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    for _ in 0..100 {
        cx.scope(|| part_in_part(&Gate::new(), &[Gate::new(), Gate::new()]));
    }
    let pool = ember_tests::pool(2);
    for _ in 0..100 {
        pool.install(|| cx.scope(|| part_in_part(&Gate::new(), &[Gate::new(), Gate::new()])));
    }
}
