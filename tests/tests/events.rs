//! What runs tell those who observe them: which nodes ran, in which order, and how each ended.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::Barrier;
use std::time::Duration;

use ember::observe::{EventKind, Recorded, Recorder};
use ember::{ManualClock, prelude::*};
use ember_tests::STRATEGIES;

#[derive(Debug, thiserror::Error)]
#[error("{0} is not wanted")]
struct Unwanted(&'static str);

#[operator]
fn next(n: u32) -> u32 {
    n + 1
}

#[operator]
fn sum(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn even(n: u32) -> Result<u32, Unwanted> {
    if n.is_multiple_of(2) { Ok(n) } else { Err(Unwanted("an odd number")) }
}

#[operator]
fn at_most_ten(n: u32) -> u32 {
    assert!(n <= 10, "too many");
    n
}

#[operator]
fn until(n: u32, most: u32) -> bool {
    n >= most
}

#[operator]
fn meet(barrier: &Barrier) -> u32 {
    barrier.wait();
    1
}

#[operator]
fn stop(n: u32, cx: &Context) -> u32 {
    cx.cancel();
    n
}

#[operator]
fn passes(n: u32, clock: &ManualClock) -> u32 {
    clock.advance(Duration::from_secs(u64::from(n)));
    n
}

#[operator]
fn asks(n: u32, cx: &Context) -> Result<u32, ember::Stopped> {
    cx.cancel();
    cx.check()?;
    Ok(n)
}

graph! {
    fn chain(n: u32) -> u32 {
        let a = next(n);
        let b = next(a);
        next(b)
    }

    fn diamond(n: u32) -> u32 {
        let top = next(n);
        let left = next(top);
        let right = next(top);
        let bottom = sum(left, right);
        bottom
    }

    fn meeting(barrier: &Barrier) -> u32 {
        let left = meet(barrier);
        let right = meet(barrier);
        sum(left, right)
    }

    fn items(ns: &[u32]) -> u32 {
        let made = for n in ns {
            let once = next(*n);
            next(once)
        };
        made.into_iter().sum()
    }

    fn either(n: u32) -> u32 {
        let found = if n > 10 { next(n) } else { sum(n, n) };
        next(found)
    }

    fn turns(most: u32) -> Result<u32, ember::Error> {
        let mut n = 0;
        #[at_most(5)]
        let found = loop {
            n = next(n);
            if until(n, most) { break n; }
        };
        Ok(found)
    }

    fn outer(n: u32) -> u32 {
        let first = next(n);
        let inside = chain(first);
        next(inside)
    }

    fn fails(n: u32) -> Result<u32, ember::Error> {
        let first = even(n)?;
        let second = even(first + 1)?;
        let third = even(second)?;
        Ok(third)
    }

    fn both(n: u32) -> Result<u32, ember::Error> {
        let first = even(n)?;
        let second = even(n)?;
        Ok(first + second)
    }

    fn some(ns: &[u32]) -> Result<Vec<u32>, ember::Error> {
        let made = for n in ns { even(*n)? };
        Ok(made)
    }

    fn breaks(n: u32) -> u32 {
        let first = next(n);
        let second = at_most_ten(first);
        next(second)
    }

    fn stopped(n: u32) -> Result<u32, ember::Error> {
        let first = stop(n);
        let second = even(first)?;
        Ok(second)
    }

    fn stops_itself(n: u32) -> Result<u32, ember::Error> {
        let first = asks(n)?;
        Ok(first)
    }

    fn late(n: u32, clock: &ManualClock) -> Result<u32, ember::Error> {
        let first = passes(n, clock);
        let second = passes(first, clock);
        let third = even(second)?;
        Ok(third)
    }
}

/// What is told of a run under a strategy.
fn told<R>(strategy: Strategy, run: impl FnOnce() -> R) -> (R, Vec<Recorded>) {
    let recorder = Recorder::new(10_000);
    let cx = Context::builder().strategy(strategy).observer(recorder.clone()).build();
    let outcome = cx.scope(run);
    assert_eq!(recorder.dropped(), 0);
    (outcome, recorder.events())
}

/// `a started`, `a finished` and so on: one line for each event.
fn lines(events: &[Recorded]) -> Vec<String> {
    let line = |event: &Recorded| {
        let kind = format!("{:?}", event.kind);
        if event.node.is_empty() { kind } else { format!("{} {kind}", event.node) }
    };
    events.iter().map(line).collect()
}

/// Where an event stands.
fn at(events: &[Recorded], node: &str, kind: EventKind) -> usize {
    let found = events.iter().position(|event| event.node == node && event.kind == kind);
    found.unwrap_or_else(|| panic!("{node} {kind:?} is told in {:#?}", lines(events)))
}

/// That each node that started ended once, later, and inside of its run.
fn whole(events: &[Recorded]) {
    for (i, event) in events.iter().enumerate() {
        let same = |other: &&Recorded| (other.run, &other.node) == (event.run, &event.node);
        let (before, after) = events.split_at(i);
        match event.kind {
            EventKind::NodeStarted => {
                let ends = after.iter().filter(same).filter(|other| other.kind.is_node_end()).count();
                assert_eq!(ends, 1, "{event:?} in {:#?}", lines(events));
            }
            kind if kind.is_node_end() => {
                let started = |other: &Recorded| other.kind == EventKind::NodeStarted;
                assert_eq!(before.iter().filter(same).filter(|other| started(other)).count(), 1);
            }
            kind if kind.is_run_end() => {
                assert!(after[1..].iter().all(|other| other.run != event.run), "{:#?}", lines(events));
            }
            _ => {}
        }
    }
    let count = |is: fn(EventKind) -> bool| events.iter().filter(|event| is(event.kind)).count();
    assert_eq!(count(|kind| kind == EventKind::RunStarted), count(EventKind::is_run_end));
}

#[test]
fn a_chain_is_told_node_by_node() {
    for strategy in STRATEGIES {
        let (value, events) = told(strategy, || chain(1));
        assert_eq!(value, 4);
        let expected = [
            "RunStarted",
            "a NodeStarted",
            "a NodeFinished",
            "b NodeStarted",
            "b NodeFinished",
            "result NodeStarted",
            "result NodeFinished",
            "RunFinished",
        ];
        assert_eq!(lines(&events), expected, "{strategy:?}");
        whole(&events);
        let first = &events[0];
        assert!(events.iter().all(|event| event.run == first.run && event.graph == "chain"));
        assert!(events.iter().all(|event| event.correlation_id == first.correlation_id));
        assert_eq!(events[1].operator, "next");
        assert_eq!(first.parent, None);
    }
}

#[test]
fn a_diamond_is_told_along_its_edges() {
    use EventKind::{NodeFinished, NodeStarted};
    for strategy in STRATEGIES {
        for _ in 0..50 {
            let (value, events) = told(strategy, || diamond(1));
            assert_eq!(value, 6);
            whole(&events);
            assert_eq!(events.len(), 2 + 2 * 4);
            for (from, to) in [("top", "left"), ("top", "right"), ("left", "bottom"), ("right", "bottom")] {
                assert!(at(&events, from, NodeFinished) < at(&events, to, NodeStarted), "{from} to {to}");
            }
        }
    }
}

#[test]
fn nodes_beside_each_other_are_told_from_their_threads() {
    let barrier = Barrier::new(2);
    let (value, events) = told(Strategy::Parallel, || meeting(&barrier));
    assert_eq!(value, 2);
    whole(&events);
    let [left, right] = ["left", "right"].map(|node| at(&events, node, EventKind::NodeStarted));
    assert_ne!(events[left].thread, events[right].thread);
    let first_end = events.iter().position(|event| event.kind.is_node_end()).unwrap();
    assert!(left < first_end && right < first_end);
}

#[test]
fn items_are_told_with_their_numbers() {
    use EventKind::{NodeFinished, NodeStarted};
    for strategy in STRATEGIES {
        let (value, events) = told(strategy, || items(&[1, 2, 3]));
        assert_eq!(value, 12);
        whole(&events);
        assert_eq!(events.len(), 2 + 2 * 6);
        for i in 0..3 {
            let (once, twice) = (format!("made[{i}].once"), format!("made[{i}]"));
            assert!(at(&events, &once, NodeFinished) < at(&events, &twice, NodeStarted));
        }
    }
}

#[test]
fn of_a_branch_only_what_ran_is_told() {
    for strategy in STRATEGIES {
        let (_, events) = told(strategy, || either(20));
        let expected = [
            "RunStarted",
            "found.then NodeStarted",
            "found.then NodeFinished",
            "result NodeStarted",
            "result NodeFinished",
            "RunFinished",
        ];
        let found: Vec<_> = lines(&events);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert!(found[1].ends_with("NodeStarted") && found[2].ends_with("NodeFinished"), "{found:?}");
        assert_eq!(events[1].operator, "next");
        let (_, events) = told(strategy, || either(2));
        assert_eq!(events[1].operator, "sum");
    }
}

#[test]
fn turns_are_told_with_their_numbers() {
    for strategy in STRATEGIES {
        let (value, events) = told(strategy, || turns(3).unwrap());
        assert_eq!(value, 3);
        whole(&events);
        assert_eq!(events.len(), 2 + 2 * 6);
        for turn in 0..3 {
            let of_turn = events.iter().filter(|event| event.node.contains(&format!("[{turn}]")));
            assert_eq!(of_turn.count(), 4, "{:#?}", lines(&events));
        }
    }
}

#[test]
fn a_graph_inside_a_graph_tells_whose_node_it_is() {
    for strategy in STRATEGIES {
        let (value, events) = told(strategy, || outer(1));
        assert_eq!(value, 6);
        whole(&events);
        let inner: Vec<&Recorded> = events.iter().filter(|event| event.graph == "chain").collect();
        assert_eq!(inner.len(), 8);
        assert!(inner.iter().all(|event| event.parent == events[0].run && event.run != events[0].run));
        let around =
            at(&events, "inside", EventKind::NodeStarted)..at(&events, "inside", EventKind::NodeFinished);
        let places: Vec<usize> = (0..events.len()).filter(|&i| events[i].graph == "chain").collect();
        assert!(places.iter().all(|place| around.contains(place)));
    }
}

#[test]
fn a_failure_is_told_with_the_operators_own_text() {
    for strategy in STRATEGIES {
        let (outcome, events) = told(strategy, || fails(2));
        let error = outcome.unwrap_err();
        let expected = [
            "RunStarted",
            "first NodeStarted",
            "first NodeFinished",
            "second NodeStarted",
            "second NodeFailed",
            "RunFailed",
        ];
        assert_eq!(lines(&events), expected, "{strategy:?}");
        assert!(events[4].text.contains("an odd number is not wanted"), "{}", events[4].text);
        assert!(events[5].text.contains(&error.nodes().to_string()), "{}", events[5].text);
        assert_eq!(error.nodes().not_started, 1);
    }
}

#[test]
fn failures_beside_each_other_are_all_told() {
    for strategy in STRATEGIES {
        let (outcome, events) = told(strategy, || both(1));
        let error = outcome.unwrap_err();
        whole(&events);
        let failed = events.iter().filter(|event| event.kind == EventKind::NodeFailed).count();
        assert_eq!(failed, error.nodes().failed);
        let (outcome, events) = told(strategy, || some(&[2, 1, 4]));
        whole(&events);
        let failed = events[at(&events, "made[1]", EventKind::NodeFailed)].clone();
        assert!(failed.text.contains("an odd number"), "{failed:?}");
        assert_eq!(outcome.unwrap_err().node(), "made[1]");
    }
}

#[test]
fn a_panic_is_told() {
    for strategy in STRATEGIES {
        let (outcome, events) = told(strategy, || std::panic::catch_unwind(|| breaks(10)));
        assert!(outcome.is_err());
        let expected = [
            "RunStarted",
            "first NodeStarted",
            "first NodeFinished",
            "second NodeStarted",
            "second NodePanicked",
            "RunPanicked",
        ];
        assert_eq!(lines(&events), expected, "{strategy:?}");
        assert!(events[4].text.contains("too many"), "{}", events[4].text);
    }
}

#[test]
fn a_cancelled_run_tells_what_did_not_start() {
    for strategy in STRATEGIES {
        let (outcome, events) = told(strategy, || stopped(2));
        assert!(outcome.unwrap_err().is_cancelled());
        let expected = ["RunStarted", "first NodeStarted", "first NodeFinished", "RunCancelled"];
        assert_eq!(lines(&events), expected, "{strategy:?}");
        assert!(events[3].text.contains("1 not started"), "{}", events[3].text);
        let (outcome, events) = told(strategy, || stops_itself(2));
        assert!(outcome.unwrap_err().is_cancelled());
        let expected = ["RunStarted", "first NodeStarted", "first NodeCancelled", "RunCancelled"];
        assert_eq!(lines(&events), expected, "{strategy:?}");
    }
}

#[test]
fn times_are_those_of_the_contexts_clock() {
    for strategy in STRATEGIES {
        let clock = ManualClock::new();
        let recorder = Recorder::new(100);
        let cx = Context::builder().clock(clock.clone()).timeout(Duration::from_secs(4));
        let cx = cx.strategy(strategy).observer(recorder.clone()).build();
        let outcome = cx.scope(|| late(2, &clock));
        assert!(outcome.unwrap_err().is_timeout());
        let events = recorder.events();
        let expected = [
            "RunStarted",
            "first NodeStarted",
            "first NodeFinished",
            "second NodeStarted",
            "second NodeFinished",
            "RunCancelled",
        ];
        assert_eq!(lines(&events), expected, "{strategy:?}");
        assert_eq!(events[2].took, Some(Duration::from_secs(2)));
        assert_eq!(events[5].took, Some(Duration::from_secs(4)));
    }
}
