//! Threads that share a call.

use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::minute::Minute;
use crate::policy::{Batcher, PolicyError};
use crate::{Context, ManualClock};

type Tens = Batcher<u32, u32, String>;

const WAIT: Duration = Duration::from_millis(2);

fn tens(items: &[u32]) -> Vec<u32> {
    items.iter().map(|item| 10 * item).collect()
}

#[test]
fn r10_a_lone_call_is_delayed_by_no_more_than_the_wait() {
    let clock = ManualClock::new();
    let batcher: Tens = Batcher::builder().wait(WAIT).clock(clock.clone()).build().unwrap();
    thread::scope(|scope| {
        let call = scope.spawn(|| batcher.call(1, |items| tens(&items)));
        clock.until_waiting(1);
        clock.advance(Duration::from_nanos(1_999_999));
        assert_eq!((batcher.waiting(), batcher.batches()), (1, 0));
        clock.advance(Duration::from_nanos(1));
        assert_eq!(call.join().unwrap().unwrap(), 10);
    });
    assert_eq!((batcher.batches(), batcher.items()), (1, 1));
}

#[test]
fn r10_a_full_batch_goes_at_once_and_each_gets_its_own() {
    let clock = ManualClock::new();
    let batcher: Tens = Batcher::builder().max(3).wait(WAIT).clock(clock).build().unwrap();
    let batches = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let calls = [1, 2, 3, 4, 5, 6].map(|item| {
            let (batcher, batches) = (&batcher, &batches);
            scope.spawn(move || {
                batcher.call(item, |items| {
                    batches.lock().unwrap().push(items.len());
                    tens(&items)
                })
            })
        });
        let answers = calls.map(|call| call.join().unwrap().unwrap());
        assert_eq!(answers, [10, 20, 30, 40, 50, 60]);
    });
    assert_eq!(batches.into_inner().unwrap(), [3, 3]);
}

#[test]
fn r10_without_a_wait_a_thread_that_is_alone_goes_at_once() {
    let batcher: Tens = Batcher::builder().wait(Duration::ZERO).clock(ManualClock::new()).build().unwrap();
    assert_eq!(batcher.call(1, |items| tens(&items)).unwrap(), 10);
}

#[test]
fn r10_what_comes_while_there_is_no_room_in_flight_goes_together() {
    let batcher: Tens =
        Batcher::builder().wait(Duration::ZERO).in_flight(1).clock(ManualClock::new()).build().unwrap();
    let (go, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    thread::scope(|scope| {
        let batcher = &batcher;
        let first = scope.spawn(move || {
            batcher.call(1, |items| {
                begun.send(()).unwrap();
                wait.recv().unwrap();
                tens(&items)
            })
        });
        has_begun.recv().unwrap();
        let others = [2, 3, 4].map(|item| scope.spawn(move || batcher.call(item, |items| tens(&items))));
        while batcher.waiting() < 3 {
            thread::yield_now();
        }
        assert_eq!((batcher.in_flight(), batcher.batches()), (1, 1));
        go.send(()).unwrap();
        assert_eq!(first.join().unwrap().unwrap(), 10);
        assert_eq!(others.map(|call| call.join().unwrap().unwrap()), [20, 30, 40]);
    });
    assert_eq!((batcher.batches(), batcher.items(), batcher.in_flight()), (2, 4, 0));
}

#[test]
fn r10_the_line_is_bounded() {
    let _bound = Minute::begin();
    let clock = ManualClock::new();
    let batcher: Tens = Batcher::builder().max(2).queue(2).in_flight(1).clock(clock).build().unwrap();
    let (go, wait) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let batcher = &batcher;
        let busy = scope.spawn(move || {
            batcher.call_all([1], |items| {
                wait.recv().unwrap();
                tens(&items)
            })
        });
        while batcher.in_flight() < 1 {
            thread::yield_now();
        }
        let waiting = [2, 3].map(|item| scope.spawn(move || batcher.call(item, |items| tens(&items))));
        while batcher.waiting() < 2 {
            thread::yield_now();
        }
        let refused = batcher.call(4, |items| tens(&items)).unwrap_err();
        assert!(refused.is_full() && refused.is_rejected());
        assert_eq!(refused.to_string(), "the queue limit is reached");
        assert!(batcher.call_all([4, 5], |items| tens(&items)).iter().all(Result::is_err));
        go.send(()).unwrap();
        assert_eq!(busy.join().unwrap()[0].as_ref().unwrap(), &10);
        assert_eq!(waiting.map(|call| call.join().unwrap().unwrap()), [20, 30]);
    });
}

#[test]
fn r10_calls_of_different_keys_share_no_batch() {
    let clock = ManualClock::new();
    let batcher: Batcher<u32, u32, String, &str> = Batcher::builder().max(2).clock(clock).build().unwrap();
    thread::scope(|scope| {
        let calls = [("a", 1), ("b", 2), ("a", 3), ("b", 4)].map(|(key, item)| {
            let batcher = &batcher;
            scope.spawn(move || {
                batcher.call_with(key, item, |items| {
                    assert!(items.iter().all(|other| other % 2 == item % 2), "{key}: {items:?}");
                    tens(&items)
                })
            })
        });
        assert_eq!(calls.map(|call| call.join().unwrap().unwrap()), [10, 20, 30, 40]);
    });
    assert_eq!((batcher.batches(), batcher.items()), (2, 4));
}

#[test]
fn r10_a_caller_that_is_cancelled_is_taken_out_of_its_batch() {
    let _bound = Minute::begin();
    let clock = ManualClock::new();
    let batcher: Tens = Batcher::builder().wait(WAIT).clock(clock.clone()).build().unwrap();
    let request = Context::builder().build();
    thread::scope(|scope| {
        // It watches the time, which the other has to do after it.
        let gone = scope.spawn(|| request.scope(|| batcher.call(1, |items| tens(&items))));
        clock.until_waiting(1);
        let stays = scope.spawn(|| {
            batcher.call(2, |items| {
                assert_eq!(items, [2]);
                tens(&items)
            })
        });
        while batcher.waiting() < 2 {
            thread::yield_now();
        }
        request.cancel();
        assert!(gone.join().unwrap().unwrap_err().is_cancelled());
        clock.until_waiting(1);
        clock.advance(WAIT);
        assert_eq!(stays.join().unwrap().unwrap(), 20);
    });
}

#[test]
fn r10_whole_lots_go_without_waiting() {
    let batcher: Tens = Batcher::builder().max(4).clock(ManualClock::new()).build().unwrap();
    let mut sizes = Vec::new();
    let answers = batcher.call_all(0..10, |items| {
        sizes.push(items.len());
        tens(&items)
    });
    let answers: Result<Vec<u32>, PolicyError<String>> = answers.into_iter().collect();
    assert_eq!(answers.unwrap(), (0..10).map(|n| 10 * n).collect::<Vec<_>>());
    assert_eq!(sizes, [4, 4, 2]);
}

#[test]
fn r10_a_call_inside_of_a_call_waits_for_none() {
    let batcher: Tens = Batcher::builder().max(2).in_flight(1).clock(ManualClock::new()).build().unwrap();
    let answers = batcher.call_all([1], |items| {
        let inner = batcher.call(items[0], |items| tens(&items)).unwrap();
        vec![inner + batcher.call_all([5], |items| tens(&items)).pop().unwrap().unwrap()]
    });
    assert_eq!(answers[0].as_ref().unwrap(), &60);
}
