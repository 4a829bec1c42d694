//! Whether a graph can fail is decided by its return type, whatever its name.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use ember::prelude::*;
use ember_tests::everywhere;

type Outcome<T> = Result<T, ember::Error>;
type Verdict = Result<u32, String>;
type Sum = u32;

#[derive(Debug, PartialEq)]
struct Summary {
    steps: u32,
}

#[operator]
fn step(count: &AtomicUsize, n: u32) -> u32 {
    count.fetch_add(1, SeqCst);
    n + 1
}

#[operator]
fn cancel(cx: &Context, n: u32) -> u32 {
    cx.cancel();
    n
}

#[operator]
fn burst(n: u32) -> u32 {
    panic!("burst at {n}")
}

graph! {
    fn stopped(count: &AtomicUsize) -> Outcome<u32> {
        let a = step(count, 1);
        let b = cancel(a);
        let c = step(count, b);
        Ok(c)
    }

    fn bounded(count: &AtomicUsize, turns: u32) -> Outcome<u32> {
        let mut n = step(count, 0);
        #[at_most(3)]
        let done = loop {
            n = step(count, n);
            if n > turns { break n }
        };
        Ok(done)
    }

    fn bursting(n: u32) -> Outcome<u32> {
        let a = burst(n);
        Ok(a)
    }

    fn verdict(count: &AtomicUsize) -> Verdict {
        let a = step(count, 1);
        let b = cancel(a);
        let c = step(count, b);
        Err(format!("{c}"))
    }

    fn sum(count: &AtomicUsize) -> Sum {
        let a = step(count, 1);
        let b = cancel(a);
        step(count, b)
    }

    fn summary(count: &AtomicUsize) -> Summary {
        let a = step(count, 1);
        let b = cancel(a);
        let steps = step(count, b);
        Summary { steps }
    }

    fn bursting_sum(n: u32) -> Sum {
        let a = burst(n);
        a + 1
    }

    fn whatever<T: Send + Sync + Clone>(value: T) -> T {
        let copy = { value.clone() };
        copy
    }
}

fn fresh(strategy: Strategy) -> Context {
    Context::builder().strategy(strategy).build()
}

#[test]
fn cancellation_reaches_a_result_of_another_name() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        let error = fresh(strategy).scope(|| stopped(&count)).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!((error.node(), count.into_inner()), ("c", 1));
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.not_started), (2, 1));
    });
}

#[test]
fn a_loop_tells_its_bound_in_a_result_of_another_name() {
    everywhere(|_| {
        let count = AtomicUsize::new(0);
        assert_eq!(bounded(&count, 3).unwrap(), 4);
        assert!(bounded(&count, 9).unwrap_err().is_loop_bound());
    });
}

#[test]
fn a_panic_is_the_error_of_a_result_of_another_name() {
    everywhere(|_| {
        let error = bursting(1).unwrap_err();
        assert_eq!((error.node(), error.panic_message()), ("a", Some("burst at 1")));
    });
}

#[test]
fn what_is_no_result_runs_to_its_end() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        assert_eq!(fresh(strategy).scope(|| sum(&count)), 3);
        assert_eq!(fresh(strategy).scope(|| summary(&count)), Summary { steps: 3 });
        assert_eq!(count.into_inner(), 4);
        assert_eq!(whatever("same"), "same");
    });
}

#[test]
fn a_result_that_cannot_tell_of_cancellation_runs_to_its_end() {
    everywhere(|strategy| {
        let count = AtomicUsize::new(0);
        assert_eq!(fresh(strategy).scope(|| verdict(&count)), Err("3".to_owned()));
    });
}

#[test]
fn a_panic_goes_on_out_of_what_is_no_result() {
    everywhere(|_| {
        let payload = catch_unwind(AssertUnwindSafe(|| bursting_sum(2))).unwrap_err();
        let text = payload.downcast_ref::<String>().expect("a text");
        assert_eq!(text, "node `a` (operator `burst`) of graph `bursting_sum` panicked: burst at 2");
    });
}
