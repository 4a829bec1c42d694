use std::sync::Barrier;
use std::thread;

use super::{Count, Counts, OWN, SHARED, stripe};

#[test]
fn nothing_is_lost_with_more_threads_than_stripes_and_threads_that_come_and_go() {
    let counts = Counts::default();
    for _ in 0..3 {
        let together = Barrier::new(2 * OWN);
        thread::scope(|scope| {
            for _ in 0..2 * OWN {
                scope.spawn(|| {
                    together.wait();
                    for _ in 0..100 {
                        counts.add(Count::Hit);
                    }
                    together.wait();
                });
            }
        });
    }
    assert_eq!(counts.snapshot().hits, 3 * 2 * OWN as u64 * 100);
}

#[test]
fn no_two_threads_have_one_stripe() {
    let together = Barrier::new(2 * OWN);
    let mut stripes: Vec<usize> = thread::scope(|scope| {
        let drawn = || {
            let mine = stripe();
            together.wait();
            mine
        };
        let threads: Vec<_> = (0..2 * OWN).map(|_| scope.spawn(drawn)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    stripes.retain(|&stripe| stripe != SHARED);
    let drawn = stripes.len();
    stripes.sort_unstable();
    stripes.dedup();
    assert_eq!(stripes.len(), drawn);
    assert!(stripes.iter().all(|&stripe| stripe <= OWN));
}
