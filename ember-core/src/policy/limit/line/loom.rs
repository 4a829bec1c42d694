//! Models of the line: no permit is lost, none is given twice, and nobody sleeps beside a free one.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

use super::{Full, Line, Ticket};
use crate::sync::AtomicUsize;
use crate::sync::Ordering::Relaxed;

struct Shared {
    line: Line,
    inside: AtomicUsize,
}

fn shared(permits: u32, most_waiting: usize) -> Arc<Shared> {
    Arc::new(Shared { line: Line::new(permits, most_waiting), inside: AtomicUsize::new(0) })
}

fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(f);
}

/// Waits for a permit, uses it, and gives it back.
fn work(shared: &Shared) -> Result<(), Full> {
    let mut ticket = Ticket::new(&shared.line);
    block_on(poll_fn(|cx| ticket.poll(cx.waker())))?;
    assert!(shared.inside.fetch_add(1, Relaxed) < shared.line.permits() as usize, "one too many");
    shared.inside.fetch_sub(1, Relaxed);
    shared.line.give_back();
    Ok(())
}

/// Comes for a permit, and goes away whatever it gets.
fn give_up(line: &Line) {
    let mut ticket = Ticket::new(line);
    if ticket.poll(Waker::noop()) == Poll::Ready(Ok(())) {
        line.give_back();
    }
}

fn is_whole(shared: &Shared) {
    assert_eq!((shared.line.in_use(), shared.line.waiting()), (0, 0));
    assert!(shared.line.take(), "the permit is there");
}

fn with(other: impl FnOnce(&Shared) + Send + 'static, shared: &Arc<Shared>) -> thread::JoinHandle<()> {
    let shared = Arc::clone(shared);
    thread::spawn(move || other(&shared))
}

#[test]
fn one_permit_serves_three_who_all_wait_for_it() {
    model(|| {
        let shared = shared(1, 2);
        let others =
            [with(|shared| work(shared).unwrap(), &shared), with(|shared| work(shared).unwrap(), &shared)];
        work(&shared).unwrap();
        others.into_iter().for_each(|other| other.join().unwrap());
        is_whole(&shared);
    });
}

#[test]
fn who_gives_up_hands_on_what_it_was_given() {
    model(|| {
        let shared = shared(1, 2);
        assert!(shared.line.take());
        let others =
            [with(|shared| give_up(&shared.line), &shared), with(|shared| work(shared).unwrap(), &shared)];
        shared.line.give_back();
        others.into_iter().for_each(|other| other.join().unwrap());
        is_whole(&shared);
    });
}

#[test]
fn who_steps_aside_and_comes_back_loses_no_permit() {
    model(|| {
        let shared = shared(1, 2);
        assert!(shared.line.take());
        let aside = with(
            |shared| {
                let mut ticket = Ticket::new(&shared.line);
                if ticket.poll(Waker::noop()).is_pending() {
                    ticket.step_aside();
                }
                if ticket.is_waiting() {
                    block_on(poll_fn(|cx| ticket.poll(cx.waker()))).unwrap();
                }
                shared.line.give_back();
            },
            &shared,
        );
        let other = with(|shared| work(shared).unwrap(), &shared);
        shared.line.give_back();
        aside.join().unwrap();
        other.join().unwrap();
        is_whole(&shared);
    });
}

#[test]
fn a_full_line_refuses_and_loses_nothing() {
    model(|| {
        let shared = shared(1, 1);
        assert!(shared.line.take());
        let others = [with(|shared| drop(work(shared)), &shared), with(|shared| drop(work(shared)), &shared)];
        shared.line.give_back();
        others.into_iter().for_each(|other| other.join().unwrap());
        is_whole(&shared);
    });
}

#[test]
fn two_permits_come_back_while_two_wait() {
    model(|| {
        let shared = shared(2, 2);
        assert!(shared.line.take() && shared.line.take());
        let other = with(|shared| work(shared).unwrap(), &shared);
        let third = with(|shared| shared.line.give_back(), &shared);
        shared.line.give_back();
        other.join().unwrap();
        third.join().unwrap();
        is_whole(&shared);
    });
}
