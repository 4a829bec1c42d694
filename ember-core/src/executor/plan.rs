//! The order among the tasks of a region, as constants.

use super::gauge::{self, Gauge};

/// The tasks of a region and who waits for whom.
#[derive(Debug)]
pub struct Plan {
    /// The tasks; each comes after those it waits for.
    pub tasks: &'static [Task],
    /// The tasks that wait for each task, one after the other.
    pub next: &'static [u32],
    /// What each task has cost.
    pub costs: &'static [Cost],
    /// How many operators the tasks run.
    pub operators: u32,
    /// How many stand before and after the region in the code around, for counts.
    pub around: (u32, u32),
    /// What running the tasks has cost.
    pub gauge: Gauge,
}

/// One task of a [`Plan`].
#[derive(Debug)]
pub struct Task {
    /// How many tasks it waits for.
    pub waits: u32,
    /// Which tasks it waits for, a bit each, where a plan has at most 64.
    pub needs: u64,
    /// Where its successors end in [`Plan::next`]; they start where those of the task before end.
    pub next_end: u32,
    /// The first node of the task.
    pub node: u32,
    /// How many operators it runs.
    pub operators: u32,
}

/// What a task has cost.
#[derive(Debug)]
pub struct Cost(pub(super) gauge::Cost);

impl Cost {
    /// Of a task that has not run.
    #[expect(clippy::declare_interior_mutable_const, reason = "plans are made from it, nothing else")]
    pub const NEW: Self = Self(gauge::Cost::new());
}

impl Plan {
    /// So many tasks fit into the bits of a word. Only a region of more has states of its own.
    pub(super) const FEW: usize = 64;

    /// The tasks that wait for a task.
    #[inline]
    pub(crate) fn successors(&self, task: u32) -> &'static [u32] {
        let task = task as usize;
        let start = if task == 0 { 0 } else { self.tasks[task - 1].next_end as usize };
        &self.next[start..self.tasks[task].next_end as usize]
    }
}
