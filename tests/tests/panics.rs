//! A panic of a node becomes the error of a graph that returns a `Result`; out of any other graph it goes on with the
//! node's name.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Barrier;

use ember::NodePanic;
use ember::prelude::*;
use ember_tests::{everywhere, in_parallel, message_of};

#[operator]
fn grow(n: u32) -> u32 {
    n + 1
}

#[operator]
fn boom(n: u32) -> u32 {
    assert!(n < 10, "{n} is too much, on purpose");
    n
}

#[operator]
fn boom_together(together: &Barrier, n: u32) -> u32 {
    together.wait();
    panic!("{n} on purpose")
}

#[operator]
fn is_large(n: u32) -> bool {
    assert!(n < 10, "{n} is too large, on purpose");
    n > 3
}

#[operator]
fn not_zero(n: u32) -> u32 {
    assert_ne!(n, 0, "on purpose");
    n
}

/// A payload that is no text.
#[derive(Debug, PartialEq)]
struct Code(u32);

#[operator]
fn boom_with(n: u32) -> u32 {
    if n < 10 { n } else { panic_any(Code(n)) }
}

/// A payload that panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped on purpose");
    }
}

#[operator]
fn boom_with_bomb(n: u32) -> u32 {
    if n < 10 { n } else { panic_any(Bomb) }
}

#[operator]
fn bombs_together(together: &Barrier) -> u32 {
    together.wait();
    panic_any(Bomb)
}

/// A value that panics when it is dropped.
struct Brittle(bool);

impl Drop for Brittle {
    fn drop(&mut self) {
        assert!(!self.0 || std::thread::panicking(), "a value was dropped on purpose");
    }
}

#[operator]
fn brittle(breaks: bool) -> Brittle {
    Brittle(breaks)
}

#[operator]
fn look(value: &Brittle) -> u32 {
    u32::from(value.0)
}

#[operator]
fn hold(values: &[Brittle]) -> usize {
    values.len()
}

graph! {
    fn failing(n: u32) -> Result<u32, ember::Error> {
        let a = grow(n);
        let b = boom(n);
        let c = grow(b);
        Ok(a + c)
    }

    fn plain(n: u32) -> u32 {
        let a = grow(n);
        let b = boom(n);
        let c = grow(b);
        a + c
    }

    fn two(together: &Barrier) -> Result<u32, ember::Error> {
        let a = boom_together(together, 1);
        let b = boom_together(together, 2);
        Ok(a + b)
    }

    fn two_plain(together: &Barrier) -> u32 {
        let a = boom_together(together, 1);
        let b = boom_together(together, 2);
        a + b
    }

    fn typed(n: u32) -> u32 {
        let a = grow(n);
        let b = boom_with(n);
        a + b
    }

    fn typed_failing(n: u32) -> Result<u32, ember::Error> {
        let a = grow(n);
        let b = boom_with(n);
        Ok(a + b)
    }

    fn around_typed(n: u32) -> u32 {
        let x = typed(n);
        let y = grow(n);
        x + y
    }

    fn bomb(n: u32) -> Result<u32, ember::Error> {
        let a = grow(n);
        let b = boom_with_bomb(n);
        Ok(a + b)
    }

    fn bomb_plain(n: u32) -> u32 {
        let a = grow(n);
        let b = boom_with_bomb(n);
        a + b
    }

    fn two_bombs(together: &Barrier) -> u32 {
        let a = bombs_together(together);
        let b = bombs_together(together);
        a + b
    }

    fn in_glue(n: u32) -> Result<u32, ember::Error> {
        let a = grow(n);
        let b = { if a > 10 { panic!("glue on purpose") } else { a } };
        let c = grow(b);
        let d = grow(n);
        Ok(c + d)
    }

    fn in_tail(n: u32) -> Result<u32, ember::Error> {
        let a = grow(n);
        let b = grow(n);
        Ok({ assert!(a + b < 10, "tail on purpose"); a + b })
    }

    fn in_condition(n: u32) -> Result<u32, ember::Error> {
        let a = if is_large(n) { grow(n) } else { not_zero(n) };
        Ok(a)
    }

    fn in_item(ns: &[u32]) -> Result<Vec<u32>, ember::Error> {
        let all = for n in ns { let m = grow(*n); boom(m) };
        Ok(all)
    }

    fn in_item_plain(ns: &[u32]) -> Vec<u32> {
        let all = for n in ns { boom(*n) };
        all
    }

    fn in_iterator(n: u32) -> Result<Vec<u32>, ember::Error> {
        let other = grow(n);
        let all = for i in (0..n).inspect(|i| assert!(*i < 5, "iterator on purpose")) { grow(i) };
        Ok([all, vec![other]].concat())
    }

    fn nested(n: u32) -> Result<u32, ember::Error> {
        let x = failing(n)?;
        let y = grow(n);
        Ok(x + y)
    }

    fn nested_plain(n: u32) -> Result<u32, ember::Error> {
        let x = plain(n);
        let y = grow(n);
        Ok(x + y)
    }

    fn plain_nested(n: u32) -> u32 {
        let x = plain(n);
        let y = grow(n);
        x + y
    }

    fn dropping(breaks: bool) -> Result<u32, ember::Error> {
        let value = brittle(breaks);
        let one = look(&value);
        let two = look(&value);
        Ok(one + two)
    }

    fn dropping_plain(breaks: bool) -> u32 {
        let value = brittle(breaks);
        let one = look(&value);
        let two = look(&value);
        one + two
    }

    fn dropping_items(breaks: bool) -> Result<usize, ember::Error> {
        let values = for i in 0..3 { brittle(breaks && i == 1) };
        let size = hold(&values);
        let other = hold(&values);
        Ok(size + other)
    }
}

