use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use super::{Board, ENTRIES, NEAR};
use crate::sync::Bed;

#[test]
fn an_entry_is_open_while_its_run_is_there() {
    let board = Board::new();
    assert!(board.enter(0).is_none());
    board.offer(1, false, &|_, _| true, |_| {
        assert!(board.is_open(0));
        assert_eq!(board.enter(0).map(|visit| visit.help(Duration::ZERO)), Some(true));
    });
    assert!(!board.is_open(0));
    assert!(board.enter(0).is_none());
}

#[test]
fn runs_within_runs_have_entries_of_their_own() {
    let board = Board::new();
    board.offer(1, false, &|_, _| true, |_| {
        board.offer(1, false, &|_, _| false, |_| {
            assert_eq!(board.enter(0).map(|visit| visit.help(Duration::ZERO)), Some(true));
            assert_eq!(board.enter(1).map(|visit| visit.help(Duration::ZERO)), Some(false));
        });
        assert!(!board.is_open(1));
    });
}

/// Runs within runs, so many, and what `inside` sees in the innermost.
fn nest<R>(board: &Board, runs: usize, inside: &dyn Fn(&Board) -> R) -> R {
    if runs == 0 {
        inside(board)
    } else {
        board.offer(1, false, &|_, _| true, |_| nest(board, runs - 1, inside))
    }
}

fn open(board: &Board) -> usize {
    board.entries().filter(|&entry| board.is_open(entry)).count()
}

#[test]
fn more_runs_than_entries_go_without() {
    let board = Board::new();
    assert_eq!(nest(&board, ENTRIES + 3, &open), ENTRIES);
}

#[test]
fn entries_behind_the_near_ones_are_seen_while_some_are_taken() {
    let board = Board::new();
    assert_eq!(board.entries().len(), NEAR);
    nest(&board, NEAR, &|board| assert_eq!(board.entries().len(), NEAR));
    nest(&board, NEAR + 1, &|board| {
        assert_eq!(open(board), NEAR + 1);
        assert_eq!(board.enter(NEAR).map(|visit| visit.help(Duration::ZERO)), Some(true));
    });
    assert_eq!(board.entries().len(), NEAR);
}

#[test]
fn an_entry_is_closed_behind_a_run_that_unwinds() {
    let board = Board::new();
    let run =
        catch_unwind(AssertUnwindSafe(|| board.offer(1, false, &|_, _| true, |_| std::panic::panic_any(7))));
    assert!(run.is_err());
    assert!(!board.is_open(0));
}

#[test]
fn a_run_waits_for_the_helper_inside() {
    let board = Board::new();
    let inside = Barrier::new(2);
    let left = AtomicU32::new(0);
    let help = |_: &Bed, _| {
        inside.wait();
        // Long enough for the owner to come to its end and to sleep, however the threads are scheduled.
        for _ in 0..100 {
            thread::yield_now();
        }
        left.store(1, Relaxed);
        true
    };
    thread::scope(|scope| {
        board.offer(1, false, &help, |_| {
            scope.spawn(|| board.enter(0).map(|visit| visit.help(Duration::ZERO)));
            inside.wait();
        });
        assert_eq!(left.load(Relaxed), 1);
    });
}
