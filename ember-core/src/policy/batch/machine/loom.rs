//! All orders of the threads. Time comes whenever somebody watches it.

use std::future::poll_fn;
use std::task::Poll;

use loom::future::block_on;
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::SeqCst;
use loom::thread;

use super::{Kind, Machine, Ticket, Turn};

/// A call is how often it has to be polled, and whose it is.
type Call = (u32, Vec<(u64, u32)>);
type Tens = Machine<u32, u32, (), Call>;

struct World {
    machine: Tens,
    calls: AtomicUsize,
}

impl World {
    fn new(max: usize, in_flight: usize) -> Arc<Self> {
        Arc::new(Self { machine: Machine::new(max, in_flight, 8), calls: AtomicUsize::new(0) })
    }

    fn ticket(&self, kind: Kind, item: u32) -> Ticket<'_, u32, u32, (), Call> {
        self.machine.join(kind, (), item, None).ok().expect("there is room")
    }

    /// Asks for ten times an item as a thread does.
    fn ask(&self, item: u32) -> u32 {
        let mut ticket = self.ticket(Kind::Thread, item);
        block_on(poll_fn(|task| {
            loop {
                match ticket.poll(task.waker()) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Turn::Watch(_)) => ticket.ring(),
                    Poll::Ready(Turn::Lead(mut lead)) => {
                        self.calls.fetch_add(1, SeqCst);
                        let items = lead.take_items();
                        lead.land(items.into_iter().map(|(no, item)| (no, 10 * item)).collect());
                    }
                    Poll::Ready(Turn::Answer(answer)) => return Poll::Ready(answer),
                    Poll::Ready(Turn::Lost | Turn::Fly(_)) => unreachable!("threads land what they lead"),
                }
            }
        }))
    }

    /// The same as a future, which is dropped instead of waiting for longer than so many polls.
    fn ask_async(&self, item: u32, polls: u32) -> Option<u32> {
        let mut ticket = self.ticket(Kind::Future, item);
        let mut left = polls;
        block_on(poll_fn(move |task| {
            if left == 0 {
                return Poll::Ready(None);
            }
            left -= 1;
            loop {
                match ticket.poll(task.waker()) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Turn::Watch(_)) => ticket.ring(),
                    Poll::Ready(Turn::Lead(mut lead)) => {
                        self.calls.fetch_add(1, SeqCst);
                        let items = lead.take_items();
                        lead.park((1, items));
                    }
                    Poll::Ready(Turn::Fly(fly)) => {
                        let polled = fly.poll(|(polls, items)| {
                            if *polls > 0 {
                                *polls -= 1;
                                task.waker().wake_by_ref();
                                return Poll::Pending;
                            }
                            Poll::Ready(items.iter().map(|(no, item)| (*no, 10 * item)).collect())
                        });
                        if polled.is_pending() {
                            return Poll::Pending;
                        }
                    }
                    Poll::Ready(Turn::Answer(answer)) => return Poll::Ready(Some(answer)),
                    Poll::Ready(Turn::Lost) => unreachable!("calls end well"),
                }
            }
        }))
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
fn loom_each_thread_gets_its_own_answer() {
    model(|| {
        let world = World::new(2, 2);
        let others = [spawn(&world, |world| world.ask(2)), spawn(&world, |world| world.ask(3))];
        assert_eq!(world.ask(1), 10);
        let others = others.map(|other| other.join().unwrap());
        assert_eq!(others, [20, 30]);
        assert!(world.machine.is_empty());
        assert!((2..=3).contains(&world.calls.load(SeqCst)));
    });
}

#[test]
fn loom_batches_that_wait_for_room_go_when_there_is_some() {
    model(|| {
        let world = World::new(1, 1);
        let others = [spawn(&world, |world| world.ask(2)), spawn(&world, |world| world.ask(3))];
        assert_eq!(world.ask(1), 10);
        let others = others.map(|other| other.join().unwrap());
        assert_eq!(others, [20, 30]);
        assert_eq!(world.calls.load(SeqCst), 3);
        assert!(world.machine.is_empty());
    });
}

#[test]
fn loom_a_call_goes_on_when_its_pilot_is_dropped() {
    for polls in 0..3 {
        model(move || {
            let world = World::new(2, 1);
            let other = spawn(&world, move |world| world.ask_async(2, polls));
            assert_eq!(world.ask_async(1, u32::MAX), Some(10));
            let other = other.join().unwrap();
            assert!(other.is_none_or(|answer| answer == 20));
            assert!(world.machine.is_empty());
        });
    }
}

#[test]
fn loom_nothing_is_left_of_those_who_all_give_up() {
    model(|| {
        let world = World::new(2, 1);
        let other = spawn(&world, |world| world.ask_async(2, 1));
        let answers = [world.ask_async(1, 1), other.join().unwrap()];
        assert!(answers.into_iter().flatten().all(|answer| answer % 10 == 0));
        assert!(world.machine.is_empty());
    });
}
