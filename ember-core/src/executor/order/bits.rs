//! The order of at most 64 tasks: a bit for each.
//!
//! A worker tells that it has ended tasks by one exchange, and learns which others have ended. Those that wait for one of
//! its tasks and for nobody else that is missing are ready. Of the tasks that another waits for, the last whose end is told
//! completes them, and no exchange before it saw them all: so one worker takes each task.
//!
//! All write the same word, so a worker keeps to itself what need not be told yet: an end that completes all who wait for
//! it, with what this worker knows; for them it is the last that nobody knows of. And one of those that a task waits for
//! while another of them is in the worker's hand. What is untold is told when the hand is empty, and before a task leaves
//! it for the table.

use super::super::plan::{Plan, Task};
use super::{Fate, Order};
use crate::sync::AtomicU64;
use crate::sync::Ordering::{Relaxed, SeqCst};

#[repr(C)]
pub(in super::super) struct Bits {
    plan: &'static Plan,
    lost: AtomicU64,
    halted: AtomicU64,
    pub(super) table: Apart<AtomicU64>,
    ended: Apart<AtomicU64>,
}

/// What lies on the table when all tasks have ended: more than can ever be ready, as a worker keeps one. So those who
/// look for tasks leave the line alone that those write who have some.
pub(super) const OVER: u64 = u64::MAX;

/// On a cache line of its own.
#[repr(align(64))]
pub(super) struct Apart<T>(pub(super) T);

impl Bits {
    #[inline]
    pub(in super::super) fn new(plan: &'static Plan) -> Self {
        Self {
            plan,
            lost: AtomicU64::new(0),
            halted: AtomicU64::new(0),
            table: Apart(AtomicU64::new(0)),
            ended: Apart(AtomicU64::new(0)),
        }
    }

    fn all(&self) -> u64 {
        u64::MAX >> (Plan::FEW - self.plan.tasks.len())
    }

    /// The upper half of the tasks in a set; of one task, that one.
    fn half(set: u64) -> u64 {
        let mut rest = set;
        for _ in 0..set.count_ones() / 2 {
            rest &= rest - 1;
        }
        rest
    }

    #[cold]
    fn failed(&self, task: u32, fate: Fate) {
        if fate == Fate::Halted {
            self.halted.fetch_or(1 << task, Relaxed);
        }
        let waiting = self.plan.successors(task).iter().fold(0, |set, &waiting| set | 1 << waiting);
        self.lost.fetch_or(waiting, Relaxed);
    }
}

/// What one worker has: ready tasks, tasks that it has ended and not told of, and those that it has seen ended.
#[derive(Default)]
pub(in super::super) struct Hand {
    pub(super) ready: u64,
    untold: u64,
    seen: u64,
}

impl Bits {
    /// Takes those tasks from the table that are chosen of all there.
    #[inline]
    pub(super) fn take_by(&self, hand: &mut Hand, choose: impl Fn(u64) -> u64) -> bool {
        let mut there = self.table.0.load(SeqCst);
        while there != 0 && there != OVER {
            let chosen = choose(there);
            // Not by clearing bits: meanwhile the region may be over.
            match self.table.0.compare_exchange(there, there ^ chosen, SeqCst, SeqCst) {
                Ok(_) => {
                    hand.ready = chosen;
                    return true;
                }
                Err(now) => there = now,
            }
        }
        false
    }

    /// Tells what a worker has ended, and learns what all have.
    #[inline]
    fn tell(&self, hand: &mut Hand) -> u64 {
        // Each end is told once, so the sum is the union: and a sum gives what was there before in one access of the line, where
        // a union takes two.
        let before = self.ended.0.fetch_add(hand.untold, SeqCst);
        debug_assert_eq!(before & hand.untold, 0, "an end was told twice");
        let ended = before | hand.untold;
        (hand.untold, hand.seen) = (0, ended);
        if ended == self.all() {
            self.table.0.store(OVER, SeqCst);
        }
        ended
    }

