//! Every order in which callers and the threads that work for them may meet.

use loom::sync::Arc;
use loom::thread;

use super::meeting::Meeting;
use super::threads::Threads;
use crate::sync::{AtomicUsize, Ordering, park};

/// A set whose threads go when they have no work.
fn threads(most: usize) -> &'static Threads {
    Box::leak(Box::new(Threads::new(most)))
}

fn counting(count: &Arc<AtomicUsize>) -> Box<dyn FnOnce() + Send> {
    let count = count.clone();
    Box::new(move || {
        count.fetch_add(1, Ordering::AcqRel);
    })
}

#[test]
fn loom_each_job_is_done_once_also_where_its_thread_was_about_to_go() {
    loom::model(|| {
        let (threads, done) = (threads(1), Arc::new(AtomicUsize::new(0)));
        threads.start(counting(&done)).unwrap();
        let other = thread::spawn(|| threads.end());
        threads.start(counting(&done)).unwrap();
        assert!(threads.threads() <= 1);
        other.join().unwrap();
        while threads.threads() > 0 {
            thread::yield_now();
        }
        assert_eq!(done.load(Ordering::Acquire), 2);
    });
}

#[test]
fn loom_a_job_is_done_or_taken_back() {
    loom::model(|| {
        let (threads, done) = (threads(1), Arc::new(AtomicUsize::new(0)));
        threads.end();
        let ticket = threads.start(counting(&done)).unwrap();
        let withdrawn = threads.withdraw(ticket);
        while threads.threads() > 0 {
            thread::yield_now();
        }
        assert_eq!(done.load(Ordering::Acquire), usize::from(!withdrawn));
    });
}

#[test]
fn loom_a_call_that_is_left_behind_is_counted_until_it_ends_and_no_value_is_lost() {
    loom::model(|| {
        let (threads, meeting) = (threads(1), Meeting::new());
        threads.end();
        let (there, dropped) = (meeting.clone(), Arc::new(AtomicUsize::new(0)));
        let late = counting(&dropped);
        let ticket = threads.start(Box::new(move || {
            if there.give(7).is_err() {
                late();
                threads.ended();
            }
        }));
        let mut taken = meeting.take(false);
        if taken.is_none() && !threads.withdraw(ticket.unwrap()) {
            threads.abandon();
            taken = meeting.take(true);
            if taken.is_some() {
                threads.ended();
            }
        }
        while threads.threads() > 0 {
            thread::yield_now();
        }
        assert_eq!(threads.abandoned(), 0);
        assert!(taken.is_none_or(|value| value == 7));
        assert!(taken.is_none() || dropped.load(Ordering::Acquire) == 0, "it is taken or dropped");
    });
}

#[test]
fn loom_who_waits_for_a_value_is_woken() {
    loom::model(|| {
        let meeting = Meeting::new();
        let there = meeting.clone();
        let other = thread::spawn(move || there.give(7).unwrap());
        let value = loop {
            match meeting.take(false) {
                Some(value) => break value,
                None => park(),
            }
        };
        assert_eq!(value, 7);
        other.join().unwrap();
    });
}
