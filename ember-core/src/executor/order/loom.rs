//! Models of the orders: whichever order threads meet in, each task is in one hand, after those it waits for.

use std::sync::atomic::AtomicUsize;

use loom::sync::Arc;
use loom::thread;

use super::super::gauge::Gauge;
use super::super::plan::{Cost, Plan, Task};
use super::{Bits, Counters, Fate, Order, Ranked, State};
use crate::slot::Slot;
use crate::sync::Ordering::Relaxed;

const fn task(waits: u32, needs: u64, next_end: u32) -> Task {
    Task { waits, needs, next_end, node: 0, operators: 1 }
}

const fn plan(tasks: &'static [Task], next: &'static [u32]) -> Plan {
    static COSTS: [Cost; 6] = [Cost::NEW; 6];
    Plan {
        tasks,
        next,
        costs: COSTS.split_at(tasks.len()).0,
        operators: 0,
        around: (0, 0),
        gauge: Gauge::new(0, false),
    }
}

/// A region whose tasks add up what those before them made.
struct Model<O> {
    plan: &'static Plan,
    order: O,
    /// The task that fails, if one does.
    fails: Option<u32>,
    values: Vec<Slot<Box<usize>>>,
    runs: Vec<AtomicUsize>,
}

impl<O: Order> Model<O> {
    fn new(plan: &'static Plan, order: O, fails: Option<u32>) -> Arc<Self> {
        let values = plan.tasks.iter().map(|_| Slot::new()).collect();
        let runs = plan.tasks.iter().map(|_| AtomicUsize::new(0)).collect();
        Arc::new(Self { plan, order, fails, values, runs })
    }

    /// What runs in a task: reading is refused where a predecessor has not written.
    fn execute(&self, task: u32) -> Fate {
        let before = (0..task).filter(|&other| self.plan.successors(other).contains(&task));
        let sum: usize = before.map(|other| **self.values[other as usize].get()).sum();
        self.runs[task as usize].fetch_add(1, Relaxed);
        if self.fails == Some(task) {
            return Fate::Halted;
        }
        self.values[task as usize].set(Box::new(sum + 1));
        Fate::Finished
    }

    /// What a worker does, until it finds nothing.
    fn work(&self, mut hand: O::Hand) {
        loop {
            loop {
                self.order.share(&mut hand);
                let Some(task) = self.order.pop(&mut hand) else { break };
                let fate = if self.order.is_lost(task) { Fate::Lost } else { self.execute(task) };
                self.order.ended(task, fate, &mut hand);
            }
            if !self.order.take(&mut hand) {
                return;
            }
        }
    }

    /// What a worker does that leaves after each task, and comes again.
    fn visit(&self) {
        let mut hand = O::EMPTY;
        while self.order.take(&mut hand) {
            self.order.share(&mut hand);
            let task = self.order.pop(&mut hand).expect("it took some");
            let fate = if self.order.is_lost(task) { Fate::Lost } else { self.execute(task) };
            self.order.ended(task, fate, &mut hand);
            self.order.lay_down(&mut hand);
        }
    }

    fn check(&self, fates: &[Fate]) {
        let all: Vec<Fate> = self.order.fates().map(|(_, fate)| fate).collect();
        assert_eq!(all, fates);
        assert_eq!(self.order.is_whole(), fates.iter().all(|&fate| fate == Fate::Finished));
        for (runs, &fate) in self.runs.iter().zip(fates) {
            assert_eq!(runs.load(Relaxed), usize::from(fate != Fate::Lost));
        }
    }
}

/// Two workers run a plan.
fn run<O: Order + Send + 'static>(plan: &'static Plan, order: O, fails: Option<u32>, fates: &[Fate]) {
    let model = Model::new(plan, order, fails);
    let hand = model.order.first();
    let other = {
        let model = Arc::clone(&model);
        thread::spawn(move || model.work(O::EMPTY))
    };
    model.work(hand);
    other.join().unwrap();
    // What the other laid on the table last, if it did not take it back.
    model.work(O::EMPTY);
    assert!(model.order.is_over());
    model.check(fates);
}

/// One worker runs a plan, and another comes and goes.
fn visited<O: Order + Send + 'static>(plan: &'static Plan, order: O, fates: &[Fate]) {
    let model = Model::new(plan, order, None);
    let hand = model.order.first();
    let other = {
        let model = Arc::clone(&model);
        thread::spawn(move || model.visit())
    };
    model.work(hand);
    other.join().unwrap();
    // What the other laid on the table last.
    model.work(O::EMPTY);
    assert!(model.order.is_over());
    model.check(fates);
}

