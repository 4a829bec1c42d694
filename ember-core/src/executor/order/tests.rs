use std::time::Duration;

use super::super::gauge::Gauge;
use super::super::plan::{Cost, Plan, Task};
use super::{Bits, Counters, Fate, Order, Ranked, State};

const fn task(waits: u32, needs: u64, next_end: u32) -> Task {
    Task { waits, needs, next_end, node: 0, operators: 1 }
}

/// `a` by itself, and the chain of `b`, `c` and `d`.
const fn plan(costs: &'static [Cost]) -> Plan {
    const TASKS: &[Task] = &[task(0, 0, 0), task(0, 0, 1), task(1, 0b10, 2), task(1, 0b100, 2)];
    Plan { tasks: TASKS, next: &[2, 3], costs, operators: 4, around: (0, 0), gauge: Gauge::new(4, false) }
}

/// The order in which one worker runs the tasks.
fn order(order: &impl Order) -> Vec<u32> {
    let (mut hand, mut ran) = (order.first(), Vec::new());
    loop {
        order.share(&mut hand);
        match order.pop(&mut hand) {
            Some(task) => {
                ran.push(task);
                order.ended(task, Fate::Finished, &mut hand);
            }
            None if !order.take(&mut hand) => break,
            None => {}
        }
    }
    assert!(order.is_over() && order.is_whole());
    ran
}

#[test]
fn the_task_with_the_longest_way_to_the_end_goes_first() {
    static COSTS: [Cost; 4] = [Cost::NEW; 4];
    static PLAN: Plan = plan(&COSTS);
    // In the end `d` is no higher than `a`, and of equals the one at hand goes on.
    assert_eq!(order(&Ranked::new(&PLAN)), [1, 2, 3, 0]);
    COSTS[0].0.took(Duration::from_millis(1));
    assert_eq!(order(&Ranked::new(&PLAN)), [0, 1, 2, 3]);
    // A task that turns out costly makes those before it urgent.
    COSTS[3].0.took(Duration::from_millis(2));
    assert_eq!(order(&Ranked::new(&PLAN)), [1, 2, 3, 0]);
}

#[test]
fn what_only_this_worker_waits_for_is_told_when_its_hand_is_empty() {
    static COSTS: [Cost; 4] = [Cost::NEW; 4];
    static PLAN: Plan = plan(&COSTS);
    let order = Bits::new(&PLAN);
    let mut hand = order.first();
    for task in 0..4 {
        assert_eq!(order.pop(&mut hand), Some(task));
        order.ended(task, Fate::Finished, &mut hand);
        assert!(!order.is_over());
    }
    assert_eq!(order.pop(&mut hand), None);
    assert!(order.is_over());
}

/// One worker that leaves after each task, as who waits for something else does.
fn leaves_after_each(order: &impl Order) {
    let mut hand = order.first();
    let mut ran = 0;
    loop {
        if let Some(task) = order.pop(&mut hand) {
            order.ended(task, Fate::Finished, &mut hand);
            ran += 1;
            let left = order.lay_down(&mut hand);
            assert_eq!(left, order.waits());
            assert_eq!(order.pop(&mut hand), None);
        } else if !order.take(&mut hand) {
            break;
        }
    }
    assert!(order.is_over() && order.is_whole());
    assert_eq!(ran, 4);
}

#[test]
fn a_worker_that_leaves_takes_no_task_with_it_and_tells_what_it_ended() {
    static COSTS: [Cost; 4] = [Cost::NEW; 4];
    static PLAN: Plan = plan(&COSTS);
    leaves_after_each(&Bits::new(&PLAN));
    leaves_after_each(&Ranked::new(&PLAN));
    for open in [false, true] {
        let states = [const { State::NEW }; 4];
        leaves_after_each(&Counters::new(&PLAN, open, &states));
    }
}
