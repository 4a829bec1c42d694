//! The order of at most 64 tasks that are worth to be shared out one by one: the one behind which most is to be done goes
//! first.
//!
//! A worker keeps none but the task that it runs; all others that are ready lie on the table. Each has a *height*: what it
//! has cost, and the costs of those behind it along the longest way to the end. A worker runs the highest that is to be had
//! (list scheduling by critical path; Graham, "Bounds on multiprocessing timing anomalies", 1969, bounds what that can lose).

use super::super::plan::{Plan, Task};
use super::bits::{Bits, Hand, OVER, Words};
use super::{Fate, Order, index};
use crate::sync::Ordering::SeqCst;

pub(in super::super) struct Ranked {
    bits: Bits,
    heights: [u64; Plan::FEW],
}

impl Ranked {
    pub(in super::super) fn new(plan: &'static Plan) -> Self {
        let mut heights = [0; Plan::FEW];
        for (i, cost) in plan.costs.iter().enumerate().rev() {
            let behind = plan.successors(index(i)).iter().map(|&next| heights[next as usize]).max();
            heights[i] = cost.0.nanos().max(1).saturating_add(behind.unwrap_or(0));
        }
        Self { bits: Bits::new(plan), heights }
    }

    /// The highest of some tasks, and its height; of equals the earliest.
    fn highest(&self, set: u64) -> (u64, u64) {
        let (mut rest, mut highest) = (set, (0, 0));
        while rest != 0 {
            let height = self.heights[rest.trailing_zeros() as usize];
            if height > highest.1 {
                highest = (rest & rest.wrapping_neg(), height);
            }
            rest &= rest - 1;
        }
        highest
    }
}

impl Order for Ranked {
    type Hand = Hand;

    const EMPTY: Hand = <Bits as Order>::EMPTY;

    fn first(&self) -> Hand {
        self.bits.first()
    }

    fn pop(&self, hand: &mut Hand) -> Option<u32> {
        if hand.ready != 0 {
            let (own, height) = self.highest(hand.ready);
            let mut there = self.bits.table().load(SeqCst);
            while there != 0 && there != OVER {
                let (best, best_height) = self.highest(there);
                if best_height <= height {
                    break;
                }
                // Not by clearing bits, as in `take`.
                match self.bits.table().compare_exchange(there, there ^ best | own, SeqCst, SeqCst) {
                    Ok(_) => {
                        hand.ready ^= own | best;
                        break;
                    }
                    Err(now) => there = now,
                }
            }
        }
        self.bits.pop(hand)
    }

    fn share(&self, hand: &mut Hand) -> bool {
        let given = hand.ready ^ self.highest(hand.ready).0;
        if given == 0 {
            return false;
        }
        self.bits.lay(hand, given);
        true
    }

    fn lay_down(&self, hand: &mut Hand) -> bool {
        self.bits.lay_down(hand)
    }

    fn take(&self, hand: &mut Hand) -> bool {
        self.bits.words().take_by(hand, |there| self.highest(there).0)
    }

    fn waits(&self) -> bool {
        self.bits.waits()
    }

    fn is_lost(&self, task: u32) -> bool {
        self.bits.is_lost(task)
    }

    fn ended(&self, task: u32, fate: Fate, hand: &mut Hand) {
        self.bits.ended(task, fate, hand);
        // A task of the hand may be changed for one on the table at any time.
        self.bits.tell_rest(hand);
    }

    fn is_over(&self) -> bool {
        self.bits.is_over()
    }

    fn is_whole(&self) -> bool {
        self.bits.is_whole()
    }

    fn fates(&self) -> impl Iterator<Item = (&'static Task, Fate)> {
        self.bits.fates()
    }
}
