use std::time::Duration;

use super::super::gauge::Gauge;
use super::super::plan::{Cost, Plan, Task};
use super::{Bits, Fate, Order, Ranked};

const fn task(waits: u32, needs: u64, next_end: u32) -> Task {
    Task { waits, needs, next_end, node: 0, operators: 1 }
}

/// `a` by itself, and the chain of `b`, `c` and `d`.
const fn plan(costs: &'static [Cost]) -> Plan {
    const TASKS: &[Task] = &[task(0, 0, 0), task(0, 0, 1), task(1, 0b10, 2), task(1, 0b100, 2)];
    Plan { tasks: TASKS, next: &[2, 3], costs, operators: 4, gauge: Gauge::new(4, false) }
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
