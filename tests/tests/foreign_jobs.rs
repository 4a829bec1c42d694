//! Jobs of somebody else that a thread of the pool takes up while it waits know nothing of the run that waits.

use std::sync::{Arc, Mutex};
use std::thread;

use ember::prelude::*;
use ember_tests::{Gate, pool};

#[operator]
fn first(started: &Gate, n: u32) -> u32 {
    started.pass();
    n
}

#[operator]
fn second(started: &Gate, go: &Gate, n: u32) -> u32 {
    started.open();
    go.pass();
    n
}

#[operator]
fn current() -> String {
    Context::current().correlation_id().to_owned()
}

graph! {
    fn waiting(started: &Gate, go: &Gate) -> u32 {
        let a = first(started, 1);
        let b = second(started, go, 2);
        a + b
    }

    fn foreign() -> Result<Vec<String>, ember::Error> {
        let a = current();
        let b = current();
        let items = for _ in 0..8 { current() };
        Ok([vec![a, b], items].concat())
    }
}

#[test]
fn r14_a_foreign_job_does_not_see_the_context_of_the_run_that_waits() {
    for _ in 0..10 {
        let pool = pool(2);
        let (started, go) = (Gate::new(), Arc::new(Gate::new()));
        let cx = Context::builder().correlation_id("order-17").strategy(Strategy::Parallel).build();
        let seen = Arc::new(Mutex::new(None));
        thread::scope(|scope| {
            scope.spawn(|| pool.install(|| cx.scope(|| waiting(&started, &go))));
            started.pass();
            cx.cancel();
            let (seen, go) = (Arc::clone(&seen), Arc::clone(&go));
            // The second node holds one thread; the other waits for it, and takes this up.
            pool.spawn(move || {
                *seen.lock().unwrap() = Some(foreign());
                go.open();
            });
        });
        let seen = seen.lock().unwrap().take().unwrap();
        let seen = seen.expect("no cancellation of its own");
        assert_eq!(seen.len(), 10);
        assert!(seen.iter().all(|id| id == Context::current().correlation_id()), "{seen:?}");
    }
}
