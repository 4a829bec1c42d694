use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::super::crew;
use super::{DEPTH, is_brief, may_take_part, take_part};
use crate::Context;
use crate::sync::Bed;

/// Opens a part of a run. Threads of the pool may come as well, and find nothing.
fn part(own: impl FnOnce(), help: impl Fn() -> bool + Sync) {
    let here = thread::current().id();
    let help = |_: usize, _: &Bed, _: Duration| thread::current().id() == here && help();
    crew::offer(&Context::current(), 1, &help, |_, _| own());
}

#[test]
fn a_thread_that_works_on_nothing_takes_up_nothing() {
    assert!(!may_take_part());
    assert!(!take_part());
}

#[test]
fn a_thread_that_waits_does_one_piece_of_its_run_at_a_time() {
    let pieces = Mutex::new(Vec::new());
    let piece = || {
        pieces.lock().unwrap().push(is_brief());
        true
    };
    part(
        || {
            assert!(may_take_part());
            assert!(take_part() && take_part());
        },
        piece,
    );
    assert_eq!(pieces.into_inner().unwrap(), [true, true]);
}

#[test]
fn it_looks_for_work_in_other_parts_of_its_run_too() {
    let found = Mutex::new(Vec::new());
    let outer = || {
        found.lock().unwrap().push(is_brief());
        true
    };
    // Parts that have nothing do not use up what says that the visit is to be brief.
    part(|| part(|| part(|| assert!(take_part()), || false), || false), outer);
    assert_eq!(found.into_inner().unwrap(), [true]);
}

#[test]
fn waits_nest_so_deep_and_no_deeper() {
    let nested = Mutex::new(0);
    let piece = || {
        *nested.lock().unwrap() += 1;
        if may_take_part() { take_part() } else { true }
    };
    part(|| assert!(take_part()), piece);
    assert_eq!(nested.into_inner().unwrap(), DEPTH);
    // A piece that panics leaves no trace.
    let caught = std::panic::catch_unwind(|| part(|| assert!(take_part()), || panic!("boom")));
    assert!(caught.is_err());
    part(|| assert!(may_take_part()), || false);
}

#[test]
fn a_thread_of_the_pool_that_waits_does_a_job_of_the_pool() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (done, is_done) = std::sync::mpsc::channel();
    let own = Context::builder().correlation_id("own").build();
    let seen = pool.install(move || {
        rayon::spawn(move || done.send(Context::current().correlation_id().to_owned()).unwrap());
        own.scope(|| {
            assert!(may_take_part() && take_part());
            assert_eq!(Context::current().correlation_id(), "own");
        });
        is_done.recv().unwrap()
    });
    // It is not a part of the run that waits.
    assert_ne!(seen, "own");
}

#[test]
fn a_helper_that_waits_does_a_job_of_the_pool_which_is_no_part_of_its_run() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (done, is_done) = std::sync::mpsc::channel();
    pool.install(move || {
        part(
            || {
                rayon::spawn(move || done.send(crew::is_at_work()).unwrap());
                assert!(crew::is_at_work() && may_take_part() && take_part());
                assert!(crew::is_at_work());
            },
            || false,
        );
    });
    assert!(!is_done.recv().unwrap());
}
