//! A moved value is dropped where it is moved, also where a task holds tasks of its own.
#![allow(clippy::needless_pass_by_value, reason = "operators that take values to drop them")]

use std::thread::{self, JoinHandle};

use ember::prelude::*;
use ember_tests::{Ledger, Tracked, everywhere};

#[operator]
fn make(ledger: &Ledger, name: &str) -> Tracked {
    ledger.value(name)
}

#[operator]
fn derive(from: &Tracked, name: &str) -> Tracked {
    from.ledger().value(name)
}

#[operator]
fn look(value: &Tracked) -> usize {
    value.name().len()
}

#[operator]
fn eat(value: Tracked) -> usize {
    value.name().len()
}

#[operator]
fn pass_on(value: Tracked) -> Tracked {
    value
}

graph! {
    fn moved(ledger: &Ledger) -> usize {
        let a = make(ledger, "a");
        let b = make(ledger, "b");
        let c = derive(&a, "c");
        let n = look(&a);
        let eaten = eat(a);
        let passed = pass_on(b);
        n + eaten + passed.name().len() + c.name().len()
    }
}

fn order_of(run: impl Fn(&Ledger) -> usize) -> Vec<String> {
    let ledger = Ledger::new();
    run(&ledger);
    ledger.assert_balanced();
    ledger.order()
}

#[test]
fn r15_moved_values_are_dropped_at_the_move() {
    everywhere(|_| {
        // `a` at the move, then the rest: `passed` (which holds b) was made after c.
        assert_eq!(order_of(moved), ["a", "b", "c"]);
    });
}

#[operator]
fn start(n: usize) -> JoinHandle<usize> {
    thread::spawn(move || n + 1)
}

#[operator]
fn found(ledger: &Ledger, name: &str) -> Option<Tracked> {
    (!name.is_empty()).then(|| ledger.value(name))
}

graph! {
    /// Methods that take what they are called on, by names that others have for borrowing.
    fn by_method(ledger: &Ledger) -> (usize, bool) {
        let one = start(1);
        let two = start(2);
        let a = found(ledger, "a");
        let b = found(ledger, "b");
        let n = one.join().unwrap();
        let m = two.join().unwrap();
        let has_a = a.is_some_and(|a| eat(a) == 1);
        let has_b = b.is_none_or(|b| eat(b) == 1);
        (n + m, has_a && has_b)
    }
}

#[test]
fn a_method_takes_what_it_is_called_on() {
    everywhere(|_| {
        let ledger = Ledger::new();
        assert_eq!(by_method(&ledger), (5, true));
        ledger.assert_balanced();
    });
}
