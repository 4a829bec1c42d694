//! All orders of the threads. A source has a value, which the loads read.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Instant;

use loom::future::block_on;
use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::SeqCst;
use loom::thread;

use super::{Joined, Kind, Machine, Turn, Want};
use crate::policy::wait::turn::Wait;

struct World {
    machine: Arc<Machine<usize, ()>>,
    source: AtomicUsize,
    loads: AtomicUsize,
    under_way: AtomicUsize,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            machine: Arc::new(Machine::new(None)),
            source: AtomicUsize::new(1),
            loads: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
        })
    }

    /// Asks as a thread does. The first so many loads come to nothing.
    fn ask(&self, mut want: Want, failures: usize) -> Option<usize> {
        let lead = loop {
            match self.machine.join(want, Kind::Thread, None) {
                Joined::Found(value) => return Some(value),
                Joined::Lead(lead) => break lead,
                Joined::Wait(mut ticket) => match block_on(poll_fn(|task| ticket.poll(task.waker()))) {
                    Turn::Lead(lead) => break lead,
                    Turn::Again(wanted) => want = wanted,
                },
                Joined::Refresh(..) | Joined::Failed(..) | Joined::Busy => unreachable!("nothing is timed"),
            }
        };
        let at_once = self.under_way.fetch_add(1, SeqCst);
        let value = self.source.load(SeqCst);
        let nth = self.loads.fetch_add(1, SeqCst);
        assert_eq!(at_once, 0, "one load at a time");
        self.under_way.fetch_sub(1, SeqCst);
        if nth < failures {
            // One is dropped, the next fails.
            if nth % 2 == 1 {
                lead.fail((), Instant::now(), |_, _| None);
            }
            return None;
        }
        lead.land(value, Instant::now());
        Some(value)
    }

    fn is_at_rest(&self) {
        let look = self.machine.look();
        assert!(!look.is_loading && look.waiting == 0);
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
fn loom_r36_one_loads_and_all_get_its_value() {
    model(|| {
        let world = World::new();
        let others = [(); 2].map(|()| spawn(&world, |world| world.ask(Want::Any, 0)));
        assert_eq!(world.ask(Want::Any, 0), Some(1));
        for other in others {
            assert_eq!(other.join().unwrap(), Some(1));
        }
        assert_eq!(world.loads.load(SeqCst), 1);
        world.is_at_rest();
    });
}

#[test]
fn loom_r36_a_leader_that_fails_or_goes_hands_over() {
    model(|| {
        let world = World::new();
        let others = [(); 2].map(|()| spawn(&world, |world| world.ask(Want::Any, 2)));
        let mut got = vec![world.ask(Want::Any, 2)];
        got.extend(others.map(|other| other.join().unwrap()));
        got.sort_unstable();
        assert_eq!(got, [None, None, Some(1)]);
        assert_eq!(world.loads.load(SeqCst), 3);
        world.is_at_rest();
    });
}

#[test]
fn loom_r36_one_that_stops_waiting_takes_nothing_along() {
    model(|| {
        let world = World::new();
        // The lead may come to this one, which does not take it up.
        let leaves = spawn(&world, |world| {
            if let Joined::Wait(mut ticket) = world.machine.join(Want::Any, Kind::Thread, None) {
                let _ = ticket.poll(Waker::noop());
            }
        });
        let other = spawn(&world, |world| world.ask(Want::Any, 1));
        let mine = world.ask(Want::Any, 1);
        leaves.join().unwrap();
        let theirs = other.join().unwrap();
        assert!(mine.is_some() || theirs.is_some());
        world.is_at_rest();
    });
}

#[test]
fn loom_r36_one_that_does_something_else_meanwhile_loses_nothing() {
    model(|| {
        let world = World::new();
        let aside = spawn(&world, |world| match world.machine.join(Want::Any, Kind::Thread, None) {
            Joined::Wait(mut ticket) => {
                let _ = ticket.poll(Waker::noop()).is_ready() || ticket.step_aside();
                drop(ticket);
                world.ask(Want::Any, 1)
            }
            Joined::Found(value) => Some(value),
            Joined::Lead(lead) => {
                drop(lead);
                world.ask(Want::Any, 1)
            }
            _ => unreachable!("nothing is timed"),
        });
        let mine = world.ask(Want::Any, 1);
        let theirs = aside.join().unwrap();
        assert!(mine.is_some() || theirs.is_some());
        world.is_at_rest();
    });
}

#[test]
fn loom_r36_who_reloads_gets_nothing_older_than_his_wish() {
    model(|| {
        let world = World::new();
        let before = spawn(&world, |world| world.ask(Want::Any, 0));
        world.source.store(2, SeqCst);
        assert_eq!(world.ask(Want::Newer, 0), Some(2));
        assert!(before.join().unwrap().is_some());
        assert_eq!(world.ask(Want::Any, 0), Some(2));
        world.is_at_rest();
    });
}

#[test]
fn loom_r36_reloads_at_the_same_time_share_one_load() {
    model(|| {
        let world = World::new();
        let others = [(); 2].map(|()| spawn(&world, |world| world.ask(Want::Newer, 0)));
        assert_eq!(world.ask(Want::Newer, 0), Some(1));
        for other in others {
            assert_eq!(other.join().unwrap(), Some(1));
        }
        assert!(world.loads.load(SeqCst) <= 3);
        world.is_at_rest();
    });
}

#[test]
fn loom_r36_who_asks_after_a_clear_gets_nothing_older() {
    // A load that was detached may run beside the next.
    model(|| {
        let world = World::new();
        let before = spawn(&world, |world| {
            let Joined::Lead(lead) = world.machine.join(Want::Any, Kind::Thread, None) else { return };
            let value = world.source.load(SeqCst);
            lead.land(value, Instant::now());
        });
        world.source.store(2, SeqCst);
        world.machine.clear();
        assert_eq!(world.ask(Want::Any, 0), Some(2));
        before.join().unwrap();
        assert_eq!(world.machine.look().kept.map(|(value, _)| value), Some(2));
        world.is_at_rest();
    });
}

#[test]
fn loom_r36_a_queued_load_is_done_by_its_thread_or_by_one_that_waits() {
    model(|| {
        let world = World::new();
        // A future has the load queued, and its thread comes some time.
        let job = spawn(&world, |world| match world.machine.join(Want::Any, Kind::Future, None) {
            Joined::Lead(lead) => {
                lead.queue();
                if lead.begin() {
                    world.loads.fetch_add(1, SeqCst);
                    lead.land(1, Instant::now());
                }
            }
            Joined::Found(_) => {}
            Joined::Wait(mut ticket) => {
                if let Poll::Ready(Turn::Lead(lead)) = ticket.poll(Waker::noop()) {
                    lead.queue();
                }
            }
            _ => unreachable!("nothing is timed"),
        });
        assert_eq!(world.ask(Want::Any, 0), Some(1));
        job.join().unwrap();
        assert_eq!(world.loads.load(SeqCst), 1);
        assert_eq!(world.machine.look().counts.loads, 1);
        world.is_at_rest();
    });
}
