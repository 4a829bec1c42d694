//! Models of wakers: no wake-up is lost between threads that wake and an owner that looks.

use std::sync::Arc;
use std::task::{Wake, Waker};

use loom::model::Builder;
use loom::sync::Notify;
use loom::thread;

use super::{MANY, Wakers};
use crate::sync::UnsafeCell;

/// An owner that sleeps. One that is never woken again is a deadlock, which loom finds.
struct Sleeper(Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// What a thread leaves for the future that it wakes.
struct Word(UnsafeCell<usize>);

// SAFETY: that nobody reads it before the thread is done is what the models check.
unsafe impl Sync for Word {}

/// Has each of these futures woken by a thread of its own, which leaves a word before. The owner registers, takes and
/// sleeps until it has seen all of them.
fn none_is_lost(bound: usize, futures: &'static [usize]) {
    let mut model = Builder::new();
    model.preemption_bound = Some(bound);
    model.check(move || {
        let most = futures.iter().max().map_or(0, |last| last + 1);
        let mut wakers = Wakers::new(most);
        let words: Arc<Vec<Word>> = Arc::new(futures.iter().map(|_| Word(UnsafeCell::new(0))).collect());
        let threads: Vec<_> = futures
            .iter()
            .enumerate()
            .map(|(place, &future)| {
                let (waker, words) = (wakers.lend(future).clone(), words.clone());
                thread::spawn(move || {
                    // SAFETY: loom finds out whether this is sound.
                    words[place].0.with_mut(|word| unsafe { *word = future });
                    waker.wake();
                })
            })
            .collect();
        let sleeper = Arc::new(Sleeper(Notify::new()));
        let owner = Waker::from(sleeper.clone());
        let mut seen = Vec::new();
        loop {
            wakers.register(&owner);
            wakers.take(|future| {
                let place = futures.iter().position(|&other| other == future).expect("it is one of them");
                // SAFETY: as above.
                let word = words[place].0.with(|word| unsafe { *word });
                assert_eq!(word, future);
                seen.push(future);
            });
            if seen.len() == futures.len() {
                break;
            }
            sleeper.0.wait();
        }
        for thread in threads {
            thread.join().unwrap();
        }
        // What was seen is what was woken, once.
        wakers.take(|future| unreachable!("{future} was woken once"));
        seen.sort_unstable();
        assert_eq!(seen, futures);
    });
}

#[test]
fn no_wake_up_is_lost_in_one_block() {
    none_is_lost(3, &[0, 1]);
}

#[test]
fn no_wake_up_is_lost_in_one_block_behind_a_hub() {
    none_is_lost(3, &[MANY, MANY + 1]);
}

#[test]
fn no_wake_up_is_lost_in_two_blocks_behind_a_hub() {
    none_is_lost(3, &[0, MANY]);
}

#[test]
fn no_wake_up_is_lost_in_blocks_of_two_words() {
    none_is_lost(2, &[0, MANY * MANY]);
}

#[test]
fn a_waker_may_be_the_last_to_hold_its_block() {
    loom::model(|| {
        let sleeper = Arc::new(Sleeper(Notify::new()));
        let mut wakers = Wakers::new(MANY + 1);
        wakers.register(&Waker::from(sleeper.clone()));
        let waker = wakers.lend(MANY).clone();
        let late = thread::spawn(move || waker.wake());
        drop(wakers);
        late.join().unwrap();
        assert_eq!(Arc::strong_count(&sleeper), 1);
    });
}
