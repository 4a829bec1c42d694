use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use super::{Idle, Keyed};

#[derive(Default)]
struct Busy(AtomicBool);

impl Idle for Busy {
    fn is_idle(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn one_state_is_made_for_each_key_under_contention() {
    let made = Arc::new(AtomicUsize::new(0));
    let there = made.clone();
    let keyed = Keyed::<u32, Busy>::new(64, move || {
        there.fetch_add(1, Ordering::Relaxed);
        Busy::default()
    });
    let barrier = Barrier::new(4);
    let states: Vec<Vec<usize>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    (0..32).map(|key| Arc::as_ptr(&keyed.get(&key)).addr()).collect()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(states.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(states[0].iter().collect::<HashSet<_>>().len(), 32);
    assert_eq!(made.load(Ordering::Relaxed), 32);
}

#[test]
fn the_state_that_was_not_used_for_longest_goes() {
    let keyed = Keyed::<String, Busy>::new(2, Busy::default);
    let first = Arc::as_ptr(&keyed.get("a"));
    keyed.get("b");
    assert_eq!(Arc::as_ptr(&keyed.get("a")), first);
    keyed.get("c");
    assert_eq!(Arc::as_ptr(&keyed.get("a")), first);
    assert_eq!(keyed.len(), 2);
}

#[test]
fn r37_keys_do_not_grow_without_bound_and_what_is_in_use_is_not_lost() {
    let keyed = Keyed::<u32, Busy>::new(2, Busy::default);
    let (held, busy) = (keyed.get(&1), keyed.get(&2));
    busy.0.store(true, Ordering::Relaxed);
    let two = Arc::as_ptr(&busy);
    drop(busy);
    let shared = keyed.get(&3);
    for key in 4..10_000 {
        assert!(Arc::ptr_eq(&shared, &keyed.get(&key)));
    }
    assert!(Arc::ptr_eq(&held, &keyed.get(&1)));
    assert_eq!(Arc::as_ptr(&keyed.get(&2)), two);
    assert_eq!(keyed.len(), 2);
}