#[test]
fn a_panic_becomes_an_error_that_names_the_node() {
    everywhere(|_| {
        assert_eq!(failing(1).unwrap(), 4);
        let error = failing(10).unwrap_err();
        assert!(error.is_panic());
        assert_eq!((error.graph(), error.node(), error.operator()), ("failing", "b", "boom"));
        assert_eq!(error.panic_message(), Some("10 is too much, on purpose"));
        assert_eq!((error.nodes().failed, error.nodes().not_started), (1, 1));
        // The plain function panics; so can its caller.
        let payload = error.into_panic().unwrap();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "10 is too much, on purpose");
    });
}

#[test]
fn a_panic_goes_on_out_of_a_graph_that_returns_no_result() {
    everywhere(|_| {
        assert_eq!(plain(1), 4);
        let message = message_of(|| plain(10));
        for part in ["node `b`", "operator `boom`", "graph `plain`", "10 is too much, on purpose"] {
            assert!(message.contains(part), "{part} is missing in {message}");
        }
    });
}

#[test]
fn two_panics_at_once_are_both_told() {
    for threads in [2, 8] {
        in_parallel(threads, || {
            for _ in 0..20 {
                let error = two(&Barrier::new(2)).unwrap_err();
                let told: Vec<_> = error.failures().map(|f| (f.node(), f.panic_message())).collect();
                assert_eq!(told, [("a", Some("1 on purpose")), ("b", Some("2 on purpose"))]);
                let message = message_of(|| two_plain(&Barrier::new(2)));
                assert!(message.contains("node `a`") && message.contains("1 on purpose"), "{message}");
            }
        });
    }
}

#[test]
fn a_typed_payload_arrives_as_a_node_panic() {
    everywhere(|_| {
        assert_eq!(typed(1), 3);
        let payload = catch_unwind(|| typed(10)).unwrap_err();
        let panic = payload.downcast::<NodePanic>().unwrap();
        assert_eq!((panic.graph(), &*panic.node(), panic.operator()), ("typed", "b", "boom_with"));
        assert_eq!(panic.payload().downcast_ref::<Code>(), Some(&Code(10)));
    });
}

#[test]
fn a_typed_payload_passes_nested_graphs() {
    everywhere(|_| {
        let panic = catch_unwind(|| around_typed(10)).unwrap_err().downcast::<NodePanic>().unwrap();
        assert_eq!((panic.graph(), &*panic.node()), ("typed", "b"));
        let trail: Vec<_> = panic.trail().map(|site| site.node().into_owned()).collect();
        assert_eq!(trail, ["x"]);
        assert_eq!(panic.into_payload().downcast_ref::<Code>(), Some(&Code(10)));
    });
}

#[test]
fn a_typed_payload_can_be_taken_out_of_an_error() {
    everywhere(|_| {
        let error = typed_failing(10).unwrap_err();
        assert_eq!((error.node(), error.panic_message()), ("b", None));
        assert_eq!(error.into_panic().unwrap().downcast_ref::<Code>(), Some(&Code(10)));
    });
}

