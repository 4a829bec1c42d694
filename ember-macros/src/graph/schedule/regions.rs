//! From the order of steps to regions and tasks.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::model::VarId;
use super::{Flow, Region, Tree};

impl Flow<'_> {
    fn has_parallel_work(&self, steps: &[usize]) -> bool {
        // Neighbours tell: the order is transitive, and follows that of the source.
        let working: Vec<usize> = steps.iter().copied().filter(|&i| self.works(i)).collect();
        working.windows(2).any(|pair| !self.ordered(pair[0], pair[1]))
    }

    pub(super) fn tree(&self, steps: &[usize], alone: &BTreeSet<usize>, depth: usize) -> Tree {
        if !self.has_parallel_work(steps) {
            return self.chains(steps, alone);
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

    /// Steps that follow each other: in place, or as several tasks if they are too many for one.
    fn chains(&self, steps: &[usize], alone: &BTreeSet<usize>) -> Tree {
        let mut trees = Vec::new();
        let last = steps.last();
        for run in steps.split_inclusive(|step| alone.contains(step) || Some(step) == last) {
            let (end, run) =
                run.split_last().expect("the pieces of a split that includes its ends are not empty");
            match (run.len() > self.chain).then(|| self.region(run)).flatten() {
                Some(region) => trees.push(Tree::Region(region)),
                None => run.iter().for_each(|&step| serial(&mut trees, step)),
            }
            serial(&mut trees, *end);
        }
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
            let elsewhere = |i: &usize| of.get(i).filter(|&&task| task != mover_task).copied();
            let read = self.users[var].iter().any(|i| {
                elsewhere(i).is_some_and(|task| {
                    let made_with = Some(task) == maker_task;
                    !made_with || self.body.steps[*i].defs.iter().any(|&def| holds(def))
                })
            });
            let mut holders = self.sources.holders[var].common(&self.spent[*mover]);
            if read || holders.any(|holder| self.users[holder].iter().any(|i| elsewhere(i).is_some())) {
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
                [j] if next[&j].len() == 1 && tasks[of[&j]].len() < self.chain => Some(of[&j]),
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
            // What can fail must not wait for lines below it: when one of these fails, it would never run.
            let later = waits[&user].iter().any(|j| of[j] != task);
            if later && tasks[task].iter().any(|&j| self.body.steps[j].may_fail()) {
                continue;
            }
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
}

/// How deep regions may stand in tasks of regions.
const DEPTH: usize = 8;

fn serial(trees: &mut Vec<Tree>, step: usize) {
    match trees.last_mut() {
        Some(Tree::Serial(steps)) => steps.push(step),
        _ => trees.push(Tree::Serial(vec![step])),
    }
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
