use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::thread;

use super::{Collected, Crossing, InPlace, Items, Owned, Through};

/// Counts how often each value is dropped.
#[derive(Clone)]
struct Ledger(Arc<Vec<AtomicUsize>>);

struct Tracked(usize, Ledger);

impl Drop for Tracked {
    fn drop(&mut self) {
        self.1.0[self.0].fetch_add(1, Relaxed);
    }
}

impl Ledger {
    fn new(count: usize) -> Self {
        Self(Arc::new((0..count).map(|_| AtomicUsize::new(0)).collect()))
    }

    fn values(&self) -> Vec<Tracked> {
        (0..self.0.len()).map(|i| Tracked(i, self.clone())).collect()
    }

    fn all_dropped_once(&self) -> bool {
        self.0.iter().all(|drops| drops.load(Relaxed) == 1)
    }
}

fn through<T>(values: Vec<T>) -> Owned<Vec<T>> {
    Through::new(values.into_iter()).items()
}

#[test]
fn items_become_results_in_order() {
    let crossing = Crossing::new(through((0..100_u32).collect()));
    while let Some(mut lot) = crossing.claim(|left| left / 3) {
        lot.run(|i, item| Ok::<_, ()>((i, item.to_string()))).unwrap();
    }
    let results = crossing.into_results().unwrap();
    assert!(results.iter().enumerate().all(|(i, (at, text))| i == *at && *text == i.to_string()));
    assert_eq!(results.len(), 100);
}

#[test]
fn threads_share_the_items_out() {
    let ledger = Ledger::new(200);
    let crossing = Crossing::new(through(ledger.values()));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(mut lot) = crossing.claim(|left| left / 8) {
                    lot.run(|_, item| Ok::<_, ()>(Box::new(item.0))).unwrap();
                }
            });
        }
    });
    let results = crossing.into_results().unwrap();
    assert!(results.into_iter().map(|result| *result).eq(0..200));
    assert!(ledger.all_dropped_once());
}

#[test]
fn a_lot_that_fails_drops_what_it_has_and_leaves_a_hole() {
    let (items, results) = (Ledger::new(12), Ledger::new(12));
    let crossing = Crossing::new(through(items.values()));
    for fails in [99, 5, 99] {
        let mut lot = crossing.claim(|_| 3).unwrap();
        assert_eq!(lot.len(), 3);
        let outcome = lot.run(|i, item| {
            drop(item);
            if i == fails { Err(i) } else { Ok(Tracked(i, results.clone())) }
        });
        assert_eq!(outcome.is_err(), fails == 5);
    }
    // Two results of the second lot are gone with it; those of the others, and what was not claimed, go with the whole.
    assert_eq!(results.0.iter().map(|drops| drops.load(Relaxed)).sum::<usize>(), 2);
    assert!(crossing.into_results().is_none());
    assert!(items.all_dropped_once());
    let made: Vec<usize> = results.0.iter().map(|drops| drops.load(Relaxed)).collect();
    assert_eq!(made, [1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0]);
}

#[test]
fn a_lot_that_panics_does_too() {
    let (items, results) = (Ledger::new(6), Ledger::new(6));
    let crossing = Crossing::new(through(items.values()));
    let mut lot = crossing.claim(|_| 4).unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        lot.run(
            |i, _item| {
                if i == 2 { std::panic::panic_any(i) } else { Ok::<_, ()>(Tracked(i, results.clone())) }
            },
        )
    }));
    assert!(outcome.is_err());
    drop(lot);
    drop(crossing);
    assert!(items.all_dropped_once());
    assert_eq!(results.0.iter().map(|drops| drops.load(Relaxed)).collect::<Vec<_>>(), [1, 1, 0, 0, 0, 0]);
}

#[test]
fn claims_are_never_empty_and_never_too_large() {
    let crossing = Crossing::<_, ()>::new(0..10_usize);
    assert_eq!(crossing.claim(|_| 0).unwrap().len(), 1);
    assert_eq!(crossing.claim(|_| usize::MAX).unwrap().len(), 9);
    assert!(crossing.claim(|left| left).is_none());
    assert!(crossing.is_claimed());
}

#[test]
fn nothing_comes_of_no_items() {
    let crossing = Crossing::<_, String>::new(through(Vec::<String>::new()));
    assert!(crossing.claim(|left| left).is_none());
    assert_eq!(crossing.into_results(), Some(Vec::new()));
}

#[test]
fn zero_sized_items_and_results_are_counted() {
    let crossing = Crossing::new(through(vec![(); 5]));
    while let Some(mut lot) = crossing.claim(|_| 2) {
        lot.run(|_, ()| Ok::<_, ()>(())).unwrap();
    }
    assert_eq!(crossing.into_results(), Some(vec![(); 5]));
}

/// All items, in order.
fn all<S: Items>(items: &S) -> Vec<S::Item> {
    // SAFETY: each index below the count, once.
    (0..items.count()).map(|index| unsafe { items.take(index) }).collect()
}

#[test]
fn items_are_had_where_they_are() {
    let slice = [String::from("a"), String::from("b")];
    assert_eq!(all(&Through::new(slice.iter()).items()), ["a", "b"]);
    assert_eq!(all(&Through::new([Rc::new(1), Rc::new(2)].into_iter()).items()), [Rc::new(1), Rc::new(2)]);
    assert_eq!(all(&Through::new(-2..2_i8).items()), [-2, -1, 0, 1]);
    let (start, end) = (3_u64, 1);
    assert!(all(&Through::new(start..end).items()).is_empty());
    // Anything else is collected.
    assert_eq!(all(&Through::new("a b".split(' ')).items()), ["a", "b"]);
    assert_eq!(all(&Through::new('a'..'c').items()), ['a', 'b']);
}

#[test]
fn a_vector_gives_its_memory_on() {
    let values = vec![1_u64; 100];
    let memory = values.as_ptr();
    let items = through(values);
    assert_eq!(super::Holder::items(&*items.0).as_ptr(), memory);
    let seen = Mutex::new(0);
    let crossing = Crossing::new(items);
    while let Some(mut lot) = crossing.claim(|left| left) {
        lot.run(|_, item| {
            *seen.lock().unwrap() += item;
            Ok::<_, ()>(())
        })
        .unwrap();
    }
    assert_eq!(*seen.lock().unwrap(), 100);
}

#[test]
fn what_an_array_has_left_is_gone_through() {
    let ledger = Ledger::new(3);
    let array: [Tracked; 3] = ledger.values().try_into().ok().unwrap();
    let mut iterator = array.into_iter();
    drop(iterator.next());
    let crossing = Crossing::<_, usize>::new(Through::new(iterator).items());
    while let Some(mut lot) = crossing.claim(|_| 1) {
        lot.run(|_, item| Ok::<_, ()>(item.0)).unwrap();
    }
    assert_eq!(crossing.into_results(), Some(vec![1, 2]));
    assert!(ledger.all_dropped_once());
}
