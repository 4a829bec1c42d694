//! A failure stops the nodes that stand later in the source; earlier ones finish. So the error is the one that the
//! plain function gives.

use std::sync::{Arc, Mutex};

use ember::prelude::*;
use ember_tests::{Gate, everywhere, in_parallel};

/// What ran, in order.
#[derive(Debug, Default)]
struct Log(Mutex<Vec<&'static str>>);

impl Log {
    fn add(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }

    fn has(&self, what: &str) -> bool {
        self.0.lock().unwrap().contains(&what)
    }
}

#[operator]
fn step(log: &Log, what: &'static str) -> &'static str {
    log.add(what);
    what
}

#[operator]
fn follow(log: &Log, _before: &str, what: &'static str) -> &'static str {
    log.add(what);
    what
}

/// Waits for the gate, then does as told.
#[operator]
fn late(log: &Log, gate: &Gate, what: &'static str, fails: bool) -> Result<&'static str, String> {
    gate.pass();
    log.add(what);
    if fails { Err(format!("{what} failed")) } else { Ok(what) }
}

/// Fails. In a pool of two, whose other thread waits at the gate, the gate opens once the failure is known: the
/// job that opens it is run by the thread at hand, after the node.
#[operator]
fn early(log: &Log, gate: &Arc<Gate>, what: &'static str) -> Result<&'static str, String> {
    log.add(what);
    let gate = Arc::clone(gate);
    rayon::spawn(move || gate.open());
    Err(format!("{what} failed"))
}

#[operator]
fn early_panic(log: &Log, gate: &Arc<Gate>, what: &'static str) -> &'static str {
    log.add(what);
    let gate = Arc::clone(gate);
    rayon::spawn(move || gate.open());
    panic!("{what} on purpose")
}

graph! {
    fn both_fail(log: &Log, gate: &Arc<Gate>) -> Result<usize, ember::Error> {
        let a = late(log, gate, "a", true)?;
        let b = early(log, gate, "b")?;
        Ok(a.len() + b.len())
    }

    fn later_fails(log: &Log, gate: &Arc<Gate>, a_fails: bool) -> Result<usize, ember::Error> {
        let a = late(log, gate, "a", a_fails)?;
        let a2 = follow(log, a, "a2");
        let b = early(log, gate, "b")?;
        let c = follow(log, a, "c");
        Ok(a2.len() + b.len() + c.len())
    }

    fn later_panics(log: &Log, gate: &Arc<Gate>) -> Result<usize, ember::Error> {
        let a = late(log, gate, "a", false)?;
        let a2 = follow(log, a, "a2");
        let b = early_panic(log, gate, "b");
        let c = follow(log, a, "c");
        Ok(a2.len() + b.len() + c.len())
    }

    #[fail_fast]
    fn fast(log: &Log, gate: &Arc<Gate>) -> Result<usize, ember::Error> {
        let a = late(log, gate, "a", false)?;
        let a2 = follow(log, a, "a2");
        let b = early(log, gate, "b")?;
        let c = follow(log, a, "c");
        Ok(a2.len() + b.len() + c.len())
    }

    fn items(log: &Log, gate: &Arc<Gate>) -> Result<Vec<&'static str>, ember::Error> {
        let all = for i in 0..2 { {
            if i == 0 { gate.pass(); log.add("item 0"); Err("item 0 failed")? } else {
                log.add("item 1");
                let gate = Arc::clone(gate);
                rayon::spawn(move || gate.open());
                Err("item 1 failed")?
            }
        } };
        Ok(all)
    }

    fn in_item(log: &Log, gate: &Arc<Gate>) -> Result<usize, ember::Error> {
        let all = for i in 0..2 { {
            if i == 0 {
                gate.pass();
                log.add("item 0");
                0
            } else {
                log.add("item 1");
                let gate = Arc::clone(gate);
                rayon::spawn(move || gate.open());
                Err("item 1 failed")?
            }
        } };
        let after = step(log, "after");
        let sum: usize = all.iter().sum();
        Ok(sum + after.len())
    }

    fn source_order(first: bool, second: bool, third: bool) -> Result<usize, ember::Error> {
        let a = maybe("a", first)?;
        let b = maybe("b", second)?;
        let c = maybe("c", third)?;
        Ok(a + b + c)
    }
}

#[operator]
fn maybe(what: &'static str, fails: bool) -> Result<usize, String> {
    if fails { Err(format!("{what} failed")) } else { Ok(what.len()) }
}

#[test]
fn the_first_failure_in_the_source_is_reported_though_a_later_one_came_first() {
    in_parallel(2, || {
        let (log, gate) = (Log::default(), Arc::default());
        let error = both_fail(&log, &gate).unwrap_err();
        assert_eq!(error.node(), "a");
        assert_eq!(error.failures().map(ember::Error::node).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(*log.0.lock().unwrap(), ["b", "a"]);
    });
}

#[test]
fn earlier_nodes_start_and_finish_after_a_later_failure() {
    in_parallel(2, || {
        let (log, gate) = (Log::default(), Arc::default());
        let error = later_fails(&log, &gate, false).unwrap_err();
        assert_eq!(error.node(), "b");
        assert_eq!(*log.0.lock().unwrap(), ["b", "a", "a2"]);
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.not_started), (2, 1, 1));
    });
}

#[test]
fn an_earlier_node_that_fails_later_takes_over() {
    in_parallel(2, || {
        let (log, gate) = (Log::default(), Arc::default());
        let error = later_fails(&log, &gate, true).unwrap_err();
        assert_eq!(error.node(), "a");
        assert!(!log.has("a2") && !log.has("c"));
    });
}

#[test]
fn a_panic_stops_what_a_failure_stops() {
    in_parallel(2, || {
        let (log, gate) = (Log::default(), Arc::default());
        let error = later_panics(&log, &gate).unwrap_err();
        assert_eq!((error.node(), error.is_panic()), ("b", true));
        assert_eq!(*log.0.lock().unwrap(), ["b", "a", "a2"]);
    });
}

#[test]
fn fail_fast_stops_earlier_nodes_too() {
    in_parallel(2, || {
        let (log, gate) = (Log::default(), Arc::default());
        let error = fast(&log, &gate).unwrap_err();
        assert_eq!(error.node(), "b");
        assert_eq!(*log.0.lock().unwrap(), ["b", "a"]);
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.not_started), (1, 1, 2));
    });
}

#[test]
fn of_two_items_the_first_in_order_is_reported() {
    in_parallel(2, || {
        let (log, gate) = (Log::default(), Arc::default());
        let error = items(&log, &gate).unwrap_err();
        assert_eq!(error.node(), "all[0]");
        assert_eq!(*log.0.lock().unwrap(), ["item 1", "item 0"]);
        assert_eq!(error.failures().map(ember::Error::node).collect::<Vec<_>>(), ["all[0]", "all[1]"]);
    });
}

#[test]
fn an_earlier_item_finishes_after_a_later_one_failed() {
    in_parallel(2, || {
        let (log, gate) = (Log::default(), Arc::default());
        let error = in_item(&log, &gate).unwrap_err();
        assert_eq!(error.node(), "all[1]");
        assert_eq!(*log.0.lock().unwrap(), ["item 1", "item 0"]);
    });
}

#[test]
fn the_reported_error_is_that_of_the_plain_function() {
    everywhere(|_| {
        for case in 0..8 {
            let (a, b, c) = (case & 1 != 0, case & 2 != 0, case & 4 != 0);
            let expected =
                || -> Result<usize, String> { Ok(maybe("a", a)? + maybe("b", b)? + maybe("c", c)?) };
            match (expected(), source_order(a, b, c)) {
                (Ok(expected), Ok(got)) => assert_eq!(expected, got),
                (Err(expected), Err(error)) => {
                    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), expected);
                }
                (expected, got) => panic!("{expected:?} became {got:?}"),
            }
        }
    });
}

#[operator]
fn plus_one(n: usize) -> usize {
    n + 1
}

graph! {
    /// What `numbers` feeds waits for a line below it.
    fn feeds_a_later_line(text: &str, n: usize) -> Result<Vec<usize>, ember::Error> {
        let numbers: Vec<usize> = for word in text.split(' ') { word.parse::<usize>()? };
        let copied = numbers.to_vec();
        let beside = plus_one(n);
        let less = n.checked_sub(1).ok_or("nothing is less")?;
        let sums = for number in &copied { plus_one(number + less) };
        Ok([sums, vec![beside]].concat())
    }
}

#[test]
fn plain_rust_that_fails_comes_before_a_failure_below_it_whatever_it_feeds() {
    for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
        let cx = Context::builder().strategy(strategy).build();
        let error = cx.scope(|| feeds_a_later_line("1 x", 0)).unwrap_err();
        assert_eq!(error.node(), "numbers[1]", "{strategy:?}");
        let error = cx.scope(|| feeds_a_later_line("1 2", 0)).unwrap_err();
        assert_eq!(error.node(), "less", "{strategy:?}");
        assert_eq!(cx.scope(|| feeds_a_later_line("1 2", 4)).ok(), Some(vec![5, 6, 5]));
    }
}
