//! Every order in which threads may ask for states.

use std::sync::Arc;

use loom::thread;

use super::{Idle, Keyed};
use crate::sync::{AtomicBool, Ordering};

struct Busy(AtomicBool);

impl Busy {
    fn new() -> Self {
        Self(AtomicBool::new(false))
    }
}

impl Idle for Busy {
    fn is_idle(&self) -> bool {
        !self.0.load(Ordering::Acquire)
    }
}

#[test]
fn loom_a_key_has_one_state() {
    loom::model(|| {
        let keyed = Arc::new(Keyed::<u8, Busy>::new(2, Busy::new));
        let there = keyed.clone();
        let other = thread::spawn(move || there.get(&1));
        let here = keyed.get(&1);
        assert!(Arc::ptr_eq(&here, &other.join().unwrap()));
        assert_eq!(keyed.len(), 1);
    });
}

#[test]
fn loom_a_state_that_is_taken_into_use_is_not_lost() {
    loom::model(|| {
        let keyed = Arc::new(Keyed::<u8, Busy>::new(1, Busy::new));
        drop(keyed.get(&1));
        let there = keyed.clone();
        let other = thread::spawn(move || drop(there.get(&2)));
        let state = keyed.get(&1);
        state.0.store(true, Ordering::Release);
        let name = Arc::as_ptr(&state).addr();
        // It may be what the keys share, if the other one has the only place and holds it.
        let own = keyed.all().iter().any(|(key, state)| *key == 1 && Arc::as_ptr(state).addr() == name);
        drop(state);
        other.join().unwrap();
        if own {
            assert_eq!(Arc::as_ptr(&keyed.get(&1)).addr(), name);
        }
        assert_eq!(keyed.len(), 1);
    });
}

#[test]
fn loom_two_keys_without_room_do_not_get_one_place() {
    loom::model(|| {
        let keyed = Arc::new(Keyed::<u8, Busy>::new(1, Busy::new));
        drop(keyed.get(&0));
        let there = keyed.clone();
        let other = thread::spawn(move || there.get(&1));
        let here = keyed.get(&2);
        let there = other.join().unwrap();
        assert!(!Arc::ptr_eq(&here, &there));
        assert_eq!(keyed.len(), 1);
    });
}