    /// Tells what is untold, if anything is.
    #[inline]
    pub(super) fn tell_rest(&self, hand: &mut Hand) {
        if hand.untold != 0 {
            self.tell(hand);
        }
    }

    /// Lays tasks of a hand on the table.
    #[inline]
    pub(super) fn lay(&self, hand: &mut Hand, given: u64) {
        self.tell_rest(hand);
        hand.ready ^= given;
        self.table.0.fetch_or(given, SeqCst);
    }
}

impl Order for Bits {
    type Hand = Hand;

    const EMPTY: Hand = Hand { ready: 0, untold: 0, seen: 0 };

    fn first(&self) -> Hand {
        let roots = self.plan.tasks.iter().enumerate().filter(|(_, task)| task.waits == 0);
        Hand { ready: roots.fold(0, |set, (i, _)| set | 1 << i), ..Hand::default() }
    }

    #[inline]
    fn pop(&self, hand: &mut Hand) -> Option<u32> {
        if hand.ready == 0 {
            self.tell_rest(hand);
            return None;
        }
        let task = hand.ready.trailing_zeros();
        hand.ready &= hand.ready - 1;
        Some(task)
    }

    #[inline]
    fn share(&self, hand: &mut Hand) -> bool {
        let rest = hand.ready & hand.ready.wrapping_sub(1);
        if rest == 0 || self.table.0.load(Relaxed) != 0 {
            return false;
        }
        self.lay(hand, Self::half(hand.ready));
        true
    }

    fn lay_down(&self, hand: &mut Hand) -> bool {
        let given = hand.ready;
        if given != 0 {
            self.lay(hand, given);
        } else {
            self.tell_rest(hand);
        }
        given != 0
    }

    fn take(&self, hand: &mut Hand) -> bool {
        let some = |there: u64| if there.is_power_of_two() { there } else { there ^ Self::half(there) };
        self.take_by(hand, some)
    }

    #[inline]
    fn waits(&self) -> bool {
        !matches!(self.table.0.load(SeqCst), 0 | OVER)
    }

    #[inline]
    fn is_lost(&self, task: u32) -> bool {
        // Whoever set the bit did so before the exchange that made the task ready.
        self.lost.load(Relaxed) >> task & 1 != 0
    }

    #[inline]
    fn ended(&self, task: u32, fate: Fate, hand: &mut Hand) {
        if fate != Fate::Finished {
            self.failed(task, fate);
        }
        hand.untold |= 1 << task;
        let successors = self.plan.successors(task);
        let needs = |waiting: u32| self.plan.tasks[waiting as usize].needs;
        let known = hand.untold | hand.seen;
        let mut matters = false;
        for &waiting in successors {
            if known & needs(waiting) == needs(waiting) {
                hand.ready |= 1 << waiting;
            } else {
                matters |= hand.ready & needs(waiting) == 0;
            }
        }
        if matters {
            let ended = self.tell(hand);
            for &waiting in successors {
                if ended & needs(waiting) == needs(waiting) {
                    hand.ready |= 1 << waiting;
                }
            }
        }
    }

    #[inline]
    fn is_over(&self) -> bool {
        self.table.0.load(SeqCst) == OVER
    }

    #[inline]
    fn is_whole(&self) -> bool {
        self.lost.load(Relaxed) | self.halted.load(Relaxed) == 0
    }

    fn fates(&self) -> impl Iterator<Item = (&'static Task, Fate)> {
        let (lost, halted) = (self.lost.load(Relaxed), self.halted.load(Relaxed));
        self.plan.tasks.iter().enumerate().map(move |(i, task)| {
            let fate = if lost >> i & 1 != 0 {
                Fate::Lost
            } else if halted >> i & 1 != 0 {
                Fate::Halted
            } else {
                Fate::Finished
            };
            (task, fate)
        })
    }
}
