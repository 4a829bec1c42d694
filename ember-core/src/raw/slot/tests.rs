//! Tests of the cells.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use super::{Baton, Lent, Slot};

/// Counts how often it is dropped.
struct Counted<'c>(&'c AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// How many drops `f` brings about.
fn drops(f: impl FnOnce(Counted<'_>)) -> usize {
    let count = AtomicUsize::new(0);
    f(Counted(&count));
    count.into_inner()
}

/// What a cell says of its misuse.
fn refused<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("the misuse went unnoticed") };
    *payload.downcast::<String>().expect("a text")
}

#[test]
fn a_slot_is_read_by_reference_any_number_of_times() {
    let slot = Slot::new();
    slot.set(String::from("value"));
    assert_eq!((slot.get(), slot.get()), (&"value".to_owned(), &"value".to_owned()));
    assert_eq!(slot.into_inner(), "value");
}

#[test]
fn a_slot_may_stay_empty() {
    assert_eq!(Slot::<u8>::new().into_option(), None);
    let slot = Slot::new();
    slot.set(1);
    assert_eq!(slot.into_option(), Some(1));
}

#[test]
fn the_misuse_of_a_slot_panics() {
    let slot = Slot::new();
    assert!(refused(|| slot.get()).contains("read before its node ran"));
    slot.set(1);
    assert!(refused(|| slot.set(2)).contains("written twice"));
    assert_eq!(slot.get(), &1);
    assert!(refused(|| Slot::<u8>::new().into_inner()).contains("moved before its node ran"));
}

#[test]
fn a_baton_is_taken_once() {
    let baton = Baton::new();
    assert!(refused(|| baton.take()).contains("not there"));
    baton.set(Box::new(1));
    assert!(refused(|| baton.set(Box::new(2))).contains("written twice"));
    assert_eq!(*baton.take(), 1);
    assert!(refused(|| baton.take()).contains("not there"));
    assert!(refused(|| baton.set(Box::new(3))).contains("written twice"));
    assert_eq!(Baton::full("x").take(), "x");
}

#[test]
fn a_baton_may_be_moved_out_of() {
    // What may move but not be shared can sit in one.
    let baton = Baton::new();
    baton.set(Cell::new(1));
    assert_eq!(baton.into_inner().get(), 1);
    assert!(refused(|| Baton::<u8>::new().into_inner()).contains("moved before its node ran"));
}

#[test]
fn r15_a_slot_drops_its_value_once() {
    assert_eq!(drops(|value| Slot::new().set(value)), 1);
    assert_eq!(
        drops(|value| {
            let slot = Slot::new();
            slot.set(value);
            drop(slot.into_inner());
        }),
        1
    );
    assert_eq!(
        drops(|value| {
            let slot = Slot::new();
            slot.set(value);
            drop(slot.into_option());
        }),
        1
    );
}

#[test]
fn r15_a_baton_drops_its_value_once() {
    assert_eq!(drops(|value| drop(Baton::full(value))), 1);
    assert_eq!(drops(|value| drop(Baton::full(value).take())), 1);
    assert_eq!(
        drops(|value| {
            let baton = Baton::new();
            baton.set(value);
            let value = baton.take();
            drop(baton);
            drop(value);
        }),
        1
    );
}

#[test]
fn r15_a_value_that_was_refused_is_dropped_once() {
    let (kept, refused_one) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let slot = Slot::new();
    slot.set(Counted(&kept));
    refused(|| slot.set(Counted(&refused_one)));
    assert_eq!((kept.load(Relaxed), refused_one.load(Relaxed)), (0, 1));
    drop(slot);
    assert_eq!((kept.load(Relaxed), refused_one.load(Relaxed)), (1, 1));
}

#[test]
fn a_value_may_borrow_from_an_earlier_slot() {
    // Cells have no `Drop` of their own, so the compiler lets the later one point into the earlier one.
    let owner = Slot::new();
    let words = Slot::new();
    owner.set(String::from("a b"));
    words.set(owner.get().split(' ').collect::<Vec<_>>());
    assert_eq!(words.get(), &["a", "b"]);
}

#[test]
fn a_slot_is_written_on_one_thread_and_read_on_others() {
    let slot = Slot::new();
    thread::scope(|scope| {
        scope.spawn(|| slot.set(vec![1, 2, 3])).join().unwrap();
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| slot.get().iter().sum::<i32>())).collect();
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() == 6));
    });
    assert_eq!(slot.into_inner(), [1, 2, 3]);
}

#[test]
fn of_many_takers_one_gets_the_value() {
    let baton = Baton::full(String::from("value"));
    let got: Vec<String> = thread::scope(|scope| {
        let takers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| catch_unwind(AssertUnwindSafe(|| baton.take())))).collect();
        takers.into_iter().filter_map(|taker| taker.join().unwrap().ok()).collect()
    });
    assert_eq!(got, ["value"]);
}

#[test]
fn a_baton_carries_what_may_be_sent_but_not_shared() {
    let baton = Baton::full(Cell::new(1));
    let back = Baton::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let cell = baton.take();
            cell.set(cell.get() + 1);
            back.set(cell);
        });
    });
    assert_eq!(back.take().get(), 2);
}

#[test]
fn what_is_lent_outlives_its_lending() {
    let owner = String::from("value");
    let borrowed: &str = {
        let lent = Lent::new(&owner);
        let copy = lent;
        thread::scope(|scope| scope.spawn(move || copy.get().as_str()).join().unwrap())
    };
    assert_eq!(borrowed, "value");
}

#[test]
fn cells_of_local_values_need_no_thread() {
    // A value that stays on its thread is no cell's business; only what crosses is.
    let local = Rc::new(1);
    let lent = Lent::new(&*local);
    assert_eq!(lent.get(), &1);
}
