//! Models of the cells: every order in which threads may meet in them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::sync::Arc;
use loom::thread;

use super::{Baton, FULL, Slot};
use crate::sync::Ordering::Relaxed;

/// Reads if there is something to read. The load that asks orders nothing: what is read is ordered by the slot alone.
fn look(slot: &Slot<Box<usize>>) -> Option<usize> {
    (slot.0.state.load(Relaxed) == FULL).then(|| **slot.get())
}

#[test]
fn a_slot_is_written_by_one_thread_and_read_by_two() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let slot = Arc::clone(&slot);
                thread::spawn(move || look(&slot))
            })
            .collect();
        slot.set(Box::new(7));
        for reader in readers {
            assert!(matches!(reader.join().unwrap(), None | Some(7)));
        }
        assert_eq!(look(&slot), Some(7));
    });
}

#[test]
fn of_two_writers_of_a_slot_one_is_refused() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let other = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || catch_unwind(AssertUnwindSafe(|| slot.set(Box::new(1)))).is_ok())
        };
        let mine = catch_unwind(AssertUnwindSafe(|| slot.set(Box::new(2)))).is_ok();
        assert_ne!(mine, other.join().unwrap());
        assert_eq!(look(&slot), Some(if mine { 2 } else { 1 }));
    });
}

#[test]
fn of_two_takers_of_a_baton_one_wins() {
    loom::model(|| {
        let baton = Arc::new(Baton::full(Box::new(7)));
        let other = {
            let baton = Arc::clone(&baton);
            thread::spawn(move || catch_unwind(AssertUnwindSafe(|| baton.take())).ok())
        };
        let mine = catch_unwind(AssertUnwindSafe(|| baton.take())).ok();
        let both = [mine, other.join().unwrap()];
        assert_eq!(both.iter().flatten().count(), 1);
        assert_eq!(both.into_iter().flatten().next(), Some(Box::new(7)));
    });
}

#[test]
fn a_baton_is_handed_from_one_thread_to_another() {
    loom::model(|| {
        let baton = Arc::new(Baton::new());
        let taker = {
            let baton = Arc::clone(&baton);
            thread::spawn(move || (baton.0.state.load(Relaxed) == FULL).then(|| baton.take()))
        };
        baton.set(Box::new(7));
        let taken = taker.join().unwrap();
        assert!(taken.is_none_or(|value| *value == 7));
    });
}
