//! Models of the shared amount: nothing of it is lost, no more is out than there is, and nobody sleeps beside what he wants.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

use super::{Claim, Full, Weights};

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(f);
}

/// Waits for a part, uses it, and gives it back.
fn work(weights: &Weights, weight: usize) -> Result<(), Full> {
    let mut claim = Claim::new(weights, weight);
    block_on(poll_fn(|cx| claim.poll(cx.waker())))?;
    assert!(weights.used() <= weights.whole(), "more than there is");
    weights.give_back(weight);
    Ok(())
}

/// Comes, and goes away whatever it gets.
fn give_up(weights: &Weights, weight: usize) {
    let mut claim = Claim::new(weights, weight);
    if claim.poll(Waker::noop()) == Poll::Ready(Ok(())) {
        weights.give_back(weight);
    }
}

fn is_whole(weights: &Weights) {
    assert_eq!((weights.used(), weights.waiting()), (0, 0));
    assert!(weights.take(weights.whole()), "all of it is there");
}

#[test]
fn one_who_wants_all_and_two_who_want_little_are_all_served() {
    model(|| {
        let weights = Arc::new(Weights::new(2, 3));
        let others: Vec<_> = [1, 1]
            .into_iter()
            .map(|weight| {
                let weights = weights.clone();
                thread::spawn(move || work(&weights, weight).unwrap())
            })
            .collect();
        work(&weights, 2).unwrap();
        for other in others {
            other.join().unwrap();
        }
        is_whole(&weights);
    });
}

#[test]
fn who_gives_up_hands_on_what_it_was_given() {
    model(|| {
        let weights = Arc::new(Weights::new(2, 3));
        let (one, two) = (weights.clone(), weights.clone());
        let one = thread::spawn(move || give_up(&one, 2));
        let two = thread::spawn(move || work(&two, 1).unwrap());
        work(&weights, 2).unwrap();
        one.join().unwrap();
        two.join().unwrap();
        is_whole(&weights);
    });
}

#[test]
fn who_steps_aside_lets_others_pass_and_is_served_when_it_comes_back() {
    model(|| {
        let weights = Arc::new(Weights::new(2, 3));
        let other = weights.clone();
        let other = thread::spawn(move || work(&other, 1).unwrap());
        let mut claim = Claim::new(&weights, 2);
        if claim.poll(Waker::noop()).is_pending() {
            claim.step_aside();
            block_on(poll_fn(|cx| claim.poll(cx.waker()))).unwrap();
        }
        weights.give_back(2);
        drop(claim);
        other.join().unwrap();
        is_whole(&weights);
    });
}
