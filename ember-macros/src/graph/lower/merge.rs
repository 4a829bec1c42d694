//! What steps use, merged by value.

use super::super::model::{Body, StepUse, VarId};
use super::super::uses::{Access, Found};
use super::Lower;

/// What a step uses, merged by value.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) all: Vec<StepUse>,
    pub(super) opaque: bool,
    pub(super) near: Vec<VarId>,
    /// Of a construct: what it uses itself, before its bodies are entered.
    pub(super) direct: Option<Vec<StepUse>>,
}

impl Uses {
    pub(super) fn add(&mut self, lower: &mut Lower<'_>, i: usize, found: &Found) {
        self.opaque |= found.opaque;
        self.near.extend(found.unknown.iter().filter_map(|ident| lower.near(&ident.to_string())));
        let uses = found.uses.iter().filter_map(|u| lower.used(i, u)).collect();
        self.merge_all(uses);
    }

    /// From here on come the uses of bodies.
    pub(super) fn enter_bodies(&mut self) {
        self.direct = Some(self.all.clone());
    }

    fn merge_one(&mut self, mut new: StepUse, sum: bool) {
        // Reading again and again is as good as reading once.
        new.repeated &= new.access != Access::Shared;
        match self.all.iter_mut().find(|old| old.var == new.var) {
            None => self.all.push(new),
            Some(old) => {
                if stronger(old.access, new.access) != old.access {
                    (old.access, old.at) = (new.access, new.at);
                }
                old.values = if sum { old.values + new.values } else { old.values.max(new.values) };
                old.repeated |= new.repeated;
                old.shared |= new.shared;
                old.place |= new.place;
                old.parts = old.parts.take().zip(new.parts).map(|(old, new)| [old, new].concat());
                for (field, values) in new.fields {
                    let old = old.fields.entry(field).or_default();
                    *old = if sum { *old + values } else { values.max(*old) };
                }
            }
        }
    }

    /// All of them happen.
    pub(super) fn merge_all(&mut self, uses: Vec<StepUse>) {
        for new in uses {
            self.merge_one(new, true);
        }
    }

    /// One of them happens.
    pub(super) fn merge_any(&mut self, parts: Vec<Vec<StepUse>>) {
        let mut either = Self::default();
        for part in parts {
            for new in part {
                either.merge_one(new, false);
            }
        }
        self.merge_all(either.all);
    }
}

fn stronger(a: Access, b: Access) -> Access {
    let rank = |access| match access {
        Access::Shared => 0,
        Access::Place => 1,
        Access::Value => 2,
        Access::Exclusive => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

/// What the steps of a body use, as one use per value.
pub(super) fn outward(body: &Body, repeated: bool) -> Vec<StepUse> {
    let mut all = Uses::default();
    for step in &body.steps {
        for u in &step.uses {
            let mut u = u.clone();
            if repeated && u.access == Access::Place && !u.place && u.values == 0 {
                // Fields that are used by value again and again are copied: the value is only read.
                u.fields.values_mut().for_each(|values| *values = 2);
                (u.access, u.shared) = (Access::Shared, true);
            }
            u.repeated |= repeated && u.access != Access::Shared;
            all.merge_all(vec![u]);
        }
    }
    all.all
}
