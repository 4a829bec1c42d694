//! Which tasks of a region are ready: the bookkeeping, without the threads that run the tasks.
//!
//! Each worker has a *hand* of ready tasks that only it sees. It gives tasks to the others by laying them on the
//! *table*, where whoever has an empty hand takes them. A task is in one hand, on the table or running, and is in a
//! hand once.
//!
//! Tasks are laid *open* where they have to run at the same time if threads can be had, and where they are costly: then a
//! worker keeps none but the one that it runs.
//!
//! A task that fails does not keep those that wait for it from being told; but they are *lost* then, and pass that on
//! instead of running. So a region always comes to its end.

#[cfg(target_has_atomic = "64")]
mod bits;
mod counters;
#[cfg(target_has_atomic = "64")]
mod ranked;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom), target_has_atomic = "64"))]
mod tests;

pub use counters::State;

#[cfg(target_has_atomic = "64")]
pub(crate) use bits::{Bits, Hand, Words};
pub(super) use counters::Counters;
#[cfg(target_has_atomic = "64")]
pub(super) use ranked::Ranked;

use super::plan::Task;

/// What became of a task when the region is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Finished,
    /// It started, and failed or was halted.
    Halted,
    /// One that it waits for did not finish.
    Lost,
}

pub(crate) trait Order: Sync {
    /// The ready tasks of one worker.
    type Hand: Send;

    /// A hand without tasks.
    const EMPTY: Self::Hand;

    /// The tasks that wait for nobody. Called once.
    fn first(&self) -> Self::Hand;

    /// Takes a task out of a hand, the earliest if the order keeps that. Nothing says that the hand is empty, and that
    /// what this worker ended is known to all.
    fn pop(&self, hand: &mut Self::Hand) -> Option<u32>;

    /// Lays tasks on the table, if others could do with some. Tells whether it did.
    fn share(&self, hand: &mut Self::Hand) -> bool;

    /// Lays all tasks of a hand on the table, by a worker that leaves, and tells what it ended. Gives whether there were
    /// any.
    fn lay_down(&self, hand: &mut Self::Hand) -> bool;

    /// Takes tasks from the table into an empty hand. Tells whether it did.
    fn take(&self, hand: &mut Self::Hand) -> bool;

    /// Whether tasks lie on the table.
    fn waits(&self) -> bool;

    /// Whether a task in a hand is not to run.
    fn is_lost(&self, task: u32) -> bool;

    /// Notes what became of a task, and takes those that waited for it last into the hand.
    fn ended(&self, task: u32, fate: Fate, hand: &mut Self::Hand);

    /// Whether all tasks have ended.
    fn is_over(&self) -> bool;

    /// Whether all tasks have finished. Called when the region is over.
    fn is_whole(&self) -> bool;

    /// What became of each task. Called when the region is over.
    fn fates(&self) -> impl Iterator<Item = (&'static Task, Fate)>;
}

fn index(i: usize) -> u32 {
    u32::try_from(i).expect("a graph has fewer than 2^32 tasks")
}
