use std::task::{Poll, Waker};

use proptest::prelude::*;

use super::{Claim, Full, Weights};

/// The same, slow and plain: who holds how much, and who waits in which order.
struct Model {
    whole: usize,
    most_waiting: usize,
    holds: Vec<(usize, usize)>,
    /// With whether it has stepped aside.
    waits: Vec<(usize, usize, bool)>,
    peak: usize,
}

impl Model {
    fn used(&self) -> usize {
        self.holds.iter().map(|(_, weight)| weight).sum()
    }

    fn fits(&self, weight: usize) -> bool {
        weight == 0 || self.used() + weight <= self.whole
    }

    fn hold(&mut self, who: usize, weight: usize) {
        self.holds.push((who, weight));
        self.peak = self.peak.max(self.used());
    }

    fn come(&mut self, who: usize, weight: usize) -> Result<(), Full> {
        if self.fits(weight) && self.waits.iter().all(|(.., aside)| *aside) {
            self.hold(who, weight);
        } else if self.waits.len() < self.most_waiting {
            self.waits.push((who, weight, false));
        } else {
            return Err(Full);
        }
        Ok(())
    }

    /// Serves the first who have not stepped aside, as far as it goes.
    fn settle(&mut self) {
        while let Some(first) = self.waits.iter().position(|(.., aside)| !*aside)
            && self.fits(self.waits[first].1)
        {
            let (who, weight, _) = self.waits.remove(first);
            self.hold(who, weight);
        }
    }

    fn leave(&mut self, who: usize) {
        self.holds.retain(|(one, _)| *one != who);
        self.waits.retain(|(one, ..)| *one != who);
        self.settle();
    }

    fn place(&mut self, who: usize) -> Option<&mut (usize, usize, bool)> {
        self.waits.iter_mut().find(|(one, ..)| *one == who)
    }
}

#[derive(Clone, Debug)]
enum Move {
    Come(usize, usize),
    StepAside(usize),
    ComeBack(usize),
    Leave(usize),
}

const PEOPLE: usize = 6;

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        3 => (0..PEOPLE, 0..=10_usize).prop_map(|(who, weight)| Move::Come(who, weight)),
        1 => (0..PEOPLE).prop_map(Move::StepAside),
        1 => (0..PEOPLE).prop_map(Move::ComeBack),
        3 => (0..PEOPLE).prop_map(Move::Leave),
    ];
    prop::collection::vec(one, 0..80)
}

proptest! {
    #[test]
    fn it_does_what_the_obvious_one_does(moves in moves(), most_waiting in 0..5_usize) {
        let weights = Weights::new(10, most_waiting);
        let mut model = Model { whole: 10, most_waiting, holds: Vec::new(), waits: Vec::new(), peak: 0 };
        // Who is there, with his claim while he waits, and what he then holds.
        let mut people: Vec<Option<(Option<Claim<'_>>, usize)>> = (0..PEOPLE).map(|_| None).collect();
        for step in moves {
            match step {
                Move::Come(who, weight) if people[who].is_none() => {
                    let mut claim = Claim::new(&weights, weight);
                    let had = claim.poll(Waker::noop());
                    let expected = model.come(who, weight);
                    match had {
                        Poll::Ready(Ok(())) => {
                            prop_assert!(model.holds.iter().any(|(one, _)| *one == who));
                            people[who] = Some((None, weight));
                        }
                        Poll::Ready(Err(Full)) => prop_assert_eq!(expected, Err(Full)),
                        Poll::Pending => {
                            prop_assert!(model.place(who).is_some());
                            people[who] = Some((Some(claim), weight));
                        }
                    }
                }
                Move::StepAside(who) => {
                    if let Some((Some(claim), _)) = &mut people[who] {
                        let stands = claim.step_aside();
                        prop_assert_eq!(stands, model.place(who).is_some());
                        if let Some(place) = model.place(who) {
                            place.2 = true;
                        }
                        model.settle();
                    }
                }
                Move::ComeBack(who) => {
                    if let Some((place @ Some(_), _)) = &mut people[who] {
                        let is_there = place.as_mut().unwrap().poll(Waker::noop()) == Poll::Ready(Ok(()));
                        if let Some(waits) = model.place(who) {
                            waits.2 = false;
                        }
                        model.settle();
                        prop_assert_eq!(is_there, model.holds.iter().any(|(one, _)| *one == who));
                        if is_there {
                            *place = None;
                        }
                    }
                }
                Move::Leave(who) => {
                    match people[who].take() {
                        Some((None, weight)) => weights.give_back(weight),
                        // He may have been served unseen.
                        Some((claim @ Some(_), _)) => drop(claim),
                        None => {}
                    }
                    model.leave(who);
                }
                Move::Come(..) => {}
            }
            prop_assert_eq!(weights.used(), model.used());
            prop_assert_eq!(weights.waiting(), model.waits.len());
            prop_assert_eq!(weights.peak(), model.peak);
            prop_assert!(weights.used() <= 10);
        }
        drop(people);
    }
}
