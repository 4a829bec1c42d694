//! The order of any number of tasks: a counter for each, of the tasks that it waits for.
//!
//! Ready tasks are chained through their states, so hands and table are one number each: that of the first task of a
//! chain. The table is emptied as a whole, so no chain changes under a reader.

use super::super::plan::{Plan, Task};
use super::{Fate, Order, index};
use crate::sync::AtomicU32;
use crate::sync::Ordering::{AcqRel, Relaxed, SeqCst};

/// The state of one task during a run.
pub struct State {
    /// How many tasks it waits for, with [`LOST`]; what became of it once it has ended.
    count: AtomicU32,
    /// The next task of the chain that it is in.
    next: AtomicU32,
}

const LOST: u32 = 1 << 31;
const HALTED: u32 = 1 << 30;
/// The end of a chain.
const NONE: u32 = u32::MAX;
/// What lies on the table when all tasks have ended.
const OVER: u32 = u32::MAX - 1;
/// How many tasks a worker takes from the table at most.
const PART: usize = 8;

impl State {
    /// Of a task that has not been planned.
    #[cfg(not(all(loom, test)))]
    #[expect(
        clippy::declare_interior_mutable_const,
        reason = "arrays of states are made from it, nothing else"
    )]
    pub const NEW: Self = Self { count: AtomicU32::new(0), next: AtomicU32::new(NONE) };

    #[cfg(all(loom, test))]
    pub(super) fn new() -> Self {
        Self { count: AtomicU32::new(0), next: AtomicU32::new(NONE) }
    }
}

/// The counters of a region.
pub(in super::super) struct Counters<'r> {
    plan: &'static Plan,
    open: bool,
    states: &'r [State],
    table: AtomicU32,
    left: AtomicU32,
}

impl<'r> Counters<'r> {
    /// Of a run that is about to start. There is one state per task.
    pub(in super::super) fn new(plan: &'static Plan, open: bool, states: &'r [State]) -> Self {
        for (state, task) in states.iter().zip(plan.tasks) {
            state.count.store(task.waits, Relaxed);
        }
        let left = AtomicU32::new(index(plan.tasks.len()));
        Self { plan, open, states, table: AtomicU32::new(NONE), left }
    }

    fn next(&self, task: u32) -> u32 {
        self.states[task as usize].next.load(Relaxed)
    }

    fn link(&self, task: u32, next: u32) {
        self.states[task as usize].next.store(next, Relaxed);
    }

    fn push(&self, hand: &mut u32, task: u32) {
        self.link(task, *hand);
        *hand = task;
    }

    /// Cuts a chain behind its first tasks, and gives the rest.
    fn cut(&self, chain: u32, behind: usize) -> u32 {
        let mut last = chain;
        for _ in 1..behind {
            let next = self.next(last);
            if next == NONE {
                return NONE;
            }
            last = next;
        }
        let rest = self.next(last);
        self.link(last, NONE);
        rest
    }

    /// Lays a chain on the table.
    fn lay(&self, chain: u32) {
        let mut there = self.table.load(Relaxed);
        let mut last = chain;
        loop {
            while there != NONE && self.next(last) != NONE {
                last = self.next(last);
            }
            if there != NONE {
                self.link(last, there);
            }
            match self.table.compare_exchange(there, chain, SeqCst, Relaxed) {
                Ok(_) => return,
                Err(now) => {
                    if there != NONE {
                        self.link(last, NONE);
                    }
                    there = now;
                }
            }
        }
    }
}

impl Order for Counters<'_> {
    type Hand = u32;

    const EMPTY: u32 = NONE;

    fn first(&self) -> u32 {
        let mut hand = NONE;
        for (i, task) in self.plan.tasks.iter().enumerate().rev() {
            if task.waits == 0 {
                self.push(&mut hand, index(i));
            }
        }
        hand
    }

    fn pop(&self, hand: &mut u32) -> Option<u32> {
        let task = *hand;
        if task == NONE {
            return None;
        }
        *hand = self.next(task);
        Some(task)
    }

    fn share(&self, hand: &mut u32) -> bool {
        if *hand == NONE || self.next(*hand) == NONE || (!self.open && self.waits()) {
            return false;
        }
        let rest = self.cut(*hand, 1);
        self.lay(rest);
        true
    }

    fn lay_down(&self, hand: &mut u32) -> bool {
        if *hand == NONE {
            return false;
        }
        self.lay(std::mem::replace(hand, NONE));
        true
    }

    fn take(&self, hand: &mut u32) -> bool {
        let mut chain = self.table.load(SeqCst);
        loop {
            if chain >= OVER {
                return false;
            }
            match self.table.compare_exchange(chain, NONE, SeqCst, SeqCst) {
                Ok(_) => break,
                Err(now) => chain = now,
            }
        }
        let rest = self.cut(chain, if self.open { 1 } else { PART });
        if rest != NONE {
            self.lay(rest);
        }
        *hand = chain;
        true
    }

    fn waits(&self) -> bool {
        self.table.load(SeqCst) < OVER
    }

    fn is_lost(&self, task: u32) -> bool {
        self.states[task as usize].count.load(Relaxed) & LOST != 0
    }

    fn ended(&self, task: u32, fate: Fate, hand: &mut u32) {
        let note = match fate {
            Fate::Finished => 0,
            Fate::Halted => HALTED,
            Fate::Lost => LOST,
        };
        self.states[task as usize].count.store(note, Relaxed);
        for &waiting in self.plan.successors(task).iter().rev() {
            let count = &self.states[waiting as usize].count;
            if fate != Fate::Finished {
                count.fetch_or(LOST, Relaxed);
            }
            if count.fetch_sub(1, AcqRel) & !LOST == 1 {
                self.push(hand, waiting);
            }
        }
        if self.left.fetch_sub(1, AcqRel) == 1 {
            self.table.store(OVER, SeqCst);
        }
    }

    fn is_over(&self) -> bool {
        self.table.load(SeqCst) == OVER
    }

    fn is_whole(&self) -> bool {
        self.states.iter().all(|state| state.count.load(Relaxed) == 0)
    }

    fn fates(&self) -> impl Iterator<Item = (&'static Task, Fate)> {
        self.plan.tasks.iter().zip(self.states).map(|(task, state)| {
            let fate = match state.count.load(Relaxed) {
                LOST => Fate::Lost,
                HALTED => Fate::Halted,
                _ => Fate::Finished,
            };
            (task, fate)
        })
    }
}
