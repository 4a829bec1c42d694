use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Wake, Waker};
use std::thread;

use super::{MANY, Wakers, Wakes};

/// Counts how often it is called.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn counting() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    (count, waker)
}

impl Count {
    fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

fn taken(wakers: &Wakers) -> Vec<usize> {
    let mut woken = Vec::new();
    wakers.take(|future| woken.push(future));
    woken
}

#[test]
fn the_waker_of_a_number_wakes_that_number_only() {
    let wakes = Wakes::new();
    for future in 0..MANY {
        wakes.lend(future).wake_by_ref();
        assert_eq!(wakes.take(), 1 << future);
        let own = wakes.lend(future).clone();
        own.wake();
        assert_eq!(wakes.take(), 1 << future);
        assert_eq!(wakes.take(), 0);
    }
}

#[test]
#[should_panic(expected = "future < MANY")]
fn a_block_has_no_waker_of_another_blocks_number() {
    let _ = Wakes::new().lend(MANY);
}

#[test]
fn wakers_count_as_owners_of_their_block() {
    let wakes = Wakes::new();
    let lent = wakes.lend(3);
    assert_eq!(Arc::strong_count(&wakes), 1);
    lent.wake_by_ref();
    assert_eq!(Arc::strong_count(&wakes), 1);
    let one = lent.clone();
    let two = one.clone();
    assert_eq!(Arc::strong_count(&wakes), 3);
    drop(one);
    assert_eq!(Arc::strong_count(&wakes), 2);
    two.wake_by_ref();
    assert_eq!(Arc::strong_count(&wakes), 2);
    two.wake();
    assert_eq!(Arc::strong_count(&wakes), 1);
    assert_eq!(wakes.take(), 1 << 3);
}

#[test]
fn wakers_of_one_number_are_alike_and_those_of_two_are_not() {
    let wakes = Wakes::new();
    let (zero, one) = (wakes.lend(0).clone(), wakes.lend(1).clone());
    assert!(zero.will_wake(&zero.clone()));
    assert!(!zero.will_wake(&one));
    let others = Wakes::new();
    assert!(!others.lend(0).will_wake(&zero));
}

#[test]
fn a_waker_may_outlive_what_it_is_for() {
    for futures in [1, MANY + 1] {
        let (count, owner) = counting();
        let mut wakers = Wakers::new(futures);
        wakers.register(&owner);
        let late = wakers.lend(futures - 1).clone();
        drop((wakers, owner));
        // The owner's waker is still known, and its owner has to put up with being woken for nothing.
        late.wake_by_ref();
        let later = late.clone();
        drop(late);
        later.wake();
        assert_eq!(count.get(), 1);
        assert_eq!(Arc::strong_count(&count), 1);
    }
}

#[test]
fn the_owner_is_woken_once_for_several() {
    for futures in [2, MANY, MANY + 2, MANY * MANY + 2] {
        let (count, owner) = counting();
        let mut wakers = Wakers::new(futures);
        wakers.register(&owner);
        assert!(taken(&wakers).is_empty());
        wakers.lend(futures - 2).wake_by_ref();
        wakers.lend(futures - 1).wake_by_ref();
        wakers.lend(futures - 1).wake_by_ref();
        assert_eq!(count.get(), 1);
        wakers.register(&owner);
        assert_eq!(taken(&wakers), [futures - 2, futures - 1]);
        assert!(taken(&wakers).is_empty());
        wakers.lend(futures - 1).wake_by_ref();
        assert_eq!(count.get(), 2);
        assert_eq!(taken(&wakers), [futures - 1]);
    }
}

#[test]
fn the_owner_that_was_named_last_is_woken() {
    for futures in [1, MANY + 1] {
        let ((first, one), (last, other)) = (counting(), counting());
        let mut wakers = Wakers::new(futures);
        wakers.register(&one);
        wakers.register(&other);
        wakers.lend(0).wake_by_ref();
        assert_eq!((first.get(), last.get()), (0, 1));
    }
}

#[test]
fn what_was_woken_before_an_owner_was_named_is_not_lost() {
    for futures in [1, MANY + 1] {
        let (count, owner) = counting();
        let mut wakers = Wakers::new(futures);
        wakers.lend(futures - 1).wake_by_ref();
        wakers.register(&owner);
        assert_eq!((taken(&wakers), count.get()), (vec![futures - 1], 0));
    }
}

#[test]
fn any_number_of_futures_has_wakers() {
    for futures in [1, MANY, MANY + 1, 3 * MANY, MANY * MANY, MANY * MANY + 1, 2 * MANY * MANY + 65] {
        let mut wakers = Wakers::new(futures);
        let step = if cfg!(miri) { 97 } else { 1 };
        let all: Vec<usize> = (0..futures).step_by(step).collect();
        let clones: Vec<Waker> = all.iter().map(|&future| wakers.lend(future).clone()).collect();
        for &future in &all {
            wakers.lend(future).wake_by_ref();
            assert_eq!(taken(&wakers), [future]);
        }
        clones.into_iter().rev().for_each(Waker::wake);
        assert_eq!(taken(&wakers), all);
        assert!(taken(&wakers).is_empty());
    }
}

#[test]
fn wakers_are_made_when_they_are_needed() {
    let mut wakers = Wakers::new(1 << 20);
    let blocks = |wakers: &Wakers| match wakers {
        Wakers::Few(_) => unreachable!("there may be many"),
        Wakers::Many(_, blocks) => blocks.len(),
    };
    assert_eq!(blocks(&wakers), 0);
    let _ = wakers.lend(0);
    assert_eq!(blocks(&wakers), 1);
    wakers.lend(5 * MANY).wake_by_ref();
    assert_eq!(blocks(&wakers), 6);
    assert_eq!(taken(&wakers), [5 * MANY]);
}

#[test]
fn threads_may_wake_at_the_same_time() {
    for futures in [MANY, 3 * MANY] {
        let (count, owner) = counting();
        let mut wakers = Wakers::new(futures);
        wakers.register(&owner);
        let clones: Vec<Waker> = (0..futures).map(|future| wakers.lend(future).clone()).collect();
        let (even, odd): (Vec<_>, Vec<_>) =
            clones.into_iter().enumerate().partition(|(future, _)| future % 2 == 0);
        thread::scope(|scope| {
            for half in [even, odd] {
                scope.spawn(move || half.into_iter().for_each(|(_, waker)| waker.wake()));
            }
        });
        assert_eq!(taken(&wakers), (0..futures).collect::<Vec<_>>());
        assert_eq!(count.get(), 1);
    }
}
