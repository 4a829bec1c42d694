//! Threads of the pool that help callers from outside are there for others too, however busy the callers are.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use ember::prelude::*;
use ember_tests::Gate;

#[operator]
fn meet(mine: &Gate, other: &Gate) -> u32 {
    mine.open();
    other.pass();
    1
}

graph! {
    /// Takes two threads.
    fn pair(first: &Gate, second: &Gate) -> u32 {
        let a = meet(first, second);
        let b = meet(second, first);
        a + b
    }
}

fn run() {
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    assert_eq!(cx.scope(|| pair(&Gate::new(), &Gate::new())), 2);
}

/// Runs one graph after the other until something has happened.
fn runs_until(done: &AtomicBool) -> bool {
    let start = Instant::now();
    while !done.load(SeqCst) && start.elapsed() < Duration::from_secs(30) {
        run();
    }
    done.load(SeqCst)
}

// One test, as there is one global pool: of two threads, of which one helps.
#[test]
fn busy_callers_leave_threads_to_others() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();

    let (started, done) = (Arc::new(Gate::new()), Arc::new(AtomicBool::new(false)));
    rayon::spawn({
        let (started, done) = (Arc::clone(&started), Arc::clone(&done));
        move || {
            started.open();
            while !done.load(SeqCst) {
                std::thread::yield_now();
            }
        }
    });
    started.pass();
    run();
    rayon::spawn({
        let done = Arc::clone(&done);
        move || done.store(true, SeqCst)
    });
    assert!(runs_until(&done), "a job waits for the helper's thread");

    let (stolen, release) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
    let done = Arc::new(AtomicBool::new(false));
    rayon::spawn({
        let (stolen, release, done) = (Arc::clone(&stolen), Arc::clone(&release), Arc::clone(&done));
        move || {
            rayon::join(
                || stolen.pass(),
                || {
                    stolen.open();
                    release.pass();
                },
            );
            done.store(true, SeqCst);
        }
    });
    stolen.pass();
    // The one thread that is free waits in the join, and helps meanwhile.
    run();
    release.open();
    assert!(runs_until(&done), "a join waits for the helper above it");
}
