//! Models of the board: a run outlives those who help it.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::Board;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU32, Bed, UnsafeCell};

/// What a run has on its stack: helpers read it, and it is gone when the run is over.
struct Run(UnsafeCell<u32>);

// SAFETY: that nobody reads while the owner writes is what the models check.
unsafe impl Sync for Run {}

impl Run {
    fn read(&self) -> u32 {
        // SAFETY: loom finds out whether this is sound.
        self.0.with(|value| unsafe { *value })
    }

    fn end(&self) {
        // SAFETY: as above.
        self.0.with_mut(|value| unsafe { *value = 0 });
    }
}

fn helped(board: &Board) -> Option<bool> {
    board.enter(0).map(|visit| visit.help(Duration::ZERO))
}

#[test]
fn a_run_ends_when_no_helper_is_inside() {
    loom::model(|| {
        let board = Arc::new(Board::new());
        let helper = {
            let board = Arc::clone(&board);
            thread::spawn(move || helped(&board))
        };
        let run = Run(UnsafeCell::new(1));
        let help = |_: &Bed, _| run.read() == 1;
        board.offer(0, false, &help, |_| ());
        run.end();
        assert_ne!(helper.join().unwrap(), Some(false));
    });
}

#[test]
fn a_helper_of_one_run_does_not_see_the_run_before() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let board = Arc::new(Board::new());
        let helper = {
            let board = Arc::clone(&board);
            thread::spawn(move || helped(&board))
        };
        for _ in 0..2 {
            let run = Run(UnsafeCell::new(1));
            let help = |_: &Bed, _| run.read() == 1;
            board.offer(0, false, &help, |_| ());
            run.end();
        }
        assert_ne!(helper.join().unwrap(), Some(false));
    });
}

#[test]
fn two_helpers_may_be_inside_and_a_second_run_has_no_entry() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let board = Arc::new(Board::new());
        let helpers: Vec<_> = (0..2)
            .map(|_| {
                let board = Arc::clone(&board);
                thread::spawn(move || helped(&board))
            })
            .collect();
        let run = Run(UnsafeCell::new(1));
        let inside = AtomicU32::new(0);
        let help = |_: &Bed, _| {
            inside.fetch_add(1, Relaxed);
            run.read() == 1
        };
        // The only entry is taken, so the second run goes without.
        board.offer(0, false, &help, |_| {
            board.offer(0, false, &|_, _| unreachable!("there is no entry for it"), |bed| {
                assert!(bed.is_none())
            });
        });
        run.end();
        for helper in helpers {
            assert_ne!(helper.join().unwrap(), Some(false));
        }
    });
}
