//! Which values may hold borrows of which.

use super::super::model::{Body, StepUse, Var, VarId, Work};

#[derive(Clone, PartialEq, Eq)]
pub(super) struct BitSet(Vec<u64>);

impl BitSet {
    pub(super) fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }
    pub(super) fn has(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 == 1
    }
    pub(super) fn add(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }
    pub(super) fn merge(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }
    /// What is in both.
    pub(super) fn common(&self, other: &Self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().zip(&other.0).map(|(a, b)| a & b).enumerate();
        words.filter(|(_, word)| *word != 0).flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

/// Which values each value may hold a borrow of: by its maker's uses, however they use it.
///
/// A macro sees no types, so every value counts as one that may borrow.
pub(in super::super) struct Sources {
    /// Of each value, those that it may hold a borrow of.
    of: Vec<BitSet>,
    /// Of each value, those that may hold a borrow of it.
    pub(super) holders: Vec<BitSet>,
}

impl Sources {
    pub(in super::super) fn new(body: &Body, vars: &[Var]) -> Self {
        let none = vec![BitSet::new(vars.len()); vars.len()];
        let mut sources = Self { of: none.clone(), holders: none };
        sources.collect(body);
        for (holder, of) in sources.of.iter().enumerate() {
            of.common(of).for_each(|var| sources.holders[var].add(holder));
        }
        sources
    }

    fn collect(&mut self, body: &Body) {
        for step in &body.steps {
            let direct = self.of(&step.direct);
            match &step.work {
                Work::Operator(_) | Work::Plain(_) | Work::Loop(_) | Work::Race(_) => {}
                Work::Branch(arms, _) => arms.iter().for_each(|arm| self.bind(&arm.binds, &direct)),
                Work::FanOut(each) => self.bind(&each.binds, &direct),
            }
            step.work.bodies().into_iter().for_each(|body| self.collect(body));
            let all = self.of(&step.uses);
            self.bind(&step.defs, &all);
        }
    }

    fn of(&self, uses: &[StepUse]) -> BitSet {
        let mut all = BitSet::new(self.of.len());
        for u in uses {
            all.merge(&self.of[u.var]);
            all.add(u.var);
        }
        all
    }

    fn bind(&mut self, vars: &[VarId], sources: &BitSet) {
        for &var in vars {
            self.of[var].clone_from(sources);
        }
    }

    /// Whether `holder` may hold a borrow of `var`.
    pub(super) fn hold(&self, holder: VarId, var: VarId) -> bool {
        self.of[holder].has(var)
    }
}
