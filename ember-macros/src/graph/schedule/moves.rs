//! What moving asks of the order and of the tasks: which step takes a value, and which steps must leave their task for
//! it.

use std::collections::BTreeSet;

use syn::Expr;

use super::super::model::{Body, StepUse, Var, VarId, Work};
use super::super::uses::Access;
use super::{Flow, Tree};

impl Flow<'_> {
    /// Whether `holder` may hold a borrow of `var` when `mover` takes `var`. A value that the mover or a later step uses
    /// cannot: the straight-line form would not compile.
    pub(super) fn may_hold(&self, holder: VarId, var: VarId, mover: usize) -> bool {
        self.sources.hold(holder, var) && self.users[holder].last().is_none_or(|&last| last < mover)
    }

    /// Branches that move a value in one arm while another arm reads it, or what may borrow it: the value must not be
    /// moved before the arm is chosen, so it has to stay in the code around.
    pub(super) fn torn(&self) -> BTreeSet<usize> {
        let mut torn = BTreeSet::new();
        for (&var, &mover) in &self.movers {
            let step = &self.body.steps[mover];
            let bodies = step.work.bodies();
            if bodies.is_empty() {
                continue;
            }
            let reads_holder = step.uses.iter().any(|u| self.sources.hold(u.var, var));
            let lends = !step.defs.is_empty() || self.body.tail;
            if reads_holder || (lends && bodies.iter().any(|body| reads(body, var))) {
                torn.insert(mover);
            }
        }
        torn
    }

    /// Steps that take the value of a `mut` binding before its last use: the binding gets another value in between,
    /// or its type is `Copy`. Either is plain in the code around, and only there.
    pub(super) fn replaced(&self, vars: &[Var]) -> BTreeSet<usize> {
        let takes = |i: usize| {
            let mut uses = self.body.steps[i].uses.iter();
            uses.any(|u| {
                u.values > 0
                    && vars[u.var].mutable
                    && !vars[u.var].copy
                    && self.movers.get(&u.var) != Some(&i)
            })
        };
        (0..self.body.steps.len()).filter(|&i| takes(i)).collect()
    }

    /// Whether a mover only takes parts of a value. If it copies them, the value goes back to the code around.
    pub(in super::super) fn takes_parts(&self, var: VarId, mover: usize) -> bool {
        self.body.steps[mover].use_of(var).is_some_and(StepUse::only_parts)
    }

    /// Finds movers that must leave their task: what they take lives in the task only, but a value that may borrow
    /// it must outlive the task. Values used after the mover cannot hold such a borrow.
    pub(super) fn clashes(&self, tree: &Tree, found: &mut BTreeSet<usize>) {
        match tree {
            Tree::Serial(_) => {}
            Tree::Series(parts) => parts.iter().for_each(|part| self.clashes(part, found)),
            Tree::Region(region) => {
                let all = tree.steps();
                for task in &region.tasks {
                    let steps = task.steps();
                    self.clashes(task, found);
                    self.clashes_of(&steps, found);
                    self.borrowed_outside(&steps, &all, found);
                }
            }
        }
    }

    /// A value that a task takes moves before its region starts: then nothing that the region reads may hold a borrow
    /// of it from before.
    fn borrowed_outside(&self, task: &[usize], region: &[usize], found: &mut BTreeSet<usize>) {
        let made_in = |var: VarId, steps: &[usize]| {
            self.makers.get(&var).is_some_and(|maker| steps.binary_search(maker).is_ok())
        };
        for (var, mover) in self.moved_by(task) {
            if made_in(var, region) {
                continue;
            }
            let borrowed = region
                .iter()
                .flat_map(|&i| &self.body.steps[i].uses)
                .any(|u| u.var != var && !made_in(u.var, task) && self.may_hold(u.var, var, mover));
            if borrowed {
                found.insert(mover);
            }
        }
    }

    /// The values that steps take for good, each with the step.
    fn moved_by(&self, steps: &[usize]) -> impl Iterator<Item = (VarId, usize)> {
        steps.iter().flat_map(|&mover| self.moved[mover].iter().map(move |&var| (var, mover)))
    }

    fn clashes_of(&self, task: &[usize], found: &mut BTreeSet<usize>) {
        for (var, mover) in self.moved_by(task) {
            let outlives = task.iter().filter(|&&i| i < mover).any(|&i| {
                self.body.steps[i].defs.iter().any(|&def| {
                    let stays = self
                        .movers
                        .get(&def)
                        .is_none_or(|mover| !task.contains(mover) || self.takes_parts(def, *mover));
                    stays && self.may_hold(def, var, mover)
                })
            });
            if outlives {
                found.insert(mover);
            }
        }
    }
}

/// The one step that takes a value for good, if there is one.
///
/// A value that is used by value twice, or used again later, is of a `Copy` type, or the compiler refuses the
/// straight-line form. So only the last use can move, and only if it is the only one by value.
///
/// The same holds of each field: one that is used by value twice is copied, and does not take the value.
pub(super) fn mover(body: &Body, var: VarId, users: &[usize], mutable: bool) -> Option<usize> {
    let uses: Vec<_> = users.iter().filter_map(|&i| body.steps[i].use_of(var).map(|u| (i, u))).collect();
    let (last, u) = uses.last()?;
    if u.repeated {
        return None;
    }
    // A field of a `mut` binding may get a value in between, and a way out of a loop may stand between two uses.
    let copied = |field: &String| {
        let others = uses.iter().filter(|(i, _)| !mutable && !body.steps[*i].alone);
        others.filter_map(|(_, u)| u.fields.get(field)).sum::<usize>() > 1
    };
    let by_value = uses.iter().filter(|(_, u)| u.values > 0).count();
    let moves = match (by_value, u.values) {
        (1, 1) => true,
        // A value that is lent in the same breath stays: its fields are copied, not moved.
        (0, _) => {
            let lent = u.shared && body.steps[*last].work.bodies().is_empty();
            u.access == Access::Place && (u.place || !lent && !u.fields.keys().all(copied))
        }
        _ => false,
    };
    moves.then_some(*last)
}

/// Whether a body reads a value by reference.
fn reads(body: &Body, var: VarId) -> bool {
    body.steps.iter().any(|step| {
        let bodies = step.work.bodies();
        let own = step.direct.iter().any(|u| u.var == var && u.access == Access::Shared);
        own || bodies.into_iter().any(|body| reads(body, var))
    })
}

/// Whether a closure or a reference that surely borrows a value is still used when the value is used by value: then
/// that is a copy.
pub(super) fn surely_borrowed(body: &Body, var: VarId, mover: usize) -> bool {
    // Within a construct the reference may be used in one arm and the value moved in another.
    let from = if body.steps[mover].work.bodies().is_empty() { mover } else { mover + 1 };
    body.steps[..mover].iter().any(|step| {
        let borrows = match &step.work {
            Work::Plain(Expr::Closure(closure)) => closure.capture.is_none(),
            Work::Plain(Expr::Reference(_)) => true,
            _ => false,
        };
        borrows
            && step.use_of(var).is_some()
            && step.defs.iter().any(|&def| body.steps[from..].iter().any(|later| later.use_of(def).is_some()))
    })
}
