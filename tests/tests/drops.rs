//! Every value is dropped exactly once: moved values at the move, the others in reverse source order at the end of
//! the run.
#![allow(clippy::needless_pass_by_value, reason = "operators that take values to drop them")]

use ember::prelude::*;
use ember_tests::{Ledger, Tracked, everywhere, message_of};

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

#[operator]
fn eat_all(values: Vec<Tracked>) -> usize {
    values.len()
}

#[operator]
fn look_all(values: &[Tracked]) -> usize {
    values.len()
}

#[operator]
fn join(a: &Tracked, b: &Tracked, name: &str) -> Tracked {
    a.ledger().value(format!("{name}({},{})", a.name(), b.name()))
}

#[operator]
fn end(ledger: &Ledger, how: How) -> Result<usize, String> {
    let _held = ledger.value("held");
    match how {
        How::Well => Ok(0),
        How::Failing => Err("on purpose".to_owned()),
        How::Panicking => panic!("on purpose"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Well,
    Failing,
    Panicking,
}

const ENDINGS: [How; 3] = [How::Well, How::Failing, How::Panicking];

#[operator]
fn split(ledger: &Ledger) -> (Tracked, Tracked) {
    (ledger.value("left"), ledger.value("right"))
}

#[operator]
fn is_long(value: &Tracked) -> bool {
    value.name().len() > 3
}

graph! {
    fn ordered(ledger: &Ledger) -> usize {
        let a = make(ledger, "a");
        let b = make(ledger, "b");
        let c = derive(&a, "c");
        let d = derive(&b, "d");
        let e = join(&c, &d, "e");
        let n = look(&e);
        let m = look(&a);
        n + m
    }

    fn chained(ledger: &Ledger) -> usize {
        let a = make(ledger, "a");
        let b = derive(&a, "b");
        let c = derive(&b, "c");
        let d = derive(&c, "d");
        let n = look(&d);
        n
    }

    fn interleaved(ledger: &Ledger) -> usize {
        let a = make(ledger, "a");
        let x = make(ledger, "x");
        let b = derive(&a, "b");
        let y = derive(&x, "y");
        let c = derive(&b, "c");
        let z = derive(&y, "z");
        let n = look(&c);
        let m = look(&z);
        n + m
    }

    fn unused(ledger: &Ledger) -> usize {
        let _a = make(ledger, "a");
        let b = make(ledger, "b");
        let _c = make(ledger, "c");
        let n = look(&b);
        n
    }

    fn endings(ledger: &Ledger, how: How) -> Result<usize, ember::Error> {
        let a = make(ledger, "a");
        let b = make(ledger, "b");
        let c = derive(&a, "c");
        let n = end(ledger, how)?;
        let d = derive(&b, "d");
        let m = look(&d);
        let eaten = eat(a);
        Ok(n + m + eaten + c.name().len())
    }

    fn ends_last(ledger: &Ledger, how: How) -> Result<usize, ember::Error> {
        let a = make(ledger, "a");
        let b = make(ledger, "b");
        let c = derive(&a, "c");
        let d = derive(&b, "d");
        let e = join(&c, &b, "e");
        let n = end(ledger, how)?;
        let m = look(&d);
        Ok(n + m + e.name().len())
    }

    fn items(ledger: &Ledger, ends: &[How]) -> Result<usize, ember::Error> {
        let given = make(ledger, "given");
        let all = for how in ends {
            let own = derive(&given, "own");
            let more = derive(&own, "more");
            let n = end(ledger, *how)?;
            let eaten = eat(own);
            let _ = n + eaten;
            more
        };
        let count = look_all(&all);
        let eaten = eat_all(all);
        Ok(count + eaten)
    }

    fn moved_items(ledger: &Ledger, names: Vec<Tracked>, how: How) -> Result<usize, ember::Error> {
        let sizes = for name in names {
            let n = look(&name);
            let passed = pass_on(name);
            let size = eat(passed);
            let more = end(ledger, how)?;
            n + size + more
        };
        Ok(sizes.len())
    }

    fn arrays(ledger: &Ledger, how: How) -> Result<usize, ember::Error> {
        let pair = [make(ledger, "a"), make(ledger, "b")];
        let both = (make(ledger, "c"), make(ledger, "d"));
        let n = end(ledger, how)?;
        let m = look_all(&pair);
        Ok(n + m + both.0.name().len())
    }

    fn patterns(ledger: &Ledger, how: How) -> Result<usize, ember::Error> {
        let (left, right) = split(ledger);
        let other = make(ledger, "other");
        let n = end(ledger, how)?;
        let eaten = eat(left);
        let seen = look(&right);
        Ok(n + eaten + seen + other.name().len())
    }

    fn branches(ledger: &Ledger, name: &str, how: How) -> Result<usize, ember::Error> {
        let a = make(ledger, name);
        let b = make(ledger, "b");
        let n = if is_long(&a) {
            let inner = derive(&a, "inner");
            let k = end(ledger, how)?;
            let seen = look(&inner);
            let more = look(&inner);
            k + seen + more
        } else {
            let eaten = eat(a);
            let k = end(ledger, how)?;
            eaten + k
        };
        let m = look(&b);
        Ok(n + m)
    }

    fn refine(ledger: &Ledger, turns: usize, how: How) -> Result<usize, ember::Error> {
        let mut best = make(ledger, "start");
        let other = make(ledger, "other");
        #[at_most(5)]
        let done = loop {
            let better = derive(&best, "better!");
            let beside = derive(&best, "beside");
            let worse = join(&better, &beside, "worse");
            if worse.ledger().made() > turns { break worse }
            best = better;
        };
        let n = end(ledger, how)?;
        Ok(n + done.name().len() + other.name().len())
    }

    fn nested(ledger: &Ledger, how: How) -> Result<usize, ember::Error> {
        let a = make(ledger, "a");
        let x = endings(ledger, how)?;
        let y = endings(ledger, How::Well)?;
        Ok(x + y + a.name().len())
    }

    fn parameters(one: Tracked, two: Tracked, how: How) -> Result<usize, ember::Error> {
        let a = look(&one);
        let n = end(two.ledger(), how)?;
        let b = eat(one);
        Ok(a + b + n)
    }

    fn returned(ledger: &Ledger) -> (Tracked, usize) {
        let a = make(ledger, "a");
        let b = make(ledger, "b");
        let n = look(&b);
        let m = look(&a);
        (a, n + m)
    }

    fn results(ledger: &Ledger) -> usize {
        let a = make(ledger, "a");
        let b = keep(&a, true);
        let c = keep(&a, false);
        let n = usize::from(b.is_ok()) + usize::from(c.is_ok());
        n
    }
}

#[operator]
fn keep(value: &Tracked, well: bool) -> Result<Tracked, Tracked> {
    if well { Ok(value.clone()) } else { Err(value.clone()) }
}

fn order_of(run: impl Fn(&Ledger) -> usize) -> Vec<String> {
    let ledger = Ledger::new();
    run(&ledger);
    ledger.assert_balanced();
    ledger.order()
}

#[test]
fn r15_values_are_dropped_in_reverse_source_order() {
    everywhere(|_| assert_eq!(order_of(ordered), ["e(c,d)", "d", "c", "b", "a"]));
}

#[test]
fn r15_values_of_a_chain_are_dropped_in_reverse_source_order() {
    everywhere(|_| assert_eq!(order_of(chained), ["d", "c", "b", "a"]));
}

#[test]
fn r15_values_of_parallel_chains_are_dropped_in_reverse_source_order() {
    everywhere(|_| assert_eq!(order_of(interleaved), ["z", "c", "y", "b", "x", "a"]));
}

#[test]
fn r15_unused_values_live_to_the_end_of_the_run() {
    everywhere(|_| assert_eq!(order_of(unused), ["c", "b", "a"]));
}

#[test]
fn r15_the_order_of_drops_is_the_same_however_the_run_ends() {
    everywhere(|_| {
        for how in ENDINGS {
            let ledger = Ledger::new();
            let _ = ends_last(&ledger, how);
            let order: Vec<String> = ledger.order().into_iter().filter(|name| name != "held").collect();
            assert_eq!(order, ["e(c,b)", "d", "c", "b", "a"], "{how:?}");
        }
    });
}

/// Runs a graph until it ends well, fails and panics, and checks its books each time.
#[track_caller]
fn check(run: impl Fn(&Ledger, How) -> Result<usize, ember::Error> + Send + Sync) {
    everywhere(|strategy| {
        for how in ENDINGS {
            let ledger = Ledger::new();
            let outcome = run(&ledger, how);
            assert_eq!(outcome.is_ok(), how == How::Well, "{strategy:?} {how:?}");
            if let Err(error) = outcome {
                assert_eq!(error.is_panic(), how == How::Panicking);
            }
            ledger.assert_balanced();
        }
    });
}

#[test]
fn r15_each_value_is_dropped_once_however_the_run_ends() {
    check(endings);
}

#[test]
fn r15_each_value_is_dropped_once_in_items() {
    check(|ledger, how| items(ledger, &[How::Well, how, How::Well]));
    check(|ledger, how| items(ledger, &[how; 50]));
    check(|ledger, how| if how == How::Well { items(ledger, &[]) } else { items(ledger, &[how]) });
}

#[test]
fn r15_each_item_is_dropped_once() {
    check(|ledger, how| moved_items(ledger, (0..40).map(|i| ledger.value(i.to_string())).collect(), how));
}

#[test]
fn r15_each_value_is_dropped_once_in_arrays_and_tuples() {
    check(arrays);
}

#[test]
fn r15_each_part_of_a_pattern_is_dropped_once() {
    check(patterns);
}

#[test]
fn r15_each_value_is_dropped_once_in_branches() {
    check(|ledger, how| branches(ledger, "long", how));
    check(|ledger, how| branches(ledger, "a", how));
}

#[test]
fn r15_each_value_is_dropped_once_in_loops() {
    check(|ledger, how| refine(ledger, 6, how));
}

#[test]
fn r15_each_value_is_dropped_once_when_a_loop_reaches_its_bound() {
    everywhere(|_| {
        let ledger = Ledger::new();
        assert!(refine(&ledger, usize::MAX, How::Well).unwrap_err().is_loop_bound());
        ledger.assert_balanced();
    });
}

#[test]
fn r15_each_value_is_dropped_once_in_nested_graphs() {
    check(nested);
}

#[test]
fn r15_each_parameter_is_dropped_once() {
    check(|ledger, how| parameters(ledger.value("one"), ledger.value("two"), how));
}

#[test]
fn r15_each_value_is_dropped_once_when_the_run_is_cancelled() {
    everywhere(|strategy| {
        let cx = Context::builder().strategy(strategy).build();
        cx.cancel();
        let ledger = Ledger::new();
        let error = cx.scope(|| parameters(ledger.value("one"), ledger.value("two"), How::Well)).unwrap_err();
        assert!(error.is_cancelled());
        ledger.assert_balanced();
    });
}

#[test]
fn r15_a_returned_value_belongs_to_the_caller() {
    everywhere(|_| {
        let ledger = Ledger::new();
        let (a, _) = returned(&ledger);
        assert_eq!(ledger.order(), ["b"]);
        drop(a);
        ledger.assert_balanced();
    });
}

#[test]
fn r15_results_that_are_values_are_dropped_once() {
    everywhere(|_| assert_eq!(order_of(results), ["a", "a", "a"]));
}

graph! {
    fn panics_plainly(ledger: &Ledger) -> usize {
        let a = make(ledger, "a");
        let b = make(ledger, "b");
        let c = burst(&a);
        let d = look(&b);
        c + d + eat_both(a, b)
    }
}

#[operator]
fn burst(value: &Tracked) -> usize {
    panic!("{} on purpose", value.name())
}

fn eat_both(a: Tracked, b: Tracked) -> usize {
    drop((a, b));
    0
}

#[test]
fn r15_each_value_is_dropped_once_when_a_panic_goes_on() {
    everywhere(|_| {
        let ledger = Ledger::new();
        assert!(message_of(|| panics_plainly(&ledger)).contains("a on purpose"));
        ledger.assert_balanced();
    });
}
