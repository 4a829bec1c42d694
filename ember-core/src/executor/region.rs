//! A region: tasks with an order among them.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::pool;
use crate::run::{Halted, Level};

/// The order among the tasks of a region, as constants.
#[derive(Debug)]
pub struct Plan {
    /// The tasks; each comes after those it waits for.
    pub tasks: &'static [Task],
    /// The tasks that wait for each task, one after the other.
    pub next: &'static [u32],
}

/// One task of a [`Plan`].
#[derive(Debug)]
pub struct Task {
    /// How many tasks it waits for.
    pub waits: u32,
    /// Where its successors end in [`Plan::next`]; they start where those of the task before end.
    pub next_end: u32,
    /// The first node of the task.
    pub node: u32,
    /// How many operators it runs.
    pub operators: u32,
}

/// The state of one task during a run: how many tasks it waits for, or one of the marks below.
pub struct State(AtomicU32);

const MARKS: u32 = u32::MAX - 3;
/// Ready, but left for the next round because the stack is deep already.
const READY: u32 = MARKS;
/// Started and not (or not successfully) finished.
const STARTED: u32 = MARKS + 1;
const DONE: u32 = MARKS + 2;

/// How many hand-overs may nest on one stack before ready tasks wait for the next round.
const DEPTH: u32 = 64;

impl State {
    /// Of a task that has not been planned.
    pub const NEW: Self = Self(AtomicU32::new(0));
}

/// What a task says when it returns: whether the tasks that wait for it may go on.
type Outcome = Result<(), Halted>;

/// Tells which node of a task runs, for the case that it panics.
type At = Cell<u32>;

struct Region<'r> {
    level: &'r Level<'r>,
    path: &'r [usize],
    plan: &'static Plan,
    states: &'r [State],
    task: &'r (dyn Fn(usize, &At) -> Outcome + Sync),
}

/// Runs the tasks of a region.
///
/// `states` has one entry per task; `path` tells the items around, for the names in errors; `around` tells how many
/// operators stand before and after the region in the code that calls, for counts.
///
/// # Errors
///
/// If some tasks did not finish. The failures are with the run by then.
pub fn region(
    level: &Level<'_>,
    path: &[usize],
    plan: &'static Plan,
    states: &[State],
    around: (u32, u32),
    task: &(dyn Fn(usize, &At) -> Outcome + Sync),
) -> Outcome {
    let region = Region { level, path, plan, states, task };
    for (state, task) in states.iter().zip(plan.tasks) {
        state.0.store(task.waits, Relaxed);
    }
    pool::enter(&level.core.context, &mut || region.rounds());
    region.finish(around)
}

impl Region<'_> {
    fn rounds(&self) {
        let mut ready = [0; 16];
        loop {
            let mut count = 0;
            for (i, state) in self.states.iter().enumerate() {
                let waits = state.0.load(Acquire);
                if waits == 0 || waits == READY {
                    state.0.store(STARTED, Relaxed);
                    ready[count] = index(i);
                    count += 1;
                    if count == ready.len() {
                        break;
                    }
                }
            }
            if count == 0 {
                return;
            }
            // What lies beyond the buffer is picked up by the next round, unless it is handed over before.
            self.many(&ready[..count], 0);
        }
    }

    fn many(&self, ready: &[u32], depth: u32) {
        match ready {
            [] => {}
            [one] => self.one(*one, depth),
            _ => {
                let (left, right) = ready.split_at(ready.len() / 2);
                let context = &self.level.core.context;
                pool::both(context, &mut || self.many(left, depth + 1), &mut || {
                    self.many(right, depth + 1);
                });
            }
        }
    }

    /// Runs a task, then what it was the last to keep waiting.
    fn one(&self, first: u32, depth: u32) {
        let mut task = first as usize;
        while self.execute(task) {
            let plan = self.plan;
            let start = if task == 0 { 0 } else { plan.tasks[task - 1].next_end as usize };
            let next = &plan.next[start..plan.tasks[task].next_end as usize];
            let mut ready = [0; 16];
            let mut count = 0;
            for &waiting in next {
                let state = &self.states[waiting as usize].0;
                if state.fetch_sub(1, AcqRel) == 1 {
                    if count == ready.len() || (count > 0 && depth >= DEPTH) {
                        state.store(READY, Release);
                    } else {
                        state.store(STARTED, Relaxed);
                        ready[count] = waiting;
                        count += 1;
                    }
                }
            }
            match count {
                0 => return,
                1 => task = ready[0] as usize,
                _ => return self.many(&ready[..count], depth + 1),
            }
        }
    }

    fn execute(&self, task: usize) -> bool {
        let at = Cell::new(self.plan.tasks[task].node);
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.task)(task, &at)));
        match outcome {
            Ok(Ok(())) => {
                self.states[task].0.store(DONE, Relaxed);
                true
            }
            Ok(Err(Halted)) => false,
            Err(payload) => {
                let core = self.level.core;
                core.count_around(at.get(), true);
                core.panicked(self.level, at.get(), self.path, payload);
                false
            }
        }
    }

    /// Counts what ran and what did not, if not all did.
    fn finish(&self, around: (u32, u32)) -> Outcome {
        let mut finished = 0;
        let mut not_started = 0;
        let mut whole = true;
        for (state, task) in self.states.iter().zip(self.plan.tasks) {
            match state.0.load(Relaxed) {
                DONE => finished += task.operators as usize,
                STARTED => whole = false,
                _ => {
                    whole = false;
                    not_started += task.operators as usize;
                }
            }
        }
        if whole {
            self.level.core.count(finished, 0);
            return Ok(());
        }
        let (before, after) = around;
        self.level.core.count(finished + before as usize, not_started + after as usize);
        Err(Halted)
    }
}

fn index(i: usize) -> u32 {
    u32::try_from(i).expect("a graph has fewer than 2^32 tasks")
}
