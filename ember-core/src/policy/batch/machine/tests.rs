//! The machine beside a slow and obvious one: lists of items, and who is woken goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Poll, Wake, Waker};

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Fly, Kind, Lead, Machine, Ticket, Turn};
use crate::policy::wait::turn::Wait;

const MAX: usize = 3;
const IN_FLIGHT: usize = 2;
const QUEUE: usize = 8;

type Call = Vec<(u64, u32)>;

#[derive(Clone, Debug)]
enum Move {
    Join(u8),
    JoinWhole(usize),
    /// The time of the batch that this one watches comes.
    Ring(Index),
    /// The call of one that is at work ends, or gives up.
    Land(Index, bool),
    /// One that polls a call leaves it for a while.
    Park(Index),
    Drop(Index),
    Aside(Index),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..3u8).prop_map(Move::Join),
        1 => (1..=MAX).prop_map(Move::JoinWhole),
        3 => any::<Index>().prop_map(Move::Ring),
        3 => (any::<Index>(), prop::bool::weighted(0.9)).prop_map(|(one, well)| Move::Land(one, well)),
        2 => any::<Index>().prop_map(Move::Park),
        2 => any::<Index>().prop_map(Move::Drop),
        1 => any::<Index>().prop_map(Move::Aside),
    ];
    prop::collection::vec(one, 0..80)
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

enum Stage<'m> {
    Waits,
    Leads(Lead<'m, u32, u32, u8, Call>),
    Flies(Fly<'m, u32, u32, u8, Call>),
}

/// One who waits. What it holds of its call goes before its place.
struct One<'m> {
    item: u32,
    watches: bool,
    woken: Arc<Flag>,
    stage: Stage<'m>,
    ticket: Ticket<'m, u32, u32, u8, Call>,
}

/// A batch as a list.
#[derive(Debug)]
struct List {
    /// None, if it takes no more.
    key: Option<u8>,
    items: Vec<u32>,
    weight: usize,
    ready: bool,
}

struct World<'m> {
    machine: &'m Machine<u32, u32, u8, Call>,
    line: Vec<List>,
    flying: usize,
    ones: Vec<One<'m>>,
    next: u32,
}

impl<'m> World<'m> {
    fn waiting(&self) -> usize {
        self.line.iter().map(|list| list.weight).sum()
    }

    fn add(&mut self, item: u32, ticket: Ticket<'m, u32, u32, u8, Call>) {
        let woken = Arc::new(Flag(AtomicBool::new(true)));
        self.ones.push(One { item, watches: false, woken, stage: Stage::Waits, ticket });
    }

    fn join(&mut self, key: u8) {
        self.next += 1;
        let item = self.next;
        let has_room = self.waiting() < QUEUE;
        let kind = if key == 0 { Kind::Thread } else { Kind::Future };
        let joined = self.machine.join(kind, key, item, None);
        assert_eq!(joined.is_ok(), has_room);
        let Ok(ticket) = joined else { return };
        match self.line.iter_mut().find(|list| list.key == Some(key)) {
            Some(list) => {
                list.items.push(item);
                list.weight += 1;
                if list.items.len() == MAX {
                    (list.key, list.ready) = (None, true);
                }
            }
            None => self.line.push(List { key: Some(key), items: vec![item], weight: 1, ready: false }),
        }
        self.add(item, ticket);
    }

    fn join_whole(&mut self, items: usize) {
        self.next += 1;
        let item = self.next;
        let ready = self.line.iter().filter(|list| list.ready).count();
        let has_room = self.flying + ready < IN_FLIGHT || self.waiting() + items <= QUEUE;
        let joined = self.machine.join_whole(items);
        assert_eq!(joined.is_ok(), has_room);
        let Ok(ticket) = joined else { return };
        self.line.push(List { key: None, items: vec![item], weight: items, ready: true });
        self.add(item, ticket);
    }

    fn list_of(&mut self, item: u32) -> Option<&mut List> {
        self.line.iter_mut().find(|list| list.items.contains(&item))
    }

    /// Lets all who were woken go on until nobody is.
    fn settle(&mut self) {
        while let Some(at) = self.ones.iter().position(|one| one.woken.0.swap(false, SeqCst)) {
            let one = &mut self.ones[at];
            if !matches!(one.stage, Stage::Waits) {
                continue;
            }
            let waker = Waker::from(Arc::clone(&one.woken));
            let (item, turn) = (one.item, one.ticket.poll(&waker));
            match turn {
                Poll::Pending => {}
                Poll::Ready(Turn::Watch(_)) => {
                    one.watches = true;
                    one.woken.0.store(true, SeqCst);
                }
                Poll::Ready(Turn::Lead(lead)) => self.leads(at, item, lead),
                Poll::Ready(Turn::Fly(fly)) => one.stage = Stage::Flies(fly),
                Poll::Ready(Turn::Answer(answer)) => {
                    assert_eq!(answer, 10 * item);
                    self.ones.remove(at);
                }
                Poll::Ready(Turn::Lost) => drop(self.ones.remove(at)),
            }
        }
    }

