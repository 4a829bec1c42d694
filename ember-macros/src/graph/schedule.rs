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

use std::collections::{BTreeSet, HashMap, HashSet};

use syn::Expr;

use super::model::{Body, Step, StepUse, Var, VarId, Work};
use super::uses::Access;

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
    /// The step that takes a value for good.
    pub(super) movers: HashMap<VarId, usize>,
    /// `before[i]`: all steps that must have finished when `i` starts.
    before: Vec<BitSet>,
    /// `direct[i]`: those of them that no other one waits for.
    direct: Vec<Vec<usize>>,
    /// The step that makes a value, for values made in this body.
    makers: HashMap<VarId, usize>,
}

#[derive(Clone, PartialEq, Eq)]
struct BitSet(Vec<u64>);

impl BitSet {
    fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }
    fn has(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 == 1
    }
    fn add(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }
    fn merge(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }
}

/// Which values each value may hold a borrow of: by its maker's uses, however they use it.
///
/// A macro sees no types, so every value counts as one that may borrow.
pub(super) struct Sources(Vec<BitSet>);

impl Sources {
    pub(super) fn new(body: &Body, vars: &[Var]) -> Self {
        let mut sources = Self(vec![BitSet::new(vars.len()); vars.len()]);
        sources.collect(body);
        sources
    }

    fn collect(&mut self, body: &Body) {
        for step in &body.steps {
            let direct = self.of(&step.direct);
            match &step.work {
                Work::Operator(_) | Work::Plain(_) | Work::Loop(_) => {}
                Work::Branch(arms, _) => arms.iter().for_each(|arm| self.bind(&arm.binds, &direct)),
                Work::FanOut(each) => self.bind(&each.binds, &direct),
            }
            step.work.bodies().into_iter().for_each(|body| self.collect(body));
            let all = self.of(&step.uses);
            self.bind(&step.defs, &all);
        }
    }

    fn of(&self, uses: &[StepUse]) -> BitSet {
        let mut all = BitSet(vec![0; self.0.first().map_or(0, |set| set.0.len())]);
        for u in uses {
            all.merge(&self.0[u.var]);
            all.add(u.var);
        }
        all
    }

    fn bind(&mut self, vars: &[VarId], sources: &BitSet) {
        for &var in vars {
            self.0[var].clone_from(sources);
        }
    }

    /// Whether `holder` may hold a borrow of `var`.
    fn hold(&self, holder: VarId, var: VarId) -> bool {
        self.0[holder].has(var)
    }
}

