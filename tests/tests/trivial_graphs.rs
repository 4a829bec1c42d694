//! Graphs with no node, one node, no value.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use ember::prelude::*;
use ember_tests::everywhere;

#[operator]
fn one(n: u8) -> u8 {
    n + 1
}

#[operator]
fn note(count: &AtomicUsize) {
    count.fetch_add(1, SeqCst);
}

#[operator]
fn refuse(n: u8) -> Result<u8, String> {
    Err(format!("{n} on purpose"))
}

graph! {
    fn nothing() {}

    fn nothing_fallible() -> Result<(), ember::Error> {
        Ok(())
    }

    fn given(n: u8) -> u8 {
        n
    }

    fn borrowed(text: &str) -> &str {
        text
    }

    fn only_glue(n: u8) -> Result<u8, ember::Error> {
        let m = n.checked_add(1).ok_or("too large")?;
        Ok(m)
    }

    fn single(n: u8) -> u8 {
        one(n)
    }

    fn single_fallible(n: u8) -> Result<u8, ember::Error> {
        Ok(refuse(n)?)
    }

    fn single_tried(n: u8) -> Result<u8, ember::Error> {
        Ok({ let m = n; m })
    }

    fn single_failing(n: u8) -> Result<u8, ember::Error> {
        let m = refuse(n)?;
        Ok(m)
    }

    fn unit(count: &AtomicUsize) {
        let () = note(count);
    }

    fn units(count: &AtomicUsize) {
        note(count);
        note(count);
        note(count);
    }

    fn unit_tail(count: &AtomicUsize) {
        note(count);
        note(count)
    }

    fn unit_fallible(count: &AtomicUsize, n: u8) -> Result<(), ember::Error> {
        note(count);
        let _m = refuse(n)?;
        note(count);
        Ok(())
    }

    fn unit_items(count: &AtomicUsize) {
        for _ in 0..5 { note(count); }
        note(count);
    }

    fn item_units(count: &AtomicUsize) -> Vec<()> {
        for _ in 0..5 { note(count); }
    }
}

#[test]
fn a_graph_without_nodes_is_its_value() {
    everywhere(|_| {
        nothing();
        nothing_fallible().unwrap();
        assert_eq!((given(3), borrowed("x")), (3, "x"));
        assert_eq!(only_glue(3).unwrap(), 4);
        let error = only_glue(255).unwrap_err();
        assert_eq!((error.graph(), error.node(), error.operator()), ("only_glue", "m", ""));
        assert_eq!(single_tried(3).unwrap(), 3);
    });
    assert!(nothing::describe().nodes.is_empty());
}

#[test]
fn a_graph_of_one_node_is_that_node() {
    everywhere(|_| {
        assert_eq!(single(1), 2);
        assert_eq!(
            std::error::Error::source(&single_fallible(1).unwrap_err()).unwrap().to_string(),
            "1 on purpose"
        );
        assert_eq!(single_failing(1).unwrap_err().node(), "m");
    });
    assert_eq!(single::describe().nodes.len(), 1);
}

#[test]
fn a_graph_may_return_no_value() {
    everywhere(|_| {
        let count = AtomicUsize::new(0);
        unit(&count);
        units(&count);
        unit_tail(&count);
        unit_items(&count);
        assert_eq!(count.load(SeqCst), 12);
        assert_eq!(item_units(&count).len(), 5);
        assert_eq!(unit_fallible(&count, 1).unwrap_err().operator(), "refuse");
    });
}
