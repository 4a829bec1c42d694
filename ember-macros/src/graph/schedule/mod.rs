//! From a body to the order in which its steps run, and to the tasks they form.
//!
//! The steps of a body are ordered by what they use (see [`Flow`]). Where two steps that run operators have no order,
//! they go into a *region*, whose tasks the executor runs side by side; what comes before and after stays straight
//! code on the thread of the body. Usually one region holds all that is parallel, with counters for the order
//! among its tasks.
//!
//! Ownership can forbid that. A value that some borrow and one then moves must not be in a cell that others still
//! read. Then the body is split into smaller regions in series and side by side, so that the value lives in the
//! code around a region and can be moved there.

mod moves;
mod regions;
mod sources;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::model::{Body, Var, VarId};
use moves::{mover, surely_borrowed};
use sources::BitSet;
pub(super) use sources::Sources;

/// How the steps of a body run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    /// One after the other, in place.
    Serial(Vec<usize>),
    /// One part after the other.
    Series(Vec<Tree>),
    Region(Region),
}

/// Tasks side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) tasks: Vec<Tree>,
    /// The tasks that each task waits for; always earlier ones.
    pub(super) waits: Vec<Vec<usize>>,
}

impl Tree {
    /// Its steps in source order.
    pub(super) fn steps(&self) -> Vec<usize> {
        let mut steps = match self {
            Self::Serial(steps) => steps.clone(),
            Self::Series(parts) => parts.iter().flat_map(Self::steps).collect(),
            Self::Region(region) => region.tasks.iter().flat_map(Self::steps).collect(),
        };
        steps.sort_unstable();
        steps
    }
}

/// The steps of a body and the order that their uses demand.
pub(super) struct Flow<'a> {
    body: &'a Body,
    sources: &'a Sources,
    /// How many steps may be fused into one task.
    chain: usize,
    /// The step that takes a value for good.
    pub(super) movers: HashMap<VarId, usize>,
    /// `before[i]`: all steps that must have finished when `i` starts.
    before: Vec<BitSet>,
    /// `direct[i]`: those of them that no other one waits for.
    direct: Vec<Vec<usize>>,
    /// The step that makes a value, for values made in this body.
    makers: HashMap<VarId, usize>,
    /// The steps that use each value, in order.
    pub(super) users: Vec<Vec<usize>>,
    /// `moved[i]`: the values that `i` takes for good.
    moved: Vec<Vec<VarId>>,
    /// `spent[i]`: the values whose last use comes before `i`.
    spent: Vec<BitSet>,
}

/// Schedules a body. `owned` tells which values of its surroundings it may move, `chain` how many steps may be fused into
/// one task.
pub(super) fn schedule<'a>(
    body: &'a Body,
    vars: &[Var],
    sources: &'a Sources,
    owned: &dyn Fn(VarId) -> bool,
    chain: usize,
) -> (Tree, Flow<'a>) {
    let mut alone: BTreeSet<usize> = (0..body.steps.len()).filter(|&i| body.steps[i].alone).collect();
    loop {
        let flow = Flow::new(body, vars, sources, owned, &alone, chain);
        let mut torn = flow.torn();
        torn.extend(flow.replaced(vars));
        if !torn.is_subset(&alone) {
            alone.extend(torn);
            continue;
        }
        let tree = flow.tree(&(0..body.steps.len()).collect::<Vec<_>>(), &alone, 0);
        let mut clashes = BTreeSet::new();
        flow.clashes(&tree, &mut clashes);
        let before = alone.len();
        alone.extend(clashes);
        if alone.len() == before {
            return (tree, flow);
        }
    }
}

impl<'a> Flow<'a> {
    fn new(
        body: &'a Body,
        vars: &[Var],
        sources: &'a Sources,
        owned: &dyn Fn(VarId) -> bool,
        alone: &BTreeSet<usize>,
        chain: usize,
    ) -> Self {
        let steps = &body.steps;
        let n = steps.len();
        let mut makers = HashMap::new();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); vars.len()];
        for (i, step) in steps.iter().enumerate() {
            makers.extend(step.defs.iter().map(|&var| (var, i)));
            for u in &step.uses {
                users[u.var].push(i);
            }
        }
        let mut movers = HashMap::new();
        let mut moved = vec![Vec::new(); n];
        let mut last: Vec<Vec<VarId>> = vec![Vec::new(); n];
        for (var, users) in users.iter().enumerate() {
            if let Some(&user) = users.last() {
                last[user].push(var);
            }
            if !vars[var].copy
                && (makers.contains_key(&var) || owned(var))
                && let Some(mover) = mover(body, var, users, vars[var].mutable)
                && !surely_borrowed(body, var, mover)
            {
                movers.insert(var, mover);
                moved[mover].push(var);
            }
        }
        let mut spent = Vec::with_capacity(n);
        let mut until = BitSet::new(vars.len());
        for vars in &last {
            spent.push(until.clone());
            for &var in vars {
                until.add(var);
            }
        }

        let mut used = BitSet::new(vars.len());
        let mut before: Vec<BitSet> = Vec::with_capacity(n);
        let mut direct: Vec<Vec<usize>> = Vec::with_capacity(n);
        for (i, step) in steps.iter().enumerate() {
            let mut wait: BTreeSet<usize> = step
                .uses
                .iter()
                .filter_map(|u| makers.get(&u.var))
                .copied()
                .filter(|&maker| maker < i)
                .collect();
            wait.extend(step.after.iter().copied().filter(|&j| j < i));
            for &var in &moved[i] {
                // What uses the value, or what may borrow it.
                let holders = sources.holders[var].common(&used);
                wait.extend(holders.chain([var]).flat_map(|var| &users[var]).filter(|&&j| j < i));
            }
            step.uses.iter().for_each(|u| used.add(u.var));
            let tail = body.tail && i + 1 == n;
            if tail || alone.contains(&i) {
                wait.extend(0..i);
            } else if let Some(&last) = alone.range(..i).next_back() {
                wait.insert(last);
            }
            let mut all = BitSet::new(n);
            for &j in &wait {
                all.merge(&before[j]);
            }
            direct.push(wait.iter().copied().filter(|&j| !all.has(j)).collect());
            for &j in &wait {
                all.add(j);
            }
            before.push(all);
        }
        Self { body, sources, chain, movers, before, direct, makers, users, moved, spent }
    }

    fn ordered(&self, a: usize, b: usize) -> bool {
        if a < b { self.before[b].has(a) } else { self.before[a].has(b) }
    }

    fn direct_inside(&self, i: usize, inside: &HashSet<usize>) -> Vec<usize> {
        self.direct[i].iter().copied().filter(|j| inside.contains(j)).collect()
    }

    fn works(&self, i: usize) -> bool {
        self.body.steps[i].works()
    }
}