/// Schedules a body. `owned` tells which values of its surroundings it may move.
pub(super) fn schedule<'a>(
    body: &'a Body,
    vars: &[Var],
    sources: &'a Sources,
    owned: &dyn Fn(VarId) -> bool,
) -> (Tree, Flow<'a>) {
    let mut alone: BTreeSet<usize> = (0..body.steps.len()).filter(|&i| body.steps[i].alone).collect();
    loop {
        let flow = Flow::new(body, vars, sources, owned, &alone);
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
    ) -> Self {
        let steps = &body.steps;
        let n = steps.len();
        let mut makers = HashMap::new();
        let mut users: HashMap<VarId, Vec<usize>> = HashMap::new();
        for (i, step) in steps.iter().enumerate() {
            makers.extend(step.defs.iter().map(|&var| (var, i)));
            for u in &step.uses {
                users.entry(u.var).or_default().push(i);
            }
        }
        let mut movers = HashMap::new();
        for (&var, users) in &users {
            if !vars[var].copy
                && (makers.contains_key(&var) || owned(var))
                && let Some(mover) = mover(body, var, users, vars[var].mutable)
                && !surely_borrowed(body, var, mover)
            {
                movers.insert(var, mover);
            }
        }

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
            for u in &step.uses {
                if movers.get(&u.var) != Some(&i) {
                    continue;
                }
                wait.extend((0..i).filter(|&j| touches(&steps[j], u.var, sources)));
            }
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
        Self { body, sources, movers, before, direct, makers }
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

    fn has_parallel_work(&self, steps: &[usize]) -> bool {
        let working: Vec<usize> = steps.iter().copied().filter(|&i| self.works(i)).collect();
        working.iter().enumerate().any(|(k, &b)| working[..k].iter().any(|&a| !self.ordered(a, b)))
    }

    fn tree(&self, steps: &[usize], alone: &BTreeSet<usize>, depth: usize) -> Tree {
        if !self.has_parallel_work(steps) {
            return Tree::Serial(steps.to_vec());
        }
        let parts = components(steps, &|a, b| !self.ordered(a, b));
        let mut trees: Vec<Tree> = Vec::new();
        let mut run: Vec<Vec<usize>> = Vec::new();
        for part in parts {
            if let [step] = part[..]
                && (alone.contains(&step) || run.is_empty())
            {
                self.close(&mut run, &mut trees, alone, depth);
                serial(&mut trees, step);
            } else {
                run.push(part);
            }
        }
        self.close(&mut run, &mut trees, alone, depth);
        if trees.len() == 1 { trees.remove(0) } else { Tree::Series(trees) }
    }

    /// Turns parts that follow each other into one region if ownership lets it, else into several.
    fn close(&self, run: &mut Vec<Vec<usize>>, trees: &mut Vec<Tree>, alone: &BTreeSet<usize>, depth: usize) {
        let mut after = Vec::new();
        while run.last().is_some_and(|part| part.len() == 1) {
            after.extend(run.pop());
        }
        let parts = std::mem::take(run);
        let mut whole: Vec<usize> = parts.iter().flatten().copied().collect();
        whole.sort_unstable();
        if !whole.is_empty() {
            if !self.has_parallel_work(&whole) {
                for step in whole {
                    serial(trees, step);
                }
            } else if let Some(region) = self.region(&whole) {
                trees.push(Tree::Region(region));
            } else {
                for part in parts {
                    match part[..] {
                        [step] => serial(trees, step),
                        _ => trees.push(self.split(&part, alone, depth)),
                    }
                }
            }
        }
        for step in after.into_iter().rev().flatten() {
            serial(trees, step);
        }
    }

    /// Steps that no single step separates, and whose values cannot all live in one region's cells.
    fn split(&self, steps: &[usize], alone: &BTreeSet<usize>, depth: usize) -> Tree {
        if let Some(region) = self.region(steps) {
            return Tree::Region(region);
        }
        let sides = components(steps, &|a, b| self.ordered(a, b));
        if sides.len() > 1 && depth < DEPTH {
            let waits = vec![Vec::new(); sides.len()];
            let tasks = sides.iter().map(|side| self.tree(side, alone, depth + 1)).collect();
            return Tree::Region(Region { tasks, waits });
        }
        self.runs(steps)
    }

    /// Barriers between runs of lines, each as long as its values can live in one region's cells. The runs keep the
    /// order of the source: when one fails, all lines above the failure have been started.
    fn runs(&self, steps: &[usize]) -> Tree {
        let mut trees = Vec::new();
        let mut rest = steps;
        while !rest.is_empty() {
            let fits = |&end: &usize| self.region(&rest[..end]).is_some();
            let end = (2..=rest.len()).take_while(fits).last().unwrap_or(1);
            let (run, left) = rest.split_at(end);
            match self.region(run) {
                Some(region) if self.has_parallel_work(run) => trees.push(Tree::Region(region)),
                _ => run.iter().for_each(|&step| serial(&mut trees, step)),
            }
            rest = left;
        }
        Tree::Series(trees)
    }

    /// One region for all the steps, unless a value would have to be moved out from under its readers.
    fn region(&self, steps: &[usize]) -> Option<Region> {
        let inside: HashSet<usize> = steps.iter().copied().collect();
        let mut tasks = self.fuse(steps);
        let mut of: HashMap<usize, usize> = HashMap::new();
        let locate = |tasks: &[Vec<usize>], of: &mut HashMap<usize, usize>| {
            for (t, task) in tasks.iter().enumerate() {
                of.extend(task.iter().map(|&step| (step, t)));
            }
        };
        locate(&tasks, &mut of);
        for (&var, mover) in &self.movers {
            let Some(&mover_task) = of.get(mover) else { continue };
            let maker_task = self.makers.get(&var).and_then(|maker| of.get(maker)).copied();
            let holds = |holder: VarId| self.may_hold(holder, var, *mover);
            let clash = steps.iter().filter(|&i| of[i] != mover_task).any(|&i| {
                let step = &self.body.steps[i];
                let reads = step.use_of(var).is_some();
                let made_with = Some(of[&i]) == maker_task && !step.defs.iter().any(|&def| holds(def));
                (reads && !made_with) || step.uses.iter().any(|u| holds(u.var))
            });
            if clash {
                return None;
            }
        }
        self.sort(&mut tasks, &of, &inside);
        locate(&tasks, &mut of);
        let waits = tasks
            .iter()
            .enumerate()
            .map(|(t, task)| {
                let on: BTreeSet<usize> = task
                    .iter()
                    .flat_map(|&i| self.direct[i].iter().copied())
                    .filter(|j| inside.contains(j))
                    .map(|j| of[&j])
                    .filter(|&other| other != t)
                    .collect();
                on.into_iter().collect()
            })
            .collect();
        Some(Region { tasks: tasks.into_iter().map(Tree::Serial).collect(), waits })
    }

    /// Chains run as one task; plain Rust with a single user runs in its user's task.
    fn fuse(&self, steps: &[usize]) -> Vec<Vec<usize>> {
        let inside: HashSet<usize> = steps.iter().copied().collect();
        let mut waits: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut next: HashMap<usize, Vec<usize>> = HashMap::new();
        for &i in steps {
            let on: Vec<usize> = self.direct_inside(i, &inside);
            for &j in &on {
                next.entry(j).or_default().push(i);
            }
            waits.insert(i, on);
        }
        let mut tasks: Vec<Vec<usize>> = Vec::new();
        let mut of: HashMap<usize, usize> = HashMap::new();
        for &i in steps {
            let only = match waits[&i][..] {
                [j] if next[&j].len() == 1 => Some(of[&j]),
                _ => None,
            };
            let task = only.unwrap_or_else(|| {
                tasks.push(Vec::new());
                tasks.len() - 1
            });
            tasks[task].push(i);
            of.insert(i, task);
        }
        // From the back, so that plain Rust that feeds plain Rust ends in the same task.
        for &i in steps.iter().rev() {
            let single = next.get(&i).filter(|next| next.len() == 1).map(|next| next[0]);
            let Some(user) = single else { continue };
            let (task, target) = (of[&i], of[&user]);
            if task != target
                && !tasks[task].iter().any(|&j| self.works(j))
                && tasks[target].first() == Some(&user)
            {
                let mut moved = std::mem::take(&mut tasks[task]);
                for &j in &moved {
                    of.insert(j, target);
                }
                moved.append(&mut tasks[target]);
                tasks[target] = moved;
            }
        }
        tasks.retain(|task| !task.is_empty());
        tasks
    }

    /// Puts each task behind those it waits for.
    fn sort(&self, tasks: &mut Vec<Vec<usize>>, of: &HashMap<usize, usize>, inside: &HashSet<usize>) {
        let mut left: BTreeSet<usize> = (0..tasks.len()).collect();
        let mut done = HashSet::new();
        let mut sorted = Vec::with_capacity(tasks.len());
        while !left.is_empty() {
            let ready = left.iter().copied().find(|&t| {
                let mut waits = tasks[t].iter().flat_map(|&i| &self.direct[i]).filter(|j| inside.contains(j));
                waits.all(|j| of[j] == t || done.contains(&of[j]))
            });
            // The order of the steps has no cycle, and fusing keeps it so.
            let Some(ready) = ready.or_else(|| left.first().copied()) else { break };
            left.remove(&ready);
            done.insert(ready);
            sorted.push(std::mem::take(&mut tasks[ready]));
        }
        *tasks = sorted;
    }

    /// Whether `holder` may hold a borrow of `var` when `mover` takes `var`. A value that the mover or a later step uses
    /// cannot: the straight-line form would not compile.
    fn may_hold(&self, holder: VarId, var: VarId, mover: usize) -> bool {
        self.sources.hold(holder, var)
            && !self.body.steps[mover..].iter().any(|step| step.use_of(holder).is_some())
    }

    /// Branches that move a value in one arm while another arm reads it, or what may borrow it: the value must not be
    /// moved before the arm is chosen, so it has to stay in the code around.
    fn torn(&self) -> BTreeSet<usize> {
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
    fn replaced(&self, vars: &[Var]) -> BTreeSet<usize> {
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

    /// Finds movers that must leave their task: what they take lives in the task only, but a value that may borrow
    /// it must outlive the task. Values used after the mover cannot hold such a borrow.
    fn clashes(&self, tree: &Tree, found: &mut BTreeSet<usize>) {
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
        for (&var, &mover) in &self.movers {
            let made_in = |var: VarId, steps: &[usize]| {
                self.makers.get(&var).is_some_and(|maker| steps.contains(maker))
            };
            if !task.contains(&mover) || made_in(var, region) {
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

    fn clashes_of(&self, task: &[usize], found: &mut BTreeSet<usize>) {
        for (&var, &mover) in &self.movers {
            if !task.contains(&mover) {
                continue;
            }
            let outlives = task.iter().filter(|&&i| i < mover).any(|&i| {
                self.body.steps[i].defs.iter().any(|&def| {
                    let stays = self.movers.get(&def).is_none_or(|mover| !task.contains(mover));
                    stays && self.may_hold(def, var, mover)
                })
            });
            if outlives {
                found.insert(mover);
            }
        }
    }
}

/// How deep regions may stand in tasks of regions.
const DEPTH: usize = 8;

fn serial(trees: &mut Vec<Tree>, step: usize) {
    match trees.last_mut() {
        Some(Tree::Serial(steps)) => steps.push(step),
        _ => trees.push(Tree::Serial(vec![step])),
    }
}

/// The one step that takes a value for good, if there is one.
///
/// A value that is used by value twice, or used again later, is of a `Copy` type, or the compiler refuses the
/// straight-line form. So only the last use can move, and only if it is the only one by value.
///
/// The same holds of each field: one that is used by value twice is copied, and does not take the value.
fn mover(body: &Body, var: VarId, users: &[usize], mutable: bool) -> Option<usize> {
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
            u.access == Access::Place && !lent && (u.place || !u.fields.keys().all(copied))
        }
        _ => false,
    };
    moves.then_some(*last)
}

/// Whether a step uses a value or what may borrow it.
fn touches(step: &Step, var: VarId, sources: &Sources) -> bool {
    step.uses.iter().any(|u| u.var == var || sources.hold(u.var, var))
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
fn surely_borrowed(body: &Body, var: VarId, mover: usize) -> bool {
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

/// The classes of steps that are linked, directly or through others, each in source order; the classes in the
/// order of their first steps.
fn components(steps: &[usize], linked: &dyn Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = steps.to_vec();
    let mut classes = Vec::new();
    while !left.is_empty() {
        let mut class = vec![left.remove(0)];
        let mut k = 0;
        while k < class.len() {
            let at = class[k];
            k += 1;
            let (near, far) = left.into_iter().partition::<Vec<_>, _>(|&other| linked(at, other));
            class.extend(near);
            left = far;
        }
        class.sort_unstable();
        classes.push(class);
    }
    classes
}
