use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::thread;

use ember_graph::Description;

use super::super::{Board, ENTRIES, NEAR};
use super::{Claim, Hand, Quick, Stage};
use crate::context::Context;
use crate::executor::{Bits, Cost, Fate, Gauge, Order, Plan, Task, Watch, Way};
use crate::run::{Halted, Info, Shared};

const fn task() -> Task {
    Task { waits: 0, needs: 0, next_end: 0, node: 0, operators: 1 }
}

static COSTS: [Cost; 4] = [const { Cost::NEW }; 4];

/// Four tasks that wait for nobody.
static PLAN: Plan = Plan {
    tasks: &[const { task() }; 4],
    next: &[],
    costs: &COSTS,
    operators: 4,
    around: (0, 0),
    gauge: Gauge::new(4, false),
};

static INFO: Info = Info {
    description: Description::__new("g", "", 1, &[], &[], &[], None),
    spots: &[],
    fail_fast: false,
    parts: true,
    gauge: Gauge::new(4, false),
};

/// Runs a region at a board, of tasks that do such things.
fn region(
    board: &Board,
    task: &(dyn Fn(usize) -> Result<(), Halted> + Sync),
    own: impl FnOnce(Option<&Quick<'_>>),
) {
    let context = Context::current();
    let run = Shared::new(&INFO, &context, false, Way::Eager, Watch::Nothing);
    let task = |number, _: &Cell<u32>| task(number);
    board.perform(1, Stage { plan: &PLAN, level: &run.level(), task: &task }, own);
}

/// What a task does that counts how many run.
fn counts(runs: &AtomicU32) -> impl Fn(usize) -> Result<(), Halted> + Sync {
    |_| {
        runs.fetch_add(1, Relaxed);
        Ok(())
    }
}

/// Lays all tasks on the table.
fn lay(quick: &Quick<'_>) {
    let order = Bits::of(&PLAN, quick.words());
    assert!(order.lay_down(&mut order.first()));
}

/// Takes back what lies there, and ends it.
fn end(quick: &Quick<'_>) {
    let order = Bits::of(&PLAN, quick.words());
    let mut hand = Hand::default();
    while order.take(&mut hand) {
        while let Some(task) = order.pop(&mut hand) {
            order.ended(task, Fate::Finished, &mut hand);
        }
    }
}

fn execute(Stage { task, .. }: Stage<'_>, number: u32) -> Fate {
    match task(number as usize, &Cell::new(0)) {
        Ok(()) => Fate::Finished,
        Err(Halted) => Fate::Halted,
    }
}

fn run(claim: Claim<'_>) {
    claim.run(false, execute, || ());
}

#[test]
fn tasks_are_seen_while_they_lie_there() {
    let (board, runs) = (Board::new(), AtomicU32::new(0));
    region(&board, &counts(&runs), |quick| {
        let quick = quick.unwrap();
        assert!(!board.is_open(0), "none is laid yet");
        lay(quick);
        assert!(board.is_open(0));
        assert!(board.enter(0).is_none(), "nobody goes in");
        let guest = board.guest(0).unwrap();
        while let Some(claim) = guest.claim() {
            run(claim);
        }
        assert!(Bits::of(&PLAN, quick.words()).is_over());
    });
    assert_eq!(runs.load(Relaxed), 4);
    assert!(board.guest(0).is_none());
}

#[test]
fn a_brief_guest_runs_one_and_lays_the_others_back() {
    let (board, runs) = (Board::new(), AtomicU32::new(0));
    region(&board, &counts(&runs), |quick| {
        lay(quick.unwrap());
        let guest = board.guest(0).unwrap();
        let laid = AtomicU32::new(0);
        let note = || {
            laid.fetch_add(1, Relaxed);
        };
        guest.claim().unwrap().run(true, execute, note);
        assert_eq!(runs.load(Relaxed), 1);
        assert_eq!(laid.load(Relaxed), 2, "two others lay there, and then one more");
        end(quick.unwrap());
    });
}

#[test]
fn what_is_claimed_and_not_run_is_laid_back() {
    let board = Board::new();
    region(&board, &|_| Ok(()), |quick| {
        lay(quick.unwrap());
        let guest = board.guest(0).unwrap();
        let claims = [guest.claim(), guest.claim(), guest.claim()];
        assert!(claims.iter().all(Option::is_some));
        assert!(guest.claim().is_none(), "two, one and one are taken");
        drop(claims);
        assert!(guest.claim().is_some());
        end(quick.unwrap());
    });
}

#[test]
fn failures_of_one_region_are_not_those_of_the_next() {
    let board = Board::new();
    for fails in [true, false] {
        let outcome = |_| if fails { Err(Halted) } else { Ok(()) };
        region(&board, &outcome, |quick| {
            lay(quick.unwrap());
            let guest = board.guest(0).unwrap();
            while let Some(claim) = guest.claim() {
                run(claim);
            }
            assert_eq!(Bits::of(&PLAN, quick.unwrap().words()).is_whole(), !fails);
        });
    }
}

#[test]
fn an_owner_that_unwinds_waits_for_the_guest() {
    let board = Board::new();
    let inside = Barrier::new(2);
    let left = AtomicU32::new(0);
    let wait = |number| {
        if number == 0 {
            inside.wait();
            // Long enough for the owner to unwind, however the threads are scheduled.
            (0..100).for_each(|_| thread::yield_now());
        }
        left.fetch_add(1, SeqCst);
        Ok(())
    };
    thread::scope(|scope| {
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            region(&board, &wait, |quick| {
                lay(quick.unwrap());
                scope.spawn(|| {
                    let guest = board.guest(0).unwrap();
                    guest.claim().map(run)
                });
                inside.wait();
                std::panic::panic_any(7);
            });
        }));
        assert!(unwound.is_err());
        assert_eq!(left.load(SeqCst), 2, "it had two");
        assert!(!board.is_open(0), "the others were taken away");
    });
}

#[test]
fn a_region_goes_without_where_no_entry_is_free() {
    fn nest(board: &Board, regions: usize) {
        region(board, &|_| Ok(()), |quick| {
            assert_eq!(quick.is_some(), regions > 0);
            if let Some(quick) = quick {
                lay(quick);
                let entry = ENTRIES - regions;
                assert_eq!(board.guest(entry).is_some(), entry < NEAR || board.entries().len() == ENTRIES);
                nest(board, regions - 1);
                end(quick);
            }
        });
    }
    nest(&Board::new(), ENTRIES);
}