#[test]
fn a_payload_whose_drop_panics_does_no_harm() {
    everywhere(|_| {
        let error = bomb(10).unwrap_err();
        assert_eq!((error.node(), error.is_panic()), ("b", true));
        drop(error);
        let payload = catch_unwind(|| bomb_plain(10)).unwrap_err();
        assert!(payload.is::<NodePanic>());
        drop(payload);
        assert_eq!(bomb(1).unwrap(), 3);
    });
}

#[test]
fn of_two_payloads_whose_drop_panics_one_arrives() {
    in_parallel(2, || {
        let payload = catch_unwind(AssertUnwindSafe(|| two_bombs(&Barrier::new(2)))).unwrap_err();
        let panic = payload.downcast::<NodePanic>().unwrap();
        assert_eq!(panic.node(), "a");
    });
}

#[test]
fn a_panic_in_glue_names_its_line() {
    everywhere(|_| {
        let error = in_glue(10).unwrap_err();
        assert_eq!((error.graph(), error.node(), error.operator()), ("in_glue", "b", ""));
        assert_eq!(error.panic_message(), Some("glue on purpose"));
        let error = in_tail(10).unwrap_err();
        assert_eq!(
            (error.graph(), error.operator(), error.panic_message()),
            ("in_tail", "", Some("tail on purpose"))
        );
    });
}

#[test]
fn a_panic_in_a_condition_or_a_branch_names_its_node() {
    everywhere(|_| {
        assert_eq!(in_condition(5).unwrap(), 6);
        let error = in_condition(10).unwrap_err();
        assert_eq!((error.operator(), error.is_panic()), ("is_large", true));
        let error = in_condition(0).unwrap_err();
        assert_eq!((error.operator(), error.is_panic()), ("not_zero", true));
    });
}

#[test]
fn a_panic_in_an_item_names_the_item() {
    everywhere(|_| {
        let error = in_item(&[1, 2, 9, 3]).unwrap_err();
        assert_eq!((error.operator(), error.panic_message()), ("boom", Some("10 is too much, on purpose")));
        assert!(error.node().starts_with("all[2]"), "{}", error.node());
        let message = message_of(|| in_item_plain(&[1, 10]));
        assert!(message.contains("node `all[1]`"), "{message}");
    });
}

#[test]
fn a_panic_in_the_iterator_of_a_for_names_the_for() {
    everywhere(|_| {
        let error = in_iterator(9).unwrap_err();
        assert_eq!((error.graph(), error.panic_message()), ("in_iterator", Some("iterator on purpose")));
        assert!(error.node().starts_with("all"), "{}", error.node());
    });
}

#[test]
fn a_panic_in_a_nested_graph_names_both() {
    everywhere(|_| {
        for error in [nested(10).unwrap_err(), nested_plain(10).unwrap_err()] {
            assert!(error.is_panic());
            let text = error.to_string();
            assert!(text.contains("`b`") && text.contains("`boom`") && text.contains("nested"), "{text}");
            assert!(format!("{error:?}").contains("too much"), "{error:?}");
        }
        let message = message_of(|| plain_nested(10));
        for part in ["node `b`", "`plain`", "`x`", "`plain_nested`", "too much"] {
            assert!(message.contains(part), "{part} is missing in {message}");
        }
    });
}

#[test]
fn a_panic_in_a_drop_at_the_end_of_the_run_does_not_escape_a_result() {
    everywhere(|_| {
        assert_eq!(dropping(false).unwrap(), 0);
        let error = dropping(true).unwrap_err();
        assert!(error.is_panic());
        assert_eq!(
            (error.graph(), error.panic_message()),
            ("dropping", Some("a value was dropped on purpose"))
        );
        // It belongs to no node: all of them had ended.
        assert_eq!(
            error.to_string(),
            "graph `dropping`, when its values were dropped, panicked: a value was dropped on purpose"
        );
        assert_eq!((error.nodes().failed, error.nodes().not_started), (1, 0));
        let message = message_of(|| dropping_plain(true));
        assert!(message.contains("a value was dropped on purpose"), "{message}");
        let error = dropping_items(true).unwrap_err();
        assert_eq!(error.panic_message(), Some("a value was dropped on purpose"));
    });
}

#[test]
fn the_pool_is_usable_after_panics() {
    for threads in [1, 2, 8] {
        in_parallel(threads, || {
            for _ in 0..50 {
                assert!(failing(10).is_err());
                assert!(in_item(&[9; 100]).is_err());
                assert!(catch_unwind(|| bomb_plain(10)).is_err());
            }
            assert_eq!(failing(1).unwrap(), 4);
            assert_eq!(in_item(&[1; 100]).unwrap(), [2; 100]);
        });
    }
}
