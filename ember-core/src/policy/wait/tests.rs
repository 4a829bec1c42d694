use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::moment::pause;
use crate::{Clock, Context, ManualClock, Stopped, SystemClock};

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn a_thread_waits_until_the_clock_has_been_moved_far_enough() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).build();
    let until = clock.now() + HOUR;
    thread::scope(|scope| {
        let waits = scope.spawn(|| pause(until, &clock, &cx));
        for _ in 0..2 {
            clock.until_waiting(1);
            assert!(!waits.is_finished());
            clock.advance(HOUR / 2);
        }
        assert_eq!(waits.join().unwrap(), Ok(()));
    });
}

#[test]
fn r38_cancelling_wakes_a_thread_that_waits() {
    let clock = ManualClock::new();
    let request = Context::builder().clock(clock.clone()).build();
    let cx = Context::builder().parent(&request).build();
    thread::scope(|scope| {
        let waits = scope.spawn(|| pause(clock.now() + HOUR, &clock, &cx));
        clock.until_waiting(1);
        request.cancel();
        assert_eq!(waits.join().unwrap(), Err(Stopped::Cancelled));
    });
    assert_eq!(pause(clock.now() + HOUR, &clock, &cx), Err(Stopped::Cancelled));
}

#[test]
fn r38_cancelling_wakes_a_thread_that_waits_by_the_systems_clock() {
    let cx = Context::builder().build();
    let (about_to_wait, is_about_to_wait) = mpsc::channel();
    thread::scope(|scope| {
        let waits = scope.spawn(|| {
            about_to_wait.send(()).unwrap();
            pause(Instant::now() + HOUR, &SystemClock, &cx)
        });
        is_about_to_wait.recv().unwrap();
        cx.cancel();
        assert_eq!(waits.join().unwrap(), Err(Stopped::Cancelled));
    });
}

#[test]
fn a_thread_waits_no_longer_than_until_the_deadline() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).timeout(HOUR / 2).build();
    thread::scope(|scope| {
        let waits = scope.spawn(|| pause(clock.now() + HOUR, &clock, &cx));
        clock.until_waiting(1);
        clock.advance(HOUR / 2);
        assert_eq!(waits.join().unwrap(), Err(Stopped::DeadlineExceeded));
    });
}

#[test]
fn a_moment_that_has_passed_is_not_waited_for() {
    let clock = ManualClock::new();
    let cx = Context::builder().build();
    assert_eq!(pause(clock.now(), &clock, &cx), Ok(()));
}

#[test]
fn threads_whose_moment_has_come_are_woken_and_the_others_go_on_waiting() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).build();
    let start = clock.now();
    let (done, order) = mpsc::channel();
    thread::scope(|scope| {
        for hours in [3, 1, 2] {
            let (clock, cx, done) = (&clock, &cx, done.clone());
            scope.spawn(move || {
                pause(start + HOUR * hours, clock, cx).unwrap();
                done.send(hours).unwrap();
            });
        }
        clock.until_waiting(3);
        for hours in 1..=3 {
            clock.advance(HOUR);
            assert_eq!(order.recv().unwrap(), hours);
        }
    });
}

/// A user's clock that is moved by hand, of which nobody is told.
#[derive(Clone)]
struct Moved(ManualClock);

impl Clock for Moved {
    fn now(&self) -> Instant {
        self.0.now()
    }
}

#[test]
fn a_clock_that_tells_nobody_when_it_is_moved_is_looked_at_now_and_then() {
    let clock = Moved(ManualClock::new());
    let cx = Context::builder().clock(clock.clone()).build();
    let until = clock.now() + HOUR;
    thread::scope(|scope| {
        let waits = scope.spawn(|| pause(until, &clock, &cx));
        clock.0.advance(HOUR);
        assert_eq!(waits.join().unwrap(), Ok(()));
    });
}
