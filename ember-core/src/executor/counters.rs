//! Who becomes ready: the counters of a region, without the pool that runs the tasks.

use crate::sync::AtomicU32;
use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};

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

impl Plan {
    /// The tasks that wait for a task.
    pub(super) fn successors(&self, task: u32) -> &'static [u32] {
        let task = task as usize;
        let start = if task == 0 { 0 } else { self.tasks[task - 1].next_end as usize };
        &self.next[start..self.tasks[task].next_end as usize]
    }
}

/// The state of one task during a run: how many tasks it waits for, or one of the marks below.
pub struct State(AtomicU32);

const MARKS: u32 = u32::MAX - 3;
/// Ready, but left for the next round because the stack is deep already.
const READY: u32 = MARKS;
/// Started and not (or not successfully) finished.
const STARTED: u32 = MARKS + 1;
const DONE: u32 = MARKS + 2;

impl State {
    /// Of a task that has not been planned.
    #[cfg(not(all(loom, test)))]
    #[expect(
        clippy::declare_interior_mutable_const,
        reason = "arrays of states are made from it, nothing else"
    )]
    pub const NEW: Self = Self(AtomicU32::new(0));

    #[cfg(all(loom, test))]
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(0))
    }
}

/// What became of a task when the run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Finished,
    /// It started, and failed or was halted.
    Halted,
    NotStarted,
}

/// Tasks that the one who holds them must start: each task is in one batch ever.
pub(super) struct Batch {
    tasks: [u32; Self::SIZE],
    len: usize,
}

impl Batch {
    const SIZE: usize = 16;

    const fn new() -> Self {
        Self { tasks: [0; Self::SIZE], len: 0 }
    }

    fn is_full(&self) -> bool {
        self.len == Self::SIZE
    }

    fn push(&mut self, task: u32) {
        self.tasks[self.len] = task;
        self.len += 1;
    }

    pub(super) fn tasks(&self) -> &[u32] {
        &self.tasks[..self.len]
    }
}

/// The counters of a region.
#[derive(Clone, Copy)]
pub(super) struct Counters<'r> {
    pub(super) plan: &'static Plan,
    pub(super) states: &'r [State],
}

impl<'r> Counters<'r> {
    /// Of a run that is about to start. There is one state per task.
    pub(super) fn new(plan: &'static Plan, states: &'r [State]) -> Self {
        for (state, task) in states.iter().zip(plan.tasks) {
            state.0.store(task.waits, Relaxed);
        }
        Self { plan, states }
    }

    /// Takes tasks that wait for nobody, from the task `from` on, and moves `from` behind the last one looked at.
    ///
    /// Called with every `from` once, before any of these tasks can be handed over: nobody waits for nobody.
    pub(super) fn first(&self, from: &mut usize) -> Batch {
        self.take(from, |task, _| self.plan.tasks[task].waits == 0)
    }

    /// Takes tasks that were left for later, likewise.
    pub(super) fn left(&self, from: &mut usize) -> Batch {
        self.take(from, |_, state| {
            state.0.load(Relaxed) == READY
                && state.0.compare_exchange(READY, STARTED, Acquire, Relaxed).is_ok()
        })
    }

    fn take(&self, from: &mut usize, mine: impl Fn(usize, &State) -> bool) -> Batch {
        let mut batch = Batch::new();
        while *from < self.states.len() && !batch.is_full() {
            let state = &self.states[*from];
            if mine(*from, state) {
                state.0.store(STARTED, Relaxed);
                batch.push(index(*from));
            }
            *from += 1;
        }
        batch
    }

    /// Notes that a task has finished, before its successors are told.
    pub(super) fn finished(&self, task: u32) {
        self.states[task as usize].0.store(DONE, Relaxed);
    }

    /// Tells the successors of a task that it has finished, and takes those that waited for it last.
    ///
    /// Stops when the batch is full; `successors` then holds who has not been told yet. With `one` only one is taken,
    /// and the others are left for later.
    pub(super) fn release(&self, successors: &mut &[u32], one: bool) -> Batch {
        let mut batch = Batch::new();
        while let Some((&waiting, rest)) = successors.split_first()
            && !batch.is_full()
        {
            *successors = rest;
            let state = &self.states[waiting as usize].0;
            if state.fetch_sub(1, AcqRel) == 1 {
                if one && batch.len > 0 {
                    state.store(READY, Release);
                } else {
                    state.store(STARTED, Relaxed);
                    batch.push(waiting);
                }
            }
        }
        batch
    }

    /// What became of each task. Called when nobody runs any more.
    pub(super) fn fates(&self) -> impl Iterator<Item = (&'static Task, Fate)> {
        self.plan.tasks.iter().zip(self.states).map(|(task, state)| {
            let fate = match state.0.load(Relaxed) {
                DONE => Fate::Finished,
                STARTED => Fate::Halted,
                _ => Fate::NotStarted,
            };
            (task, fate)
        })
    }
}

fn index(i: usize) -> u32 {
    u32::try_from(i).expect("a graph has fewer than 2^32 tasks")
}
