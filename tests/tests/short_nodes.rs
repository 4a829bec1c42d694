//! Regions of nodes that take about a microsecond: other threads take their tasks while the caller goes from run to run, whose
//! contexts, failures and panics stay those of each.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::thread::{ThreadId, current};
use std::time::Instant;

use ember::Clock;
use ember::prelude::*;

/// Where a node ran, and in which context.
type Seen = (ThreadId, String);

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{0} is refused")]
struct Refused(u32);

/// What a node is asked to come to.
#[derive(Clone, Copy, PartialEq)]
enum Ask {
    Value,
    Failure(u32),
    Panic(u32),
}

#[operator]
fn node(number: u32, ask: Ask) -> Result<Seen, Refused> {
    // Makes some hundred steps that no compiler can skip.
    black_box(
        (0..300_u64).fold(1_u64, |x, _| black_box((x ^ (x >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15))),
    );
    match ask {
        Ask::Failure(of) if of == number => Err(Refused(number)),
        Ask::Panic(of) if of == number => panic!("{number} panics"),
        _ => Ok((current().id(), Context::current().correlation_id().to_owned())),
    }
}

graph! {
    fn fan(ask: Ask) -> Result<Vec<Seen>, ember::Error> {
        let first = node(0, ask)?;
        #[after(first)]
        let a = node(1, ask)?;
        #[after(first)]
        let b = node(2, ask)?;
        #[after(first)]
        let c = node(3, ask)?;
        #[after(a, b)]
        let d = node(4, ask)?;
        Ok(vec![first, a, b, c, d])
    }
}

/// The global pool has two threads, however many processors there are.
fn two_threads() {
    // Another test may have been first.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(2).build_global();
}

fn context(id: &str) -> Context {
    Context::builder().correlation_id(id).build()
}

#[test]
fn threads_that_help_run_after_run_see_the_context_of_each() {
    two_threads();
    let contexts = ["odd", "even"].map(context);
    let mut others = HashSet::new();
    // Until another thread has helped in each context, and for some runs more.
    let mut left = 2_000;
    for n in 0..1_000_000 {
        let context = &contexts[n % 2];
        let seen = context.scope(|| fan(Ask::Value)).unwrap();
        for (thread, id) in seen {
            assert_eq!(id, context.correlation_id(), "run {n}");
            if thread != current().id() {
                others.insert(id);
            }
        }
        left -= usize::from(others.len() == 2);
        if left == 0 {
            return;
        }
    }
    panic!("no other thread has helped in each context: {others:?}");
}

#[test]
fn what_fails_in_a_run_is_told_of_that_run() {
    two_threads();
    for n in 0..10_000_u32 {
        let number = n % 5;
        match n % 7 {
            2 => {
                let error = fan(Ask::Failure(number)).unwrap_err();
                assert_eq!(error.find(), Some(&Refused(number)), "run {n}: {error}");
                let nodes = error.nodes();
                assert_eq!((nodes.failed, nodes.cancelled), (1, 0), "run {n}: {nodes:?}");
                assert_eq!(nodes.finished + nodes.not_started, 4, "run {n}: {nodes:?}");
            }
            5 => {
                let error = fan(Ask::Panic(number)).unwrap_err();
                assert_eq!(error.panic_message(), Some(&*format!("{number} panics")), "run {n}: {error}");
            }
            _ => assert_eq!(fan(Ask::Value).unwrap().len(), 5),
        }
    }
}

/// A clock that notes where it is dropped.
struct Dropped(Arc<Mutex<Vec<ThreadId>>>);

impl Clock for Dropped {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(current().id());
    }
}

#[test]
fn what_a_context_holds_is_dropped_where_the_context_is() {
    two_threads();
    let dropped = Arc::default();
    for _ in 0..1_000 {
        let context = Context::builder().clock(Dropped(Arc::clone(&dropped))).build();
        context.scope(|| (0..40).for_each(|_| drop(fan(Ask::Value).unwrap())));
    }
    let dropped = dropped.lock().unwrap();
    assert_eq!(dropped.len(), 1_000, "each with its context");
    assert!(dropped.iter().all(|&thread| thread == current().id()));
}

/// Callers beside each other, more than threads.
#[test]
fn callers_beside_each_other_get_what_is_theirs() {
    two_threads();
    let caller = |id: usize| {
        let context = context(&id.to_string());
        for _ in 0..1_000 {
            let seen = context.scope(|| fan(Ask::Value)).unwrap();
            assert!(seen.iter().all(|(_, seen)| seen == context.correlation_id()));
        }
    };
    std::thread::scope(|scope| {
        for id in 0..4 {
            scope.spawn(move || caller(id));
        }
    });
}
