use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Crew, LINGER, now};
use crate::sync::Bed;

/// A crew whose pool has two threads, both of which stand at the gate until this one comes there too.
fn held_up() -> (&'static Crew, Arc<ThreadPool>, Arc<Barrier>) {
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    let gate = Arc::new(Barrier::new(3));
    for _ in 0..2 {
        let gate = gate.clone();
        pool.spawn(move || {
            gate.wait();
        });
    }
    (Crew::of(pool.clone(), 2), pool, gate)
}

/// How many helpers there are, and how many of them have not come.
fn counts(crew: &Crew) -> (u32, u32) {
    (crew.alive.load(SeqCst), crew.coming.load(SeqCst))
}

/// Waits until no helper is left, and gives the crew back.
fn end(crew: &'static Crew, pool: Arc<ThreadPool>) {
    while counts(crew) != (0, 0) {
        yield_now();
    }
    assert_eq!(crew.idle.load(SeqCst), 0);
    drop((crew.close(), pool));
    crew.give_back();
}

#[test]
fn in_place_of_a_helper_that_does_not_come_another_does_and_the_last_one_goes() {
    let (crew, pool, gate) = held_up();
    let counts = || counts(crew);
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
    end(crew, pool);
}

#[test]
fn a_helper_that_gives_its_thread_back_is_asked_for_anew_and_so_not_late() {
    let (crew, pool, gate) = held_up();
    crew.board.offer(1, false, &|_: &Bed, _: Duration| false, |_| {
        // As one that has been at work, and was asked for at the very first.
        crew.alive.fetch_add(1, SeqCst);
        crew.idle.fetch_add(1, SeqCst);
        crew.asked.set(0);
        while now() == 0 {
            yield_now();
        }
        let before = now();
        crew.give_way();
        assert_eq!(counts(crew), (1, 1));
        assert!(crew.asked.get() >= before);
        gate.wait();
        while crew.coming.load(SeqCst) > 0 {
            yield_now();
        }
    });
    end(crew, pool);
}

#[test]
fn a_helper_stays_while_work_is_awaited() {
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    let crew = Crew::of(pool.clone(), 2);
    crew.await_work(Duration::MAX);
    crew.call();
    while crew.coming.load(SeqCst) > 0 {
        yield_now();
    }
    let came = Instant::now();
    while came.elapsed() < 10 * LINGER {
        yield_now();
    }
    assert_eq!(counts(crew), (1, 0));
    crew.await_work(Duration::ZERO);
    end(crew, pool);
}
