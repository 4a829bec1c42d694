//! Runs of which nothing is asked: what their context says counts all the same, from the run on that starts after it was said.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use ember::Stopped;
use ember::observe::Recorder;
use ember::prelude::*;

#[operator]
fn next(n: u32) -> u32 {
    n + 1
}

#[operator]
fn sum(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn odd(n: u32) -> u32 {
    assert!(n % 2 == 1, "{n} is even");
    n
}

/// Two calls that wait for each other, for so long at most.
struct Meeting {
    come: AtomicUsize,
    wanted: usize,
    patience: Duration,
}

impl Meeting {
    const fn of(wanted: usize, patience: Duration) -> Self {
        Self { come: AtomicUsize::new(0), wanted, patience }
    }
}

#[operator]
fn meet(meeting: &Meeting) -> bool {
    meeting.come.fetch_add(1, SeqCst);
    let start = Instant::now();
    while meeting.come.load(SeqCst) < meeting.wanted {
        if start.elapsed() > meeting.patience {
            return false;
        }
        thread::yield_now();
    }
    true
}

#[operator]
fn both(a: bool, b: bool) -> bool {
    a && b
}

#[operator]
fn stop_if(n: u32, at: u32) -> u32 {
    if n == at {
        Context::current().cancel();
    }
    n
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
        sum(left, right)
    }

    fn meets(meeting: &Meeting) -> bool {
        let here = meet(meeting);
        let there = meet(meeting);
        both(here, there)
    }

    fn odd_sum(n: u32) -> u32 {
        let left = odd(n);
        let right = next(n);
        sum(left, right)
    }

    fn stopping(n: u32, at: u32) -> Result<u32, ember::Error> {
        let a = stop_if(n, at);
        let b = next(a);
        let c = next(a);
        Ok(sum(b, c))
    }

    fn stopping_chain(n: u32, at: u32) -> Result<u32, ember::Error> {
        let a = stop_if(n, at);
        let b = next(a);
        Ok(b)
    }
}

/// So often that what a run costs is known, and most that follow are not due to be timed.
const WARM: u32 = 500;

#[test]
fn a_context_that_is_observed_hears_of_graphs_that_ran_unobserved() {
    let quiet = Context::builder().build();
    for _ in 0..WARM {
        assert_eq!((chain(1), diamond(1)), (4, 6));
        assert_eq!(quiet.scope(|| (chain(1), diamond(1))), (4, 6));
    }
    let recorder = Recorder::new(1000);
    let observed = Context::builder().observer(recorder.clone()).build();
    quiet.scope(|| {
        for _ in 0..50 {
            assert_eq!(observed.scope(|| chain(1)), 4);
            assert_eq!(recorder.take().len(), 8);
            assert_eq!(observed.scope(|| diamond(1)), 6);
            assert_eq!(recorder.take().len(), 10);
            assert_eq!((chain(1), diamond(1)), (4, 6));
            assert!(recorder.take().is_empty());
        }
    });
}

#[test]
fn nodes_run_at_the_same_time_where_the_context_wants_it_whatever_the_graph_has_cost() {
    let [auto, parallel] =
        [Strategy::Auto, Strategy::Parallel].map(|strategy| Context::builder().strategy(strategy).build());
    let alone = Meeting::of(0, Duration::ZERO);
    for _ in 0..WARM {
        assert!(auto.scope(|| meets(&alone)) && meets(&alone));
    }
    for _ in 0..20 {
        let two = Meeting::of(2, Duration::from_secs(30));
        assert!(auto.scope(|| parallel.scope(|| meets(&two))));
        assert!(auto.scope(|| meets(&alone)));
    }
}

#[test]
fn nodes_run_in_order_where_the_context_wants_it() {
    let in_order = Context::builder().strategy(Strategy::Sequential).build();
    for _ in 0..WARM {
        let two = Meeting::of(2, Duration::ZERO);
        // The second call finds both.
        assert!(!in_order.scope(|| meets(&two)));
    }
}

#[test]
fn a_graph_that_can_fail_stops_with_its_context() {
    for _ in 0..WARM {
        assert_eq!((stopping(1, 0).unwrap(), stopping_chain(1, 0).unwrap()), (4, 2));
    }
    for i in 0..50 {
        let strategy = if i % 2 == 0 { Strategy::Auto } else { Strategy::Sequential };
        let context = || Context::builder().strategy(strategy).build();
        let first = context();
        assert_eq!(first.scope(|| stopping(1, 0)).unwrap(), 4);
        let error = first.scope(|| stopping(1, 1)).unwrap_err();
        assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));
        let error = first.scope(|| stopping_chain(1, 0)).unwrap_err();
        assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));
        let error = context().scope(|| stopping_chain(1, 1)).unwrap_err();
        assert_eq!(error.find::<Stopped>(), Some(&Stopped::Cancelled));
        // The default context is not stopped, and graphs that cannot say so run on.
        assert_eq!((stopping(1, 1).unwrap(), stopping_chain(1, 1).unwrap()), (4, 2));
        assert_eq!(first.scope(|| (chain(1), diamond(1))), (4, 6));
    }
}

#[test]
fn a_panic_tells_its_node() {
    let context = Context::builder().build();
    for _ in 0..WARM {
        assert_eq!(context.scope(|| odd_sum(1)), 3);
    }
    for _ in 0..50 {
        let payload = catch_unwind(AssertUnwindSafe(|| context.scope(|| odd_sum(2)))).unwrap_err();
        let text = payload.downcast::<String>().unwrap();
        assert_eq!(*text, "node `left` (operator `odd`) of graph `odd_sum` panicked: 2 is even");
    }
}
