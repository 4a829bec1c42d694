mod model;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, OnceLock, Weak};

use super::{Idle, Keyed};

#[derive(Default)]
struct Busy(AtomicBool);

impl Idle for Busy {
    fn is_idle(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn each_key_has_one_state_under_contention() {
    let keyed = Keyed::<u32, Busy>::new(64, Busy::default);
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
    assert_eq!(keyed.len(), 32);
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

#[test]
fn a_key_without_room_costs_no_look_at_all_states() {
    struct Asked(Arc<AtomicUsize>);
    impl Idle for Asked {
        fn is_idle(&self) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed);
            false
        }
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let there = asked.clone();
    let keyed = Keyed::<u32, Asked>::new(1024, move || Asked(there.clone()));
    for key in 0..1025 {
        keyed.get(&key);
    }
    assert_eq!(asked.load(Ordering::Relaxed), super::LOOKS);
}

#[test]
fn states_in_use_that_are_the_oldest_do_not_hide_idle_ones_for_long() {
    let keyed = Keyed::<u32, Busy>::new(100, Busy::default);
    let held: Vec<_> = (0..90).map(|key| keyed.get(&key)).collect();
    for key in 90..100 {
        keyed.get(&key);
    }
    let tries = (0..10).take_while(|_| {
        keyed.get(&1000);
        !keyed.all().iter().any(|(key, _)| *key == 1000)
    });
    assert!(tries.count() <= 90 / super::LOOKS);
    assert!(held.iter().zip(0..).all(|(held, key)| Arc::ptr_eq(held, &keyed.get(&key))));
}

/// A state that uses the keys when it is made, asked and dropped.
struct Reentrant(Arc<OnceLock<Weak<Keyed<u32, Self>>>>);

impl Reentrant {
    fn look(&self) {
        if let Some(keyed) = self.0.get().and_then(Weak::upgrade) {
            assert!(keyed.shelf.try_lock().is_ok(), "under a lock");
        }
    }
}

impl Idle for Reentrant {
    fn is_idle(&self) -> bool {
        self.look();
        true
    }
}

impl Drop for Reentrant {
    fn drop(&mut self) {
        self.look();
    }
}

#[test]
fn no_lock_is_held_while_a_state_is_made_asked_or_dropped() {
    let me = Arc::new(OnceLock::new());
    let there = me.clone();
    let make = move || {
        let state = Reentrant(there.clone());
        state.look();
        state
    };
    let keyed = Arc::new(Keyed::<u32, Reentrant>::new(2, make));
    me.set(Arc::downgrade(&keyed)).unwrap_or_else(|_| unreachable!());
    for key in 0..10 {
        keyed.get(&key);
    }
    assert_eq!(keyed.len(), 2);
}

#[test]
fn a_state_that_panics_when_it_is_made_or_asked_leaves_the_keys_in_order() {
    struct Grumpy(Arc<AtomicBool>);
    impl Idle for Grumpy {
        fn is_idle(&self) -> bool {
            assert!(!self.0.load(Ordering::Relaxed), "asked");
            true
        }
    }
    let (grumpy, fails) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
    let (there, failing) = (grumpy.clone(), fails.clone());
    let keyed = Keyed::<u32, Grumpy>::new(1, move || {
        assert!(!failing.load(Ordering::Relaxed), "made");
        Grumpy(there.clone())
    });
    let panics = |key| catch_unwind(AssertUnwindSafe(|| keyed.get(&key))).is_err();
    assert!(panics(1));
    fails.store(false, Ordering::Relaxed);
    let first = Arc::as_ptr(&keyed.get(&1));
    grumpy.store(true, Ordering::Relaxed);
    assert!(panics(2));
    grumpy.store(false, Ordering::Relaxed);
    assert_eq!(Arc::as_ptr(&keyed.get(&1)), first);
    keyed.get(&2);
    assert_eq!(keyed.all()[0].0, 2, "what was asked in vain can go later");
}

#[test]
fn a_state_that_is_used_while_it_is_asked_stays() {
    struct UsedMeanwhile(Arc<OnceLock<Weak<Keyed<u32, Self>>>>);
    impl Idle for UsedMeanwhile {
        fn is_idle(&self) -> bool {
            let keyed = self.0.get().and_then(Weak::upgrade).unwrap();
            drop(keyed.get(&1));
            true
        }
    }
    let me = Arc::new(OnceLock::new());
    let there = me.clone();
    let keyed = Arc::new(Keyed::<u32, UsedMeanwhile>::new(1, move || UsedMeanwhile(there.clone())));
    me.set(Arc::downgrade(&keyed)).unwrap_or_else(|_| unreachable!());
    let first = Arc::as_ptr(&keyed.get(&1));
    keyed.get(&2);
    assert_eq!(Arc::as_ptr(&keyed.get(&1)), first);
}

#[test]
fn a_state_that_is_found_among_all_while_it_is_asked_stays() {
    type Held = Arc<OnceLock<Arc<Listed>>>;
    struct Listed(Arc<OnceLock<Weak<Keyed<u32, Self>>>>, Held);
    impl Idle for Listed {
        fn is_idle(&self) -> bool {
            let keyed = self.0.get().and_then(Weak::upgrade).unwrap();
            self.1.get_or_init(|| keyed.all().remove(0).1);
            true
        }
    }
    let (me, held) = (Arc::new(OnceLock::new()), Held::default());
    let (there, holder) = (me.clone(), held.clone());
    let keyed = Arc::new(Keyed::<u32, Listed>::new(1, move || Listed(there.clone(), holder.clone())));
    me.set(Arc::downgrade(&keyed)).unwrap_or_else(|_| unreachable!());
    keyed.get(&1);
    keyed.get(&2);
    assert!(Arc::ptr_eq(held.get().unwrap(), &keyed.get(&1)));
}

#[test]
fn a_state_that_another_makes_meanwhile_is_the_one() {
    struct Made;
    impl Idle for Made {
        fn is_idle(&self) -> bool {
            true
        }
    }
    let me = Arc::new(OnceLock::<Weak<Keyed<u32, Made>>>::new());
    let (there, inside) = (me.clone(), Arc::new(OnceLock::new()));
    let found = inside.clone();
    let keyed = Arc::new(Keyed::<u32, Made>::new(4, move || {
        // As if another thread asked for the key at this moment.
        if found.set(OnceLock::new()).is_ok() {
            let keyed = there.get().and_then(Weak::upgrade).unwrap();
            found.get().unwrap().set(keyed.get(&1)).unwrap_or_else(|_| unreachable!());
        }
        Made
    }));
    me.set(Arc::downgrade(&keyed)).unwrap_or_else(|_| unreachable!());
    let outside = keyed.get(&1);
    assert!(Arc::ptr_eq(&outside, inside.get().unwrap().get().unwrap()));
    assert_eq!(keyed.len(), 1);
}

#[test]
fn states_come_and_go_under_contention_and_none_in_use_is_lost() {
    let keyed = Keyed::<u32, Busy>::new(8, Busy::default);
    let held: Vec<_> = (0..4).map(|key| keyed.get(&key)).collect();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (keyed, held) = (&keyed, &held);
            scope.spawn(move || {
                for i in 0..2000_u32 {
                    keyed.get(&(100 + (i * 7 + thread) % 50));
                    let key = i % 4;
                    assert!(Arc::ptr_eq(&held[key as usize], &keyed.get(&key)));
                }
            });
        }
    });
    assert_eq!(keyed.len(), 8);
}
