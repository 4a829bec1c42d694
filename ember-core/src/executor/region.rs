//! A region: tasks with an order among them.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::counters::{Batch, Counters, Fate, Plan, State};
use super::pool;
use crate::context::Context;
use crate::run::{Halted, Level};

/// How many hand-overs may nest on one stack before ready tasks wait for the next round.
const DEPTH: u32 = 64;

/// What a task says when it returns: whether the tasks that wait for it may go on.
type Outcome = Result<(), Halted>;

/// Tells which node of a task runs, for the case that it panics.
type At = Cell<u32>;

struct Region<'r> {
    level: &'r Level<'r>,
    path: &'r [usize],
    counters: Counters<'r>,
    task: &'r (dyn Fn(usize, &At) -> Outcome + Sync),
}

/// Runs one task of a region.
///
/// A function of its own for each task: all tasks of a large region in one function would take the compiler minutes,
/// because much of what it does grows faster than a function's length.
///
/// # Errors
///
/// Those of the task.
#[inline(never)]
pub fn task(task: impl Fn(&At) -> Outcome, at: &At) -> Outcome {
    task(at)
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
    let region = Region { level, path, counters: Counters::new(plan, states), task };
    pool::enter(&level.core.context, &mut || region.rounds());
    region.finish(around)
}

impl<'r> Region<'r> {
    fn rounds(&self) {
        self.sweep(0, Counters::first);
        while self.sweep(0, Counters::left) {}
    }

    /// Runs what is ready from a task on. `false` says that nothing was.
    fn sweep(&self, mut from: usize, take: fn(&Counters<'r>, &mut usize) -> Batch) -> bool {
        let batch = take(&self.counters, &mut from);
        if from == self.counters.plan.tasks.len() {
            self.many(batch.tasks(), 0);
        } else {
            pool::both(self.context(), &mut || self.many(batch.tasks(), 0), &mut || {
                self.sweep(from, take);
            });
        }
        !batch.tasks().is_empty()
    }

    fn context(&self) -> &Context {
        &self.level.core.context
    }

    fn many(&self, ready: &[u32], depth: u32) {
        match ready {
            [] => {}
            [one] => self.one(*one, depth),
            _ => {
                let (left, right) = ready.split_at(ready.len() / 2);
                pool::both(self.context(), &mut || self.many(left, depth + 1), &mut || {
                    self.many(right, depth + 1);
                });
            }
        }
    }

    /// Runs a task, then what it was the last to keep waiting.
    fn one(&self, mut task: u32, depth: u32) {
        while self.execute(task) {
            let mut successors = self.counters.plan.successors(task);
            let batch = self.counters.release(&mut successors, depth >= DEPTH);
            match *batch.tasks() {
                [] => return,
                [one] => task = one,
                ref ready => return self.spread(ready, successors, depth + 1),
            }
        }
    }

    /// Runs tasks, and what becomes ready when the rest of the successors are told.
    fn spread(&self, ready: &[u32], mut rest: &'static [u32], depth: u32) {
        if rest.is_empty() {
            return self.many(ready, depth);
        }
        let batch = self.counters.release(&mut rest, false);
        pool::both(self.context(), &mut || self.many(ready, depth), &mut || {
            self.spread(batch.tasks(), rest, depth);
        });
    }

    fn execute(&self, task: u32) -> bool {
        let at = Cell::new(self.counters.plan.tasks[task as usize].node);
        match catch_unwind(AssertUnwindSafe(|| (self.task)(task as usize, &at))) {
            Ok(Ok(())) => {
                self.counters.finished(task);
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
    fn finish(&self, (before, after): (u32, u32)) -> Outcome {
        let mut finished = 0;
        let mut not_started = 0;
        let mut whole = true;
        for (task, fate) in self.counters.fates() {
            whole &= fate == Fate::Finished;
            match fate {
                Fate::Finished => finished += task.operators as usize,
                Fate::Halted => {}
                Fate::NotStarted => not_started += task.operators as usize,
            }
        }
        let core = self.level.core;
        if whole {
            core.count(finished, 0);
            return Ok(());
        }
        core.count(finished + before as usize, not_started + after as usize);
        Err(Halted)
    }
}
