use std::collections::VecDeque;
use std::task::{Poll, Waker};

use proptest::prelude::*;

use super::{Full, Line, Ticket};

/// The same, slow and plain: who holds a permit, and who waits in which order.
struct Model {
    permits: usize,
    most_waiting: usize,
    holds: Vec<usize>,
    /// With whether it has stepped aside.
    waits: VecDeque<(usize, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Outside,
    Waits,
    Aside,
    Holds,
}

impl Model {
    fn stands(&self, who: usize) -> Stands {
        if self.holds.contains(&who) {
            return Stands::Holds;
        }
        match self.waits.iter().find(|(one, _)| *one == who) {
            None => Stands::Outside,
            Some((_, false)) => Stands::Waits,
            Some((_, true)) => Stands::Aside,
        }
    }

    fn come(&mut self, who: usize) -> Result<(), Full> {
        let free = self.holds.len() < self.permits;
        if free && self.waits.iter().all(|(_, aside)| *aside) {
            self.holds.push(who);
        } else if self.waits.len() < self.most_waiting {
            self.waits.push_back((who, false));
        } else {
            return Err(Full);
        }
        Ok(())
    }

    /// Permits go to the first who have not stepped aside.
    fn settle(&mut self) {
        while self.holds.len() < self.permits
            && let Some(first) = self.waits.iter().position(|(_, aside)| !*aside)
        {
            self.holds.push(self.waits.remove(first).unwrap().0);
        }
    }

    fn leave(&mut self, who: usize) {
        self.holds.retain(|one| *one != who);
        self.waits.retain(|(one, _)| *one != who);
        self.settle();
    }

    fn set_aside(&mut self, who: usize, aside: bool) {
        for (one, is_aside) in &mut self.waits {
            if *one == who {
                *is_aside = aside;
            }
        }
        self.settle();
    }
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Come,
    StepAside,
    ComeBack,
    Leave,
}

fn deeds() -> impl Strategy<Value = Vec<(usize, Deed)>> {
    let deed = prop_oneof![
        4 => Just(Deed::Come),
        1 => Just(Deed::StepAside),
        1 => Just(Deed::ComeBack),
        3 => Just(Deed::Leave),
    ];
    proptest::collection::vec((0..8_usize, deed), 0..200)
}

proptest! {
    #[test]
    fn permits_go_to_those_who_came_first(permits in 1..4_u32, most_waiting in 0..5_usize, deeds in deeds()) {
        let line = Line::new(permits, most_waiting);
        let mut model = Model {
            permits: permits as usize,
            most_waiting,
            holds: Vec::new(),
            waits: VecDeque::new(),
        };
        let mut tickets: Vec<Option<Ticket<'_>>> = (0..8).map(|_| None).collect();
        // Who knows of its permit.
        let mut knows = [false; 8];
        for (who, deed) in deeds {
            match (deed, model.stands(who)) {
                (Deed::Come, Stands::Outside) => {
                    let mut ticket = Ticket::new(&line);
                    let polled = ticket.poll(Waker::noop());
                    let expected = model.come(who);
                    prop_assert_eq!(&expected.is_err(), &(polled == Poll::Ready(Err(Full))));
                    knows[who] = polled == Poll::Ready(Ok(()));
                    tickets[who] = (!polled.is_ready()).then_some(ticket);
                }
                (Deed::StepAside, Stands::Waits) => {
                    prop_assert!(tickets[who].as_mut().unwrap().step_aside());
                    model.set_aside(who, true);
                }
                (Deed::StepAside, Stands::Holds) if !knows[who] => {
                    prop_assert!(!tickets[who].as_mut().unwrap().step_aside());
                }
                (Deed::ComeBack, Stands::Waits | Stands::Aside | Stands::Holds) if !knows[who] => {
                    model.set_aside(who, false);
                    let polled = tickets[who].as_mut().unwrap().poll(Waker::noop());
                    prop_assert_eq!(polled.is_ready(), model.stands(who) == Stands::Holds);
                    knows[who] = polled.is_ready();
                }
                (Deed::Leave, stands) => {
                    tickets[who] = None;
                    if stands == Stands::Holds && knows[who] {
                        line.give_back();
                    }
                    knows[who] = false;
                    model.leave(who);
                }
                _ => {}
            }
            prop_assert_eq!(line.in_use() as usize, model.holds.len());
            prop_assert_eq!(line.waiting(), model.waits.len());
        }
    }
}
