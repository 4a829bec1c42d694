use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};

use super::Share;
use crate::executor::Crew;

fn crew(threads: usize) -> &'static Crew {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    Crew::of(Arc::new(pool), threads)
}

#[test]
fn no_more_enter_than_there_is_room() {
    let share = Arc::new(Share::new(2));
    let owner = share.enter_anyway();
    let helper = share.enter().expect("there is room for one more");
    assert!(share.enter().is_none() && !share.has_room());
    drop(helper);
    drop(owner);
    assert!(share.has_room());
}

#[test]
fn jobs_run_in_turn_and_so_many_at_once() {
    let (share, crew) = (Arc::new(Share::new(2)), crew(4));
    let (now, most, ran) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let counts = Arc::new((now, most, ran));
    let (done, is_done) = channel::<()>();
    for _ in 0..200 {
        let (counts, done) = (counts.clone(), done.clone());
        share.spawn(
            crew,
            Box::new(move || {
                let (now, most, ran) = &*counts;
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, SeqCst);
                ran.fetch_add(1, SeqCst);
                drop(done);
            }),
        );
    }
    drop(done);
    assert!(is_done.recv().is_err(), "all jobs have run");
    assert_eq!(counts.2.load(SeqCst), 200);
    assert!(counts.1.load(SeqCst) <= 2);
    crew.close();
    crew.give_back();
}

/// A job may wait for another one of the same run, which so must not wait for it.
#[test]
fn a_job_that_another_one_waits_for_needs_no_room() {
    let (share, crew) = (Arc::new(Share::new(1)), crew(2));
    let (done, is_done) = channel::<()>();
    let inner = share.clone();
    share.spawn(
        crew,
        Box::new(move || {
            let meet = Arc::new(Barrier::new(2));
            let there = meet.clone();
            inner.spawn(
                crew,
                Box::new(move || {
                    there.wait();
                }),
            );
            meet.wait();
            done.send(()).unwrap();
        }),
    );
    is_done.recv().unwrap();
    crew.close();
    crew.give_back();
}

/// The jobs of bulk runs come one by one into the pool, so that others need not wait behind all of them.
#[test]
fn jobs_that_wait_are_not_in_the_pool() {
    let crew = crew(1);
    let (share, order) = (crew.bulk(), Arc::new(Mutex::new(Vec::new())));
    let (go, may_go) = channel::<()>();
    let (begun, has_begun) = channel();
    let (done, is_done) = channel::<()>();
    let note = |what: &'static str| {
        let (order, done) = (order.clone(), done.clone());
        move || {
            order.lock().unwrap().push(what);
            drop(done);
        }
    };
    let first = note("bulk");
    share.spawn(
        crew,
        Box::new(move || {
            begun.send(()).unwrap();
            let _ = may_go.recv();
            first();
        }),
    );
    has_begun.recv().unwrap();
    for _ in 0..3 {
        share.spawn(crew, Box::new(note("bulk")));
    }
    crew.pool().spawn(note("interactive"));
    drop((go, done));
    assert!(is_done.recv().is_err());
    assert_eq!(*order.lock().unwrap(), ["bulk", "interactive", "bulk", "bulk", "bulk"]);
    crew.close();
    crew.give_back();
}
