//! Models of the slots: each is one call's, and what is given back is there again.

use loom::sync::Arc;
use loom::thread;

use super::Slots;

#[test]
fn a_burst_of_two_lets_two_of_three_through() {
    loom::model(|| {
        let slots = Arc::new(Slots::new(10, 2, 100));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let slots = Arc::clone(&slots);
                thread::spawn(move || usize::from(slots.reserve(5, 0).is_ok()))
            })
            .collect();
        let mut passed = usize::from(slots.reserve(5, 0).is_ok());
        passed += others.into_iter().map(|other| other.join().unwrap()).sum::<usize>();
        assert_eq!(passed, 2);
    });
}

#[test]
fn two_who_reserve_get_two_slots() {
    loom::model(|| {
        let slots = Arc::new(Slots::new(10, 1, 100));
        slots.reserve(0, 0).unwrap();
        let other = {
            let slots = Arc::clone(&slots);
            thread::spawn(move || slots.reserve(0, 100).unwrap().start)
        };
        let mut starts = [slots.reserve(0, 100).unwrap().start, other.join().unwrap()];
        starts.sort_unstable();
        assert_eq!(starts, [10, 20]);
    });
}

#[test]
fn slots_given_back_in_any_order_are_all_there_again() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let slots = Arc::new(Slots::new(10, 1, 100));
        slots.reserve(0, 0).unwrap();
        let others: Vec<_> = (0..2)
            .map(|_| {
                let slots = Arc::clone(&slots);
                thread::spawn(move || {
                    let slot = slots.reserve(0, 100).unwrap();
                    slots.give_back(slot);
                })
            })
            .collect();
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(slots.reserve(0, 100).unwrap().start, 10);
    });
}

#[test]
fn a_hole_is_filled_by_one() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let slots = Arc::new(Slots::new(10, 1, 100));
        slots.reserve(0, 0).unwrap();
        let first = slots.reserve(0, 100).unwrap();
        let second = slots.reserve(0, 100).unwrap();
        let others: Vec<_> = (0..2)
            .map(|_| {
                let slots = Arc::clone(&slots);
                thread::spawn(move || slots.reserve(0, 100).unwrap().start)
            })
            .collect();
        slots.give_back(first);
        let mut starts: Vec<_> = others.into_iter().map(|other| other.join().unwrap()).collect();
        starts.push(second.start);
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), 3, "each slot has one owner");
    });
}
