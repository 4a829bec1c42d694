//! All failures of a run are collected, in source order, and what became of the other nodes is counted.

use std::sync::Barrier;

use ember::prelude::*;
use ember_tests::{Gate, everywhere, in_parallel};

#[derive(Debug, PartialEq)]
struct Refused(usize);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "number {} was refused", self.0)
    }
}

impl std::error::Error for Refused {}

/// Fails once all that take part have started.
#[operator]
fn refuse(together: &Barrier, number: usize) -> Result<usize, Refused> {
    together.wait();
    Err(Refused(number))
}

#[operator]
fn refuse_if(number: usize, refused: bool) -> Result<usize, Refused> {
    if refused { Err(Refused(number)) } else { Ok(number) }
}

/// Fails behind one gate and opens the next.
#[operator]
fn refuse_in_turn(before: &Gate, after: &Gate, number: usize) -> Result<usize, Refused> {
    before.pass();
    after.open();
    Err(Refused(number))
}

#[operator]
fn pass(gate: &Gate, number: usize) -> usize {
    gate.pass();
    number
}

#[operator]
fn panic_together(together: &Barrier, number: usize) -> usize {
    together.wait();
    panic!("number {number} on purpose")
}

#[operator]
fn step(number: usize) -> usize {
    number + 1
}

#[operator]
fn stop_itself(cx: &Context, number: usize) -> Result<usize, ember::Stopped> {
    cx.cancel();
    cx.check()?;
    Ok(number)
}

graph! {
    fn items(together: &Barrier, count: usize) -> Result<Vec<usize>, ember::Error> {
        let all = for number in 0..count { refuse(together, number)? };
        Ok(all)
    }

    fn three(gates: &[Gate; 4]) -> Result<usize, ember::Error> {
        let a = refuse_in_turn(&gates[2], &gates[3], 0)?;
        let b = refuse_in_turn(&gates[1], &gates[2], 1)?;
        let c = refuse_in_turn(&gates[0], &gates[1], 2)?;
        Ok(a + b + c)
    }

    fn mixed(together: &Barrier) -> Result<usize, ember::Error> {
        let a = refuse(together, 0)?;
        let b = panic_together(together, 1);
        let c = refuse(together, 2)?;
        let d = panic_together(together, 3);
        Ok(a + b + c + d)
    }

    fn chain(refused: bool) -> Result<usize, ember::Error> {
        let a = step(0);
        let b = step(a);
        let c = refuse_if(b, refused)?;
        let d = step(c);
        let e = step(d);
        let f = step(e);
        Ok(f)
    }

    fn diamond(refused: usize) -> Result<usize, ember::Error> {
        let a = step(0);
        let b = refuse_if(a, refused == 1)?;
        let c = refuse_if(a, refused == 2)?;
        let d = step(b + c);
        Ok(d)
    }

    fn beside(gate: &Gate) -> Result<usize, ember::Error> {
        let a = pass(gate, 1);
        let b = step(a);
        let c = refuse_if(3, true)?;
        let d = step(c);
        Ok(b + d)
    }

    fn counted_items(count: usize, refused: usize) -> Result<Vec<usize>, ember::Error> {
        let first = step(0);
        let all = for number in 0..count { let n = step(number + first - 1); refuse_if(n - 1, number == refused)? };
        let last = step(all.len());
        Ok([all, vec![last]].concat())
    }

    fn cancelled() -> Result<usize, ember::Error> {
        let a = step(0);
        let b = stop_itself(a)?;
        let c = step(b);
        Ok(c)
    }

    fn nested(together: &Barrier) -> Result<usize, ember::Error> {
        let a = pair(together)?;
        let b = pair(together)?;
        Ok(a + b)
    }

    fn pair(together: &Barrier) -> Result<usize, ember::Error> {
        let x = refuse(together, 1)?;
        let y = refuse(together, 2)?;
        Ok(x + y)
    }
}

fn told(error: &ember::Error) -> Vec<String> {
    error.failures().map(|failure| failure.node().to_owned()).collect()
}

