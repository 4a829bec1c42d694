//! The order of at most 64 tasks: a bit for each.
//!
//! One exchange per task tells which tasks have ended, this one among them. Those that wait for the task and for
//! nobody else that is missing are ready. Of the tasks that another waits for, the last to get its bit in sees them
//! all, and nobody before it does: so one worker takes each task.

use super::super::plan::{Plan, Task};
use super::{Fate, Order};
use crate::sync::AtomicU64;
use crate::sync::Ordering::{Relaxed, SeqCst};

#[repr(C)]
pub(in super::super) struct Bits {
    plan: &'static Plan,
    lost: AtomicU64,
    halted: AtomicU64,
    table: Apart<AtomicU64>,
    ended: Apart<AtomicU64>,
}

/// What lies on the table when all tasks have ended: more than can ever be ready, as a worker keeps one. So those who
/// look for tasks leave the line alone that those write who have some.
const OVER: u64 = u64::MAX;

/// On a cache line of its own.
#[repr(align(64))]
struct Apart<T>(T);

impl Bits {
    /// The most tasks that fit.
    pub(in super::super) const MOST: usize = 64;

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
        u64::MAX >> (Self::MOST - self.plan.tasks.len())
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

impl Order for Bits {
    type Hand = u64;

    const EMPTY: u64 = 0;

    fn first(&self) -> u64 {
        let roots = self.plan.tasks.iter().enumerate().filter(|(_, task)| task.waits == 0);
        roots.fold(0, |set, (i, _)| set | 1 << i)
    }

    #[inline]
    fn pop(&self, hand: &mut u64) -> Option<u32> {
        if *hand == 0 {
            return None;
        }
        let task = hand.trailing_zeros();
        *hand &= *hand - 1;
        Some(task)
    }

    #[inline]
    fn share(&self, hand: &mut u64, all: bool) -> bool {
        let rest = *hand & hand.wrapping_sub(1);
        if rest == 0 || (!all && self.table.0.load(Relaxed) != 0) {
            return false;
        }
        let given = if all { rest } else { Self::half(*hand) };
        *hand ^= given;
        self.table.0.fetch_or(given, SeqCst);
        true
    }

    fn take(&self, hand: &mut u64, one: bool) -> bool {
        let mut there = self.table.0.load(SeqCst);
        while there != 0 && there != OVER {
            let first = there & there.wrapping_neg();
            let wanted = if one || there == first { first } else { there ^ Self::half(there) };
            // Not by clearing bits: meanwhile the region may be over.
            match self.table.0.compare_exchange(there, there ^ wanted, SeqCst, SeqCst) {
                Ok(_) => {
                    *hand = wanted;
                    return true;
                }
                Err(now) => there = now,
            }
        }
        false
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
    fn ended(&self, task: u32, fate: Fate, hand: &mut u64, alone: bool) {
        if fate != Fate::Finished {
            self.failed(task, fate);
        }
        let bit = 1 << task;
        let ended = if alone {
            let ended = self.ended.0.load(Relaxed) | bit;
            self.ended.0.store(ended, Relaxed);
            ended
        } else {
            self.ended.0.fetch_or(bit, SeqCst) | bit
        };
        if ended == self.all() {
            self.table.0.store(OVER, SeqCst);
        }
        for &waiting in self.plan.successors(task) {
            let needs = self.plan.tasks[waiting as usize].needs;
            if ended & needs == needs {
                *hand |= 1 << waiting;
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
