//! Models of quick regions: what runs the tasks is there for whoever has one, and gone behind the region.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use ember_graph::Description;
use loom::sync::Arc;
use loom::thread;

use super::super::Board;
use super::{Quick, Stage};
use crate::context::Context;
use crate::executor::{Bits, Cost, Fate, Gauge, Order, Plan, Task, Watch, Way};
use crate::run::{Halted, Info, Shared};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU32, UnsafeCell};

const fn task(waits: u32, needs: u64, next_end: u32) -> Task {
    Task { waits, needs, next_end, node: 0, operators: 1 }
}

static COSTS: [Cost; 3] = [const { Cost::NEW }; 3];

/// `b` waits for `a`, and `c` for nobody.
static HOOK: Plan = Plan {
    tasks: &[task(0, 0, 1), task(1, 1, 1), task(0, 0, 1)],
    next: &[1],
    costs: &COSTS,
    operators: 3,
    around: (0, 0),
    gauge: Gauge::new(3, false),
};

fn info() -> &'static Info {
    static INFO: OnceLock<Info> = OnceLock::new();
    INFO.get_or_init(|| Info {
        description: Description::__new("g", "", 1, &[], &[], &[], None),
        spots: &[],
        fail_fast: false,
        parts: true,
        gauge: Gauge::new(3, false),
    })
}

/// What a run has on its stack: tasks read it, and it is gone when the region is over.
struct OnStack {
    here: UnsafeCell<u32>,
    runs: AtomicU32,
}

// SAFETY: that nobody reads while the owner writes is what the models check.
unsafe impl Sync for OnStack {}

impl OnStack {
    fn new() -> Self {
        Self { here: UnsafeCell::new(1), runs: AtomicU32::new(0) }
    }

    fn task(&self) -> Result<(), Halted> {
        // SAFETY: loom finds out whether this is sound.
        assert_eq!(self.here.with(|here| unsafe { *here }), 1);
        self.runs.fetch_add(1, Relaxed);
        Ok(())
    }

    fn end(&self) {
        // SAFETY: as above.
        self.here.with_mut(|here| unsafe { *here = 0 });
    }
}

/// Runs a region whose owner does `own` with it.
fn region(board: &Board, own: impl FnOnce(&Quick<'_>)) -> u32 {
    let on_stack = OnStack::new();
    let context = Context::current();
    let run = Shared::new(info(), &context, false, Way::Eager, Watch::Nothing);
    let task = |_, _: &Cell<u32>| on_stack.task();
    let stage = Stage { plan: &HOOK, level: &run.level(), task: &task };
    // One of the owners unwinds.
    let _outcome = catch_unwind(AssertUnwindSafe(|| {
        board.perform(1, stage, |quick| own(quick.expect("the entry is free")));
    }));
    on_stack.end();
    on_stack.runs.load(Relaxed)
}

/// What an owner does: lays one of the tasks that are ready on the table, and works until all have ended.
fn work(quick: &Quick<'_>, execute: &dyn Fn(u32)) {
    let order = Bits::of(&HOOK, quick.words());
    let mut hand = order.first();
    loop {
        loop {
            order.share(&mut hand);
            let Some(task) = order.pop(&mut hand) else { break };
            execute(task);
            order.ended(task, Fate::Finished, &mut hand);
        }
        if order.take(&mut hand) {
            continue;
        }
        if order.is_over() {
            return;
        }
        thread::yield_now();
    }
}

/// What a helper does that looks so often.
fn help(board: &Board, looks: u32) {
    for _ in 0..looks {
        if let Some(guest) = board.guest(0) {
            while let Some(claim) = guest.claim() {
                let execute = |Stage { task, .. }: Stage<'_>, at| match task(at as usize, &Cell::new(0)) {
                    Ok(()) => Fate::Finished,
                    Err(Halted) => Fate::Halted,
                };
                claim.run(false, execute, || ());
            }
        }
        thread::yield_now();
    }
}

/// A board, and a thread that looks for tasks there so often.
fn helped(looks: u32) -> (Arc<Board>, thread::JoinHandle<()>) {
    let board = Arc::new(Board::new());
    let there = Arc::clone(&board);
    (board, thread::spawn(move || help(&there, looks)))
}

fn bounded(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

#[test]
fn a_region_is_over_when_nobody_touches_it_any_more() {
    bounded(|| {
        let (board, helper) = helped(1);
        let own = AtomicU32::new(0);
        let helped = region(&board, |quick| {
            work(quick, &|_| {
                own.fetch_add(1, Relaxed);
            });
        });
        assert_eq!(helped + own.load(Relaxed), 3);
        helper.join().unwrap();
        assert!(!board.is_open(0));
    });
}

#[test]
fn who_helped_one_region_may_help_the_next_at_the_same_entry() {
    bounded(|| {
        let (board, helper) = helped(2);
        for _ in 0..2 {
            region(&board, |quick| work(quick, &|_| ()));
        }
        helper.join().unwrap();
    });
}

#[test]
fn an_owner_that_unwinds_waits_for_those_who_have_tasks() {
    bounded(|| {
        let (board, helper) = helped(1);
        region(&board, |quick| {
            let order = Bits::of(&HOOK, quick.words());
            order.lay_down(&mut order.first());
            std::panic::panic_any(7);
        });
        helper.join().unwrap();
        assert!(!board.is_open(0));
        // The entry serves again.
        region(&board, |quick| work(quick, &|_| ()));
    });
}
