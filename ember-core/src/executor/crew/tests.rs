use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use super::{Crew, LINGER};
use crate::sync::Bed;

#[test]
fn in_place_of_a_helper_that_does_not_come_another_does_and_the_last_one_goes() {
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    let crew = Crew::of(pool.clone(), 2);
    // Both threads are held up.
    let gate = Arc::new(Barrier::new(3));
    for _ in 0..2 {
        let gate = gate.clone();
        pool.spawn(move || {
            gate.wait();
        });
    }
    let counts = || (crew.alive.load(SeqCst), crew.coming.load(SeqCst));
    crew.call();
    crew.call_another(Duration::MAX);
    assert_eq!(counts(), (1, 1));
    for _ in 0..2 {
        crew.call_another(Duration::ZERO);
        assert_eq!(counts(), (2, 2));
    }
    let (inside, most, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let help = |_: &Bed, _: Duration| {
        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
        while over.load(SeqCst) == 0 {
            yield_now();
        }
        inside.fetch_sub(1, SeqCst);
        false
    };
    crew.board.offer(1, false, &help, |_| {
        gate.wait();
        while inside.load(SeqCst) == 0 || crew.coming.load(SeqCst) > 0 {
            yield_now();
        }
        // Both have come. Whether one goes or both stay is seen from here.
        while crew.alive.load(SeqCst) == 2 && inside.load(SeqCst) < 2 {
            yield_now();
        }
        over.store(1, SeqCst);
    });
    assert_eq!(most.load(SeqCst), 1);
    while counts() != (0, 0) {
        yield_now();
    }
    assert_eq!(crew.idle.load(SeqCst), 0);
    drop((crew.close(), pool));
    crew.give_back();
}

#[test]
fn a_helper_stays_while_work_is_awaited() {
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    let crew = Crew::of(pool.clone(), 2);
    let counts = || (crew.alive.load(SeqCst), crew.coming.load(SeqCst));
    crew.await_work(Duration::MAX);
    crew.call();
    while counts() != (1, 0) {
        yield_now();
    }
    let came = Instant::now();
    while came.elapsed() < 10 * LINGER {
        yield_now();
    }
    assert_eq!(counts(), (1, 0));
    crew.await_work(Duration::ZERO);
    while counts() != (0, 0) {
        yield_now();
    }
    drop((crew.close(), pool));
    crew.give_back();
}