    fn leads(&mut self, at: usize, item: u32, lead: Lead<'m, u32, u32, u8, Call>) {
        let room = IN_FLIGHT.checked_sub(self.flying).expect("no more fly than may");
        let ready = self.line.iter().filter(|list| list.ready).take(room);
        let goes = ready.map(|list| list.items.clone()).find(|items| items.contains(&item));
        let goes = goes.expect("the first that are ready go");
        self.line.retain(|list| list.items != goes);
        self.flying += 1;
        let items: Vec<u32> = lead.items.iter().map(|(_, item)| *item).collect();
        assert!(items == goes || items.is_empty(), "{items:?} {goes:?}");
        self.ones[at].stage = Stage::Leads(lead);
    }

    fn land(&mut self, at: usize, well: bool) {
        let one = &mut self.ones[at];
        let stage = std::mem::replace(&mut one.stage, Stage::Waits);
        let answers =
            |items: &[(u64, u32)]| items.iter().map(|(no, item)| (*no, 10 * item)).collect::<Vec<_>>();
        match stage {
            Stage::Waits => return,
            Stage::Leads(mut lead) if well => {
                let items = lead.take_items();
                lead.land(answers(&items));
            }
            Stage::Flies(fly) if well => {
                assert!(fly.poll(|items| Poll::Ready(answers(items))).is_ready());
            }
            Stage::Leads(_) | Stage::Flies(_) => {}
        }
        self.flying -= 1;
        one.woken.0.store(true, SeqCst);
    }

    fn park(&mut self, at: usize) {
        let one = &mut self.ones[at];
        match std::mem::replace(&mut one.stage, Stage::Waits) {
            Stage::Leads(mut lead) => {
                let items = lead.take_items();
                lead.park(items);
            }
            Stage::Flies(fly) => assert!(fly.poll(|_| Poll::Pending).is_pending()),
            Stage::Waits => {}
        }
        one.woken.0.store(true, SeqCst);
    }

    fn give_up(&mut self, at: usize) {
        let one = self.ones.remove(at);
        if let Some(list) = self.list_of(one.item) {
            list.items.retain(|item| *item != one.item);
            list.weight = list.items.len();
        }
        drop(one);
        self.line.retain(|list| !list.items.is_empty());
        // The rest is asked of the machine: whether a call was dropped with the last who waited for it.
        self.flying = self.machine.flying();
    }

    fn check(&self) {
        assert_eq!(self.machine.waiting(), self.waiting());
        assert_eq!(self.machine.flying(), self.flying);
        assert!(self.flying <= IN_FLIGHT);
    }
}

proptest! {
    #[test]
    fn r10_every_item_goes_in_one_batch_of_its_key_and_gets_its_answer(moves in moves()) {
        let machine = Machine::new(MAX, IN_FLIGHT, QUEUE);
        let mut world = World { machine: &machine, line: Vec::new(), flying: 0, ones: Vec::new(), next: 0 };
        for step in moves {
            let count = world.ones.len();
            match step {
                Move::Join(key) => world.join(key),
                Move::JoinWhole(items) => world.join_whole(items),
                _ if count == 0 => {}
                Move::Ring(one) => {
                    let one = one.index(count);
                    if world.ones[one].watches {
                        world.ones[one].ticket.ring();
                        world.ones[one].woken.0.store(true, SeqCst);
                        let item = world.ones[one].item;
                        if let Some(list) = world.list_of(item) {
                            list.ready = true;
                        }
                    }
                }
                Move::Land(one, well) => world.land(one.index(count), well),
                Move::Park(one) => world.park(one.index(count)),
                Move::Drop(one) => world.give_up(one.index(count)),
                Move::Aside(one) => {
                    // It comes back, as threads do.
                    let one = &mut world.ones[one.index(count)];
                    if matches!(one.stage, Stage::Waits) {
                        one.ticket.step_aside();
                        one.woken.0.store(true, SeqCst);
                    }
                }
            }
            world.settle();
            world.check();
        }
        // Those that have been woken, the time, and the ends of calls are all that it takes.
        for _ in 0..1000 {
            for at in (0..world.ones.len()).rev() {
                if at < world.ones.len() && world.ones[at].watches {
                    let item = world.ones[at].item;
                    world.ones[at].ticket.ring();
                    world.ones[at].woken.0.store(true, SeqCst);
                    if let Some(list) = world.list_of(item) {
                        list.ready = true;
                    }
                    world.settle();
                }
            }
            for at in (0..world.ones.len()).rev() {
                if at < world.ones.len() {
                    world.land(at, true);
                    world.settle();
                }
            }
            world.check();
        }
        prop_assert!(world.ones.is_empty(), "{} wait for ever", world.ones.len());
        prop_assert!(machine.is_empty());
    }
}

#[test]
fn r10_a_whole_batch_needs_no_room_in_the_line_if_it_goes_at_once() {
    let machine = Machine::<u32, u32, u8, Call>::new(MAX, 1, MAX);
    let first = machine.join_whole(100);
    assert!(first.is_ok());
    assert!(machine.join_whole(100).is_err());
    drop(first);
    assert!(machine.is_empty());
}
