//! Models of a region's counters: whichever order threads meet in, each task runs once, after those it waits for.

use std::sync::atomic::AtomicUsize;

use loom::sync::Arc;
use loom::thread;

use super::counters::{Counters, Fate, Plan, State, Task};
use crate::slot::Slot;
use crate::sync::Ordering::Relaxed;

const fn task(waits: u32, next_end: u32) -> Task {
    Task { waits, next_end, node: 0, operators: 1 }
}

/// A region whose tasks add up what those before them made.
struct Model {
    plan: &'static Plan,
    states: Vec<State>,
    values: Vec<Slot<Box<usize>>>,
    runs: Vec<AtomicUsize>,
}

impl Model {
    fn new(plan: &'static Plan) -> Arc<Self> {
        let count = plan.tasks.len();
        let states: Vec<State> = (0..count).map(|_| State::new()).collect();
        Counters::new(plan, &states);
        Arc::new(Self {
            plan,
            states,
            values: (0..count).map(|_| Slot::new()).collect(),
            runs: (0..count).map(|_| AtomicUsize::new(0)).collect(),
        })
    }

    fn counters(&self) -> Counters<'_> {
        Counters { plan: self.plan, states: &self.states }
    }

    /// What runs in a task: reading is refused where a predecessor has not written.
    fn execute(&self, task: u32) {
        let before = (0..task).filter(|&other| self.plan.successors(other).contains(&task));
        let sum: usize = before.map(|other| **self.values[other as usize].get()).sum();
        self.values[task as usize].set(Box::new(sum + 1));
        self.runs[task as usize].fetch_add(1, Relaxed);
        self.counters().finished(task);
    }

    /// Runs a task and what it was the last to keep waiting, as the executor does in place.
    fn run(&self, task: u32, one: bool) {
        self.execute(task);
        let mut successors = self.plan.successors(task);
        while !successors.is_empty() {
            for &ready in self.counters().release(&mut successors, one).tasks() {
                self.run(ready, one);
            }
        }
    }

    /// Runs tasks that were left for later.
    fn sweep(&self) {
        let mut from = 0;
        while from < self.plan.tasks.len() {
            for &ready in self.counters().left(&mut from).tasks() {
                self.run(ready, false);
            }
        }
    }

    fn check(&self) {
        assert!(self.runs.iter().all(|runs| runs.load(Relaxed) == 1), "{:?}", self.runs);
        assert!(self.counters().fates().all(|(_, fate)| fate == Fate::Finished));
    }
}

/// Runs the tasks that wait for nobody, each on a thread of its own, the last of them here.
fn run_each(plan: &'static Plan) {
    let model = Model::new(plan);
    let mut from = 0;
    let batch = model.counters().first(&mut from);
    assert_eq!(from, plan.tasks.len());
    let (here, elsewhere) = batch.tasks().split_last().unwrap();
    let threads: Vec<_> = elsewhere
        .iter()
        .map(|&task| {
            let model = Arc::clone(&model);
            thread::spawn(move || model.run(task, false))
        })
        .collect();
    model.run(*here, false);
    for thread in threads {
        thread.join().unwrap();
    }
    model.check();
}

/// `c` waits for `a`, `d` for `a` and `b`.
static N_SHAPE: Plan = Plan { tasks: &[task(0, 2), task(0, 3), task(1, 3), task(2, 3)], next: &[2, 3, 3] };

#[test]
fn an_n_shape_on_two_threads() {
    loom::model(|| run_each(&N_SHAPE));
}

/// `d` and `e` both wait for `a`, `b` and `c`, and `f` for `d` and `e`.
static THREE_TO_TWO: Plan = Plan {
    tasks: &[task(0, 2), task(0, 4), task(0, 6), task(3, 7), task(3, 8), task(2, 8)],
    next: &[3, 4, 3, 4, 3, 4, 5, 5],
};

#[test]
fn three_tasks_before_two_on_three_threads() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| run_each(&THREE_TO_TWO));
}

/// `b` and `c` wait for `a`, `d` for both.
static DIAMOND: Plan = Plan { tasks: &[task(0, 2), task(1, 3), task(1, 4), task(2, 4)], next: &[1, 2, 3, 3] };

#[test]
fn a_diamond_on_two_threads() {
    loom::model(|| {
        let model = Model::new(&DIAMOND);
        model.execute(0);
        let batch = model.counters().release(&mut model.plan.successors(0), false);
        assert_eq!(batch.tasks(), [1, 2]);
        let other = {
            let model = Arc::clone(&model);
            thread::spawn(move || model.run(1, false))
        };
        model.run(2, false);
        other.join().unwrap();
        model.check();
    });
}

/// `b` and `c` wait for `a`.
static FORK: Plan = Plan { tasks: &[task(0, 2), task(1, 2), task(1, 2)], next: &[1, 2] };

#[test]
fn a_task_that_is_left_for_later_is_picked_up_once() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let model = Model::new(&FORK);
        let sweeper = {
            let model = Arc::clone(&model);
            thread::spawn(move || model.sweep())
        };
        // Runs the first task and one of its two successors; the other is left.
        model.run(0, true);
        model.sweep();
        sweeper.join().unwrap();
        model.check();
    });
}

#[test]
fn a_task_whose_predecessor_halts_does_not_start() {
    loom::model(|| {
        let model = Model::new(&N_SHAPE);
        let mut from = 0;
        assert_eq!(model.counters().first(&mut from).tasks(), [0, 1]);
        let other = {
            let model = Arc::clone(&model);
            thread::spawn(move || model.run(0, false))
        };
        // The second task has started and is never told finished.
        other.join().unwrap();
        let fates: Vec<Fate> = model.counters().fates().map(|(_, fate)| fate).collect();
        assert_eq!(fates, [Fate::Finished, Fate::Halted, Fate::Finished, Fate::NotStarted]);
    });
}
