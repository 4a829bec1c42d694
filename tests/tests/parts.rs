//! A value of which the last line only copies a part lives to the end of the run, also where that line is a task.
#![allow(clippy::needless_pass_by_value, reason = "operators that take values to drop them")]

use std::cell::Cell;

use ember::prelude::*;
use ember_tests::{Ledger, Tracked, everywhere};

/// Tells when it is dropped, and has parts to copy.
struct Guard {
    id: usize,
    pair: (usize, usize),
    retries: Option<usize>,
    held: Tracked,
}

/// The same without a destructor of its own: parts of it can be moved.
struct Record {
    id: usize,
    first: Tracked,
    _second: Tracked,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.held.ledger().value("dropping");
    }
}

#[operator]
fn guard(ledger: &Ledger, name: &str) -> Guard {
    Guard { id: 3, pair: (4, 5), retries: None, held: ledger.value(name) }
}

#[operator]
fn record(ledger: &Ledger, name: &str) -> Record {
    Record { id: 3, first: ledger.value(format!("{name}1")), _second: ledger.value(format!("{name}2")) }
}

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

#[operator]
fn note(ledger: &Ledger, name: &str, n: usize) -> usize {
    drop(ledger.value(name));
    n
}

#[operator]
fn look(value: &Tracked) -> usize {
    value.name().len()
}

#[operator]
fn eat(value: Tracked) -> usize {
    value.name().len()
}

graph! {
    fn made_and_used_in_a_chain(ledger: &Ledger) -> usize {
        let a = guard(ledger, "a");
        let n = double(a.id);
        let m = note(ledger, "beside", 1);
        n + m
    }

    fn made_and_used_in_two_tasks(ledger: &Ledger) -> usize {
        let a = guard(ledger, "a");
        let b = guard(ledger, "b");
        let n = note(ledger, "first", 1);
        #[after(n)]
        let sum = note(ledger, "sum", a.id + b.id);
        let m = note(ledger, "beside", 1);
        n + m + sum
    }

    fn given(a: Guard, b: Guard, ledger: &Ledger) -> usize {
        let n = double(a.id);
        let m = double(b.pair.1);
        let end = note(ledger, "end", n + m);
        end
    }

    fn made_before_the_tasks(ledger: &Ledger) -> usize {
        let a = { guard(ledger, "a") };
        let b = { guard(ledger, "b") };
        let n = double(b.id);
        let m = double(a.retries.unwrap_or(2));
        let (x, y) = a.pair;
        note(ledger, "end", n + m + x + y)
    }

    fn read_before(ledger: &Ledger) -> usize {
        let a = guard(ledger, "a");
        let b = guard(ledger, "b");
        let n = look(&a.held);
        let m = look(&b.held);
        let k = double(a.id);
        let end = note(ledger, "end", n + m + k);
        end
    }

    fn in_an_arm(ledger: &Ledger, yes: bool) -> usize {
        let a = guard(ledger, "a");
        let b = guard(ledger, "b");
        let n = if yes {
            let x = double(a.id);
            let y = double(b.id);
            x + y
        } else {
            0
        };
        let m = note(ledger, "beside", 1);
        n + m
    }

    fn in_items(ledger: &Ledger, guards: Vec<Guard>) -> usize {
        let all = for each in guards {
            let a = guard(ledger, "a");
            let x = double(a.id);
            let y = double(each.id);
            note(ledger, "item", x + y)
        };
        all.iter().sum()
    }

    fn part_moved(ledger: &Ledger) -> usize {
        let a = record(ledger, "a");
        let b = record(ledger, "b");
        let n = eat(a.first);
        let m = double(b.id);
        n + m
    }

    fn borrows_what_is_moved_later(ledger: &Ledger) -> usize {
        let a = record(ledger, "a");
        let view = view_of(&a);
        let n = double(view.id);
        let m = eat_record(a);
        let beside = double(n);
        let k = double(beside);
        let other = double(4);
        n + m + k + other
    }

    fn need_not_be_sync(n: usize) -> usize {
        let a = unshared(n);
        let b = unshared(n);
        let x = double(a.id);
        let y = double(b.id);
        x + y
    }

    fn generic<T: Copy + Send + Sync + Into<usize>>(ledger: &Ledger, part: T) -> usize {
        let a = hold(ledger, part);
        let b = hold(ledger, part);
        let x = convert(a.part);
        let y = convert(b.part);
        note(ledger, "end", x + y)
    }
}

struct View<'a> {
    id: usize,
    _record: &'a Record,
}

#[operator]
fn view_of(record: &Record) -> View<'_> {
    View { id: record.id, _record: record }
}

#[operator]
fn eat_record(record: Record) -> usize {
    record.first.name().len()
}

struct Holder<T> {
    part: T,
    _held: Tracked,
}

#[operator]
fn hold<T>(ledger: &Ledger, part: T) -> Holder<T> {
    Holder { part, _held: ledger.value("held") }
}

#[operator]
fn convert<T: Into<usize>>(part: T) -> usize {
    part.into()
}

struct Unshared {
    id: usize,
    _cell: Cell<u8>,
}

#[operator]
fn unshared(id: usize) -> Unshared {
    Unshared { id, _cell: Cell::new(0) }
}

#[track_caller]
fn order_of(run: impl Fn(&Ledger) -> usize) -> Vec<String> {
    let ledger = Ledger::new();
    run(&ledger);
    ledger.assert_balanced();
    ledger.order().into_iter().filter(|name| name != "dropping").collect()
}

#[test]
fn r15_a_value_with_a_copied_part_lives_to_the_end() {
    everywhere(|_| {
        assert_eq!(order_of(made_and_used_in_a_chain).last().unwrap(), "a");
        let order = order_of(made_and_used_in_two_tasks);
        assert_eq!(order[order.len() - 2..], ["b", "a"]);
        assert_eq!(
            order_of(|ledger| given(guard(ledger, "a"), guard(ledger, "b"), ledger)),
            ["end", "b", "a"]
        );
        assert_eq!(order_of(made_before_the_tasks), ["end", "b", "a"]);
        assert_eq!(order_of(read_before), ["end", "b", "a"]);
    });
}

#[test]
fn r15_a_value_with_a_copied_part_lives_to_the_end_of_its_body() {
    everywhere(|_| {
        assert_eq!(order_of(|ledger| in_an_arm(ledger, true)), ["beside", "b", "a"]);
        assert_eq!(order_of(|ledger| in_an_arm(ledger, false)), ["beside", "b", "a"]);
        let order = order_of(|ledger| in_items(ledger, vec![guard(ledger, "given")]));
        assert_eq!(order, ["item", "a", "given"]);
    });
}

#[test]
fn r15_a_value_with_a_moved_part_is_dropped_once() {
    everywhere(|_| {
        let mut order = order_of(part_moved);
        order.sort();
        assert_eq!(order, ["a1", "a2", "b1", "b2"]);
        assert_eq!(need_not_be_sync(2), 8);
        order_of(borrows_what_is_moved_later);
    });
}

#[test]
fn r15_types_decide_in_generic_graphs_too() {
    everywhere(|_| assert_eq!(order_of(|ledger| generic(ledger, 7_u8)), ["end", "held", "held"]));
}
