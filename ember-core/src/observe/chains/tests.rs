use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use super::Chains;

#[test]
fn each_is_made_once_whoever_comes_first() {
    let (chains, made, start) = (Chains::default(), AtomicUsize::new(0), Barrier::new(4));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                for address in 0..500 {
                    let make = || {
                        made.fetch_add(1, Relaxed);
                        (address, AtomicUsize::new(0))
                    };
                    chains.get_or_make(address, |(its, _)| *its == address, make).1.fetch_add(1, Relaxed);
                }
            });
        }
    });
    assert_eq!((made.load(Relaxed), chains.len()), (500, 500));
    assert_eq!(chains.in_order().count(), 500);
    for address in 0..500 {
        let (_, asked) = chains.get(address, |(its, _)| *its == address).unwrap();
        assert_eq!(asked.load(Relaxed), 4, "{address}");
    }
}

#[test]
fn what_shares_a_chain_is_told_apart() {
    let chains = Chains::default();
    for value in 0..10 {
        assert_eq!(chains.get_or_make(0, |it| *it == value, || value), &value);
    }
    assert_eq!(chains.get(0, |it| *it == 9), Some(&9));
    assert_eq!((chains.get(0, |it| *it == 10), chains.len()), (None, 10));
}

#[test]
fn they_stand_in_the_order_in_which_they_were_made() {
    let chains = Chains::default();
    for address in (0..2000).rev() {
        chains.get_or_make(address, |it| *it == address, || address);
    }
    assert!(chains.in_order().rev().is_sorted());
}