#[test]
fn r07_all_failures_of_a_run_are_collected_in_source_order() {
    in_parallel(4, || {
        for _ in 0..20 {
            // The last one fails first.
            let gates = [Gate::new(), Gate::new(), Gate::new(), Gate::new()];
            gates[0].open();
            let error = three(&gates).unwrap_err();
            assert_eq!(error.node(), "a");
            let failures: Vec<_> =
                error.failures().map(|f| (f.node(), f.find::<Refused>().unwrap().0)).collect();
            assert_eq!(failures, [("a", 0), ("b", 1), ("c", 2)]);
            assert_eq!(error.omitted_failures(), 0);
            assert_eq!((error.nodes().failed, error.nodes().finished, error.nodes().not_started), (3, 0, 0));
        }
    });
}

#[test]
fn r07_of_a_hundred_failures_the_first_64_are_kept_whole_and_the_rest_is_counted() {
    in_parallel(100, || {
        let error = items(&Barrier::new(100), 100).unwrap_err();
        assert_eq!(error.node(), "all[0]");
        assert_eq!(told(&error), (0..64).map(|i| format!("all[{i}]")).collect::<Vec<_>>());
        for (i, failure) in error.failures().enumerate() {
            assert_eq!(failure.find::<Refused>(), Some(&Refused(i)));
        }
        assert_eq!(error.omitted_failures(), 36);
        assert_eq!((error.nodes().failed, error.nodes().finished), (100, 0));
    });
}

#[test]
fn r07_panics_and_failures_stand_in_one_order() {
    in_parallel(4, || {
        let error = mixed(&Barrier::new(4)).unwrap_err();
        assert_eq!(told(&error), ["a", "b", "c", "d"]);
        assert_eq!(
            error.failures().map(ember::Error::is_panic).collect::<Vec<_>>(),
            [false, true, false, true]
        );
        assert_eq!(error.nodes().failed, 4);
    });
}

#[test]
fn r07_failures_of_nested_graphs_are_collected_too() {
    in_parallel(4, || {
        let error = nested(&Barrier::new(4)).unwrap_err();
        let places: Vec<_> = error
            .failures()
            .map(|failure| {
                let outer = failure.trail().next().unwrap();
                (outer.node().into_owned(), failure.node().to_owned())
            })
            .collect();
        let expected = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")];
        assert_eq!(places, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    });
}

#[test]
fn r07_what_did_not_start_is_counted() {
    everywhere(|_| {
        assert_eq!(chain(false).unwrap(), 5);
        let nodes = chain(true).unwrap_err().nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled, nodes.not_started), (2, 1, 0, 3));
    });
}

#[test]
fn r07_every_node_is_counted_once_whichever_fails() {
    everywhere(|strategy| {
        assert_eq!(diamond(0).unwrap(), 3);
        let nodes = diamond(2).unwrap_err().nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled, nodes.not_started), (2, 1, 0, 1));
        let nodes = diamond(1).unwrap_err().nodes();
        assert_eq!((nodes.failed, nodes.cancelled), (1, 0));
        assert_eq!(nodes.finished + nodes.not_started, 3);
        if strategy == Strategy::Sequential {
            assert_eq!(nodes.finished, 1);
        }
    });
}

#[test]
fn r07_nodes_beside_a_failure_that_finish_are_counted_as_finished() {
    everywhere(|_| {
        let gate = Gate::new();
        gate.open();
        let nodes = beside(&gate).unwrap_err().nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled, nodes.not_started), (2, 1, 0, 1));
    });
}

#[test]
fn r07_nodes_of_items_count_once_per_item() {
    everywhere(|strategy| {
        assert_eq!(counted_items(3, 9).unwrap(), [0, 1, 2, 4]);
        let nodes = counted_items(5, 4).unwrap_err().nodes();
        // Before: 1. Items 0 to 3: 8, and the first node of item 4. After: 1.
        assert_eq!((nodes.finished, nodes.failed, nodes.not_started), (10, 1, 1));
        let nodes = counted_items(5, 2).unwrap_err().nodes();
        assert_eq!((nodes.failed, nodes.cancelled), (1, 0));
        if strategy == Strategy::Sequential {
            // What no item asked for is not counted.
            assert_eq!((nodes.finished, nodes.not_started), (6, 1));
        } else {
            assert!(nodes.finished >= 6, "{nodes}");
        }
    });
}

#[test]
fn r07_a_node_that_was_stopped_is_counted_as_cancelled() {
    everywhere(|strategy| {
        let cx = Context::builder().strategy(strategy).build();
        let error = cx.scope(cancelled).unwrap_err();
        assert!(error.is_cancelled());
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled, nodes.not_started), (1, 0, 1, 1));
    });
}