fn states(plan: &'static Plan) -> &'static [State] {
    Box::leak(plan.tasks.iter().map(|_| State::new()).collect())
}

fn bounded(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

const WHOLE: [Fate; 4] = [Fate::Finished; 4];

/// `c` waits for `a`, `d` for `a` and `b`.
static N_SHAPE: Plan = plan(&[task(0, 0, 2), task(0, 0, 3), task(1, 1, 3), task(2, 3, 3)], &[2, 3, 3]);
/// `b` and `c` wait for `a`, `d` for both.
static DIAMOND: Plan = plan(&[task(0, 0, 2), task(1, 1, 3), task(1, 1, 4), task(2, 6, 4)], &[1, 2, 3, 3]);

#[test]
fn two_workers_run_an_n_shape_by_bits() {
    bounded(|| run(&N_SHAPE, Bits::new(&N_SHAPE), None, &WHOLE));
}

#[test]
fn two_workers_run_a_diamond_by_bits() {
    bounded(|| run(&DIAMOND, Bits::new(&DIAMOND), None, &WHOLE));
}

#[test]
fn two_workers_run_a_diamond_by_rank() {
    bounded(|| run(&DIAMOND, Ranked::new(&DIAMOND), None, &WHOLE));
}

#[test]
fn two_workers_run_two_valleys_by_rank() {
    bounded(|| run(&TWO_VALLEYS, Ranked::new(&TWO_VALLEYS), None, &[Fate::Finished; 5]));
}

/// `d` waits for `a` and `b`, `e` for `b` and `c`.
static TWO_VALLEYS: Plan =
    plan(&[task(0, 0, 1), task(0, 0, 3), task(0, 0, 4), task(2, 0b011, 4), task(2, 0b110, 4)], &[3, 3, 4, 4]);

/// A wavefront of three by two: what one worker has ended itself completes some, what it has heard of others.
static WAVEFRONT: Plan = plan(
    &[
        task(0, 0, 2),
        task(1, 0b1, 4),
        task(1, 0b1, 5),
        task(2, 0b110, 6),
        task(1, 0b10, 7),
        task(2, 0b1_1000, 7),
    ],
    &[1, 2, 3, 4, 3, 5, 5],
);

#[test]
fn two_workers_run_a_wavefront_by_bits() {
    bounded(|| run(&WAVEFRONT, Bits::new(&WAVEFRONT), None, &[Fate::Finished; 6]));
}

#[test]
fn two_workers_run_a_wavefront_by_rank() {
    bounded(|| run(&WAVEFRONT, Ranked::new(&WAVEFRONT), None, &[Fate::Finished; 6]));
}

#[test]
fn two_workers_run_two_valleys_by_bits() {
    bounded(|| run(&TWO_VALLEYS, Bits::new(&TWO_VALLEYS), None, &[Fate::Finished; 5]));
}

#[test]
fn two_workers_run_two_valleys_by_counters() {
    let order = || Counters::new(&TWO_VALLEYS, false, states(&TWO_VALLEYS));
    bounded(move || run(&TWO_VALLEYS, order(), None, &[Fate::Finished; 5]));
}

#[test]
fn two_workers_run_an_n_shape_by_counters() {
    bounded(|| run(&N_SHAPE, Counters::new(&N_SHAPE, false, states(&N_SHAPE)), None, &WHOLE));
}

#[test]
fn two_workers_run_a_diamond_by_counters() {
    bounded(|| run(&DIAMOND, Counters::new(&DIAMOND, true, states(&DIAMOND)), None, &WHOLE));
}

#[test]
fn what_waits_for_a_failure_is_lost_by_rank() {
    let fates = [Fate::Halted, Fate::Finished, Fate::Lost, Fate::Lost];
    bounded(move || run(&N_SHAPE, Ranked::new(&N_SHAPE), Some(0), &fates));
}

#[test]
fn what_waits_for_a_failure_is_lost_by_bits() {
    let fates = [Fate::Halted, Fate::Finished, Fate::Lost, Fate::Lost];
    bounded(move || run(&N_SHAPE, Bits::new(&N_SHAPE), Some(0), &fates));
}

#[test]
fn what_waits_for_a_failure_is_lost_by_counters() {
    let fates = [Fate::Finished, Fate::Halted, Fate::Finished, Fate::Lost];
    bounded(move || run(&DIAMOND, Counters::new(&DIAMOND, true, states(&DIAMOND)), Some(1), &fates));
}

#[test]
fn a_worker_that_comes_and_goes_loses_nothing_by_bits() {
    bounded(|| visited(&WAVEFRONT, Bits::new(&WAVEFRONT), &[Fate::Finished; 6]));
}

#[test]
fn a_worker_that_comes_and_goes_loses_nothing_by_rank() {
    bounded(|| visited(&TWO_VALLEYS, Ranked::new(&TWO_VALLEYS), &[Fate::Finished; 5]));
}

#[test]
fn a_worker_that_comes_and_goes_loses_nothing_by_counters() {
    let order = || Counters::new(&TWO_VALLEYS, false, states(&TWO_VALLEYS));
    bounded(move || visited(&TWO_VALLEYS, order(), &[Fate::Finished; 5]));
}
