//! Ten operators, each of which takes its time and one of which fails.

use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use ember::prelude::*;
use ember_tests::{Gate, Ledger, Tracked, everywhere, in_parallel};

/// What the ten share.
struct Stage {
    ledger: Ledger,
    /// All ten have started.
    started: Barrier,
    /// They may go on.
    go: Gate,
    running: AtomicUsize,
}

impl Stage {
    fn new(members: usize) -> Self {
        Self {
            ledger: Ledger::new(),
            started: Barrier::new(members),
            go: Gate::new(),
            running: AtomicUsize::new(0),
        }
    }
}

/// Counts an operator as running however it ends.
struct Running<'s>(&'s AtomicUsize);

impl<'s> Running<'s> {
    fn new(count: &'s AtomicUsize) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[derive(Debug)]
struct NoAnswer {
    member: usize,
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "member {} gave no answer", self.member)
    }
}

impl std::error::Error for NoAnswer {}

/// Blocks until it is released.
#[operator]
fn member(stage: &Stage, number: usize, fails: bool) -> Result<Tracked, NoAnswer> {
    let _running = Running::new(&stage.running);
    let answer = stage.ledger.value(number.to_string());
    if stage.started.wait().is_leader() {
        stage.go.open();
    }
    stage.go.pass();
    if fails { Err(NoAnswer { member: number }) } else { Ok(answer) }
}

#[operator]
fn vote(answers: &[Tracked]) -> usize {
    answers.len()
}

#[operator]
fn count(answers: &[&Tracked]) -> usize {
    answers.len()
}

graph! {
    fn by_line(stage: &Stage, failing: usize) -> Result<usize, ember::Error> {
        let a = member(stage, 0, failing == 0)?;
        let b = member(stage, 1, failing == 1)?;
        let c = member(stage, 2, failing == 2)?;
        let d = member(stage, 3, failing == 3)?;
        let e = member(stage, 4, failing == 4)?;
        let f = member(stage, 5, failing == 5)?;
        let g = member(stage, 6, failing == 6)?;
        let h = member(stage, 7, failing == 7)?;
        let i = member(stage, 8, failing == 8)?;
        let j = member(stage, 9, failing == 9)?;
        let verdict = count(&[&a, &b, &c, &d, &e, &f, &g, &h, &i, &j]);
        Ok(verdict)
    }

    fn by_item(stage: &Stage, failing: usize) -> Result<usize, ember::Error> {
        let answers = for number in 0..10 { member(stage, number, number == failing)? };
        let verdict = vote(&answers);
        Ok(verdict)
    }
}

type Ensemble = fn(&Stage, usize) -> Result<usize, ember::Error>;

#[test]
fn r40_an_ensemble_of_which_one_fails_returns_the_failure_and_cleans_up() {
    for (ensemble, node) in [(by_line as Ensemble, "d"), (by_item, "answers[3]")] {
        in_parallel(10, || {
            let stage = Stage::new(10);
            let error = ensemble(&stage, 3).unwrap_err();
            assert_eq!((error.node(), error.operator()), (node, "member"));
            assert_eq!(error.find::<NoAnswer>().unwrap().member, 3);
            assert_eq!(error.failures().count(), 1);
            assert_eq!((error.nodes().finished, error.nodes().failed, error.nodes().not_started), (9, 1, 1));
            assert_eq!(stage.running.load(SeqCst), 0);
            assert_eq!(stage.ledger.made(), 10);
            stage.ledger.assert_balanced();
            // The threads are free again: all of them meet once more.
            let stage = Stage::new(10);
            assert_eq!(ensemble(&stage, 10).unwrap(), 10);
            stage.ledger.assert_balanced();
        });
    }
}

#[test]
fn r40_an_ensemble_works_whatever_the_pool() {
    // Nobody waits for another here: a pool of one runs them one after the other.
    for ensemble in [by_line as Ensemble, by_item] {
        everywhere(|_| {
            for failing in 0..10 {
                let stage = Stage::new(1);
                let error = ensemble(&stage, failing).unwrap_err();
                assert_eq!(error.find::<NoAnswer>().unwrap().member, failing);
                stage.ledger.assert_balanced();
            }
            let stage = Stage::new(1);
            assert_eq!(ensemble(&stage, 10).unwrap(), 10);
        });
    }
}
