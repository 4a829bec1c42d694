//! Models of waiting on a budget: nobody sleeps beside room, and nothing of it is lost, here or above.

use loom::future::block_on;
use loom::thread;

use super::MemoryBudget;

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(f);
}

fn budget(bytes: usize) -> MemoryBudget {
    MemoryBudget::builder().bytes(bytes).build().unwrap()
}

#[test]
fn two_that_do_not_fit_side_by_side_both_get_their_room() {
    model(|| {
        let budget = budget(2);
        let other = budget.clone();
        let other = thread::spawn(move || drop(block_on(other.admit_async(2)).unwrap()));
        let admitted = block_on(budget.admit_async(1)).unwrap();
        assert_eq!(budget.used(), 1);
        drop(admitted);
        other.join().unwrap();
        assert_eq!((budget.used(), budget.waiting()), (0, 0));
    });
}

#[test]
fn who_waits_above_with_room_below_is_served_and_gives_both_back() {
    model(|| {
        let above = budget(2);
        let below = MemoryBudget::builder().bytes(1).within(&above).build().unwrap();
        let other = above.clone();
        let other = thread::spawn(move || drop(block_on(other.admit_async(2)).unwrap()));
        drop(block_on(below.admit_async(1)).unwrap());
        other.join().unwrap();
        assert_eq!((below.used(), above.used(), above.waiting()), (0, 0, 0));
    });
}
