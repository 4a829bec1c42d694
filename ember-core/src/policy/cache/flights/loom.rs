//! All orders of the threads. A source has a value, which the calls read and a store keeps.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Waker;

use loom::future::block_on;
use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::SeqCst;
use loom::thread;

use super::{Flights, Joined, Kind, Turn};
use crate::policy::wait::turn::Wait;
use crate::sync::{Mutex, lock};

const HASH: u64 = 7;
const KEY: &u8 = &1;

struct World {
    flights: Flights<u8, usize>,
    kept: Mutex<Option<usize>>,
    source: AtomicUsize,
    calls: AtomicUsize,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            flights: Flights::new(),
            kept: Mutex::new(None),
            source: AtomicUsize::new(1),
            calls: AtomicUsize::new(0),
        })
    }

    /// Asks as a thread does. The first so many calls fail.
    fn ask(&self, failures: usize) -> Option<usize> {
        let lead = loop {
            match self.flights.join(HASH, &KEY, Kind::Thread, || *lock(&self.kept)) {
                Joined::Found(value) => return Some(value),
                Joined::Lead(lead) => break lead,
                Joined::Wait(mut ticket) => match block_on(poll_fn(|task| ticket.poll(task.waker()))) {
                    Turn::Value(value) => return Some(value),
                    Turn::Lead(lead) => break lead,
                    Turn::Again => {}
                },
                Joined::Beside => unreachable!("only threads ask"),
            }
        };
        let value = self.source.load(SeqCst);
        if self.calls.fetch_add(1, SeqCst) < failures {
            return None;
        }
        lead.land(value, |_| *lock(&self.kept) = Some(value));
        Some(value)
    }

    fn invalidate(&self) {
        self.flights.invalidate(HASH, &KEY, || *lock(&self.kept) = None);
    }
}

/// Tries the orders with three interruptions at most, as all of them would take hours.
fn model(f: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(f);
}

fn spawn<R: 'static>(world: &Arc<World>, f: impl FnOnce(&World) -> R + 'static) -> thread::JoinHandle<R> {
    let world = Arc::clone(world);
    thread::spawn(move || f(&world))
}

#[test]
fn loom_one_calls_and_all_get_its_value() {
    model(|| {
        let world = World::new();
        let others = [spawn(&world, |world| world.ask(0)), spawn(&world, |world| world.ask(0))];
        assert_eq!(world.ask(0), Some(1));
        for other in others {
            assert_eq!(other.join().unwrap(), Some(1));
        }
        assert_eq!(world.calls.load(SeqCst), 1);
        assert_eq!(world.flights.len(), 0);
    });
}

#[test]
fn loom_a_leader_that_fails_hands_over() {
    model(|| {
        let world = World::new();
        let others = [spawn(&world, |world| world.ask(1)), spawn(&world, |world| world.ask(1))];
        let mut got = vec![world.ask(1)];
        got.extend(others.map(|other| other.join().unwrap()));
        got.sort_unstable();
        assert_eq!(got, [None, Some(1), Some(1)]);
        assert_eq!(world.calls.load(SeqCst), 2);
        assert_eq!(world.flights.len(), 0);
    });
}

#[test]
fn loom_one_that_stops_waiting_takes_nothing_along() {
    model(|| {
        let world = World::new();
        // The lead may come to this one, which does not take it up.
        let leaves = spawn(&world, |world| {
            if let Joined::Wait(mut ticket) =
                world.flights.join(HASH, &KEY, Kind::Thread, || *lock(&world.kept))
            {
                let _ = ticket.poll(Waker::noop());
            }
        });
        let other = spawn(&world, |world| world.ask(1));
        let mine = world.ask(1);
        leaves.join().unwrap();
        let theirs = other.join().unwrap();
        assert!(mine.is_some() || theirs.is_some());
        assert_eq!(world.flights.len(), 0);
    });
}

#[test]
fn loom_who_asks_after_an_invalidation_gets_nothing_older() {
    model(|| {
        let world = World::new();
        let before = spawn(&world, |world| world.ask(0));
        world.source.store(2, SeqCst);
        world.invalidate();
        assert_eq!(world.ask(0), Some(2));
        assert!(before.join().unwrap().is_some());
        assert_eq!(*lock(&world.kept), Some(2));
        assert_eq!(world.flights.len(), 0);
    });
}

#[test]
fn loom_an_heir_whose_key_is_invalidated_begins_anew() {
    model(|| {
        let world = World::new();
        let other = spawn(&world, |world| world.ask(1));
        let third = spawn(&world, |world| {
            world.source.store(2, SeqCst);
            world.invalidate();
            world.ask(1)
        });
        let mine = world.ask(1);
        let got = [mine, other.join().unwrap(), third.join().unwrap()];
        assert_eq!(got.iter().filter(|got| got.is_none()).count(), 1, "one call fails");
        assert!(got[2].is_none_or(|value| value == 2));
        assert_eq!(world.flights.len(), 0);
    });
}

#[test]
fn loom_a_flight_whose_waiters_do_something_else_is_free_to_be_led() {
    model(|| {
        let world = World::new();
        let busy = spawn(&world, |world| {
            match world.flights.join(HASH, &KEY, Kind::Thread, || *lock(&world.kept)) {
                Joined::Wait(mut ticket) => {
                    if ticket.poll(Waker::noop()).is_ready() {
                        return;
                    }
                    if ticket.step_aside() {
                        // Other work, in which the key is asked for again.
                        assert!(world.ask(1).is_some());
                    }
                    match block_on(poll_fn(|task| ticket.poll(task.waker()))) {
                        Turn::Lead(lead) => {
                            lead.land(1, |_| *lock(&world.kept) = Some(1));
                        }
                        Turn::Value(value) => assert_eq!(value, 1),
                        Turn::Again => unreachable!("nothing is invalidated"),
                    }
                }
                Joined::Lead(lead) => drop(lead),
                Joined::Found(_) | Joined::Beside => {}
            }
        });
        assert_eq!(world.ask(1), None);
        busy.join().unwrap();
        assert_eq!(world.flights.len(), 0);
    });
}
