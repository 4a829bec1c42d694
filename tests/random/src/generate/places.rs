//! How a form gets its arguments: which values fit beside one another, and which of them the graph's shape wants.

use std::collections::BTreeSet;

use super::arguments::{Argument, literals, ways};
use super::construct::Construct;
use super::forms::{Form, Take};
use super::maker::{Maker, Shape};
use super::values::{Id, Use};

/// An expression's text and what its value borrows from.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) flows: Vec<Id>,
}

impl Maker {
    /// Writes a form and uses its arguments up. The result may borrow only from values below `limit`, and no
    /// argument may harm a borrow of what is `held`.
    pub(super) fn write(&mut self, form: &Form, limit: Id, held: &[Id]) -> Option<Written> {
        let held: Vec<_> = held.iter().map(|id| (*id, Use::Read)).collect();
        let (argument, seen) = self.fill(form, limit, &held, false)?;
        for (id, how) in &argument.uses {
            self.consume(*id, *how);
        }
        self.constructs.extend(seen);
        let mut flows = argument.flows;
        flows.sort_unstable();
        flows.dedup();
        if !flows.is_empty() {
            self.see(Construct::BorrowedResult);
        }
        Some(Written { text: argument.text, flows })
    }

    /// Uses a value, and counts what that shows.
    pub(super) fn consume(&mut self, id: Id, how: Use) {
        let value = self.scope.get(id);
        let outer = self.branches > 0 && value.block != self.block();
        let (read, ty) = (value.read, value.ty.clone());
        if how == Use::Take {
            if read {
                self.see(Construct::BorrowThenMove);
            }
            if outer {
                self.see(Construct::BranchMoves);
            }
        } else if how == Use::TakePart {
            self.see(Construct::PartMoved);
        }
        if ty.guards() {
            self.see(Construct::Guard);
        }
        self.scope.apply(id, how);
    }

    /// The form with its places filled, as one argument, and the constructs that it shows.
    fn fill(
        &mut self,
        form: &Form,
        limit: Id,
        held: &[(Id, Use)],
        simple: bool,
    ) -> Option<(Argument, Vec<Construct>)> {
        let mut uses: Vec<(Id, Use)> = Vec::new();
        let mut flows = Vec::new();
        let mut texts = Vec::new();
        let mut seen = form.shows.to_vec();
        for (at, take) in form.takes.iter().enumerate() {
            let lends = form.lends.contains(&at);
            let pending: Vec<_> = held.iter().chain(&uses).copied().collect();
            let (argument, shown) = self.choose(*take, &pending, lends.then_some(limit), simple)?;
            if lends {
                flows.extend(&argument.flows);
            }
            if argument.text.contains("[1]")
                || argument.text.contains("[0]")
                || argument.text.contains("[..]")
            {
                seen.push(Construct::Indexing);
            }
            uses.extend(argument.uses);
            texts.push(argument.text);
            seen.extend(shown);
        }
        let text = form.write(&texts);
        let passing = form.lends.is_empty();
        Some((Argument { text, uses, flows, weight: 1, passing }, seen))
    }

    /// An argument for one place. Where the result keeps a borrow of it, that must be of values below `limit`.
    fn choose(
        &mut self,
        take: Take,
        pending: &[(Id, Use)],
        limit: Option<Id>,
        simple: bool,
    ) -> Option<(Argument, Vec<Construct>)> {
        if !simple
            && self.rng.chance(14)
            && let Some(argument) = self.compound(take, pending, limit)
        {
            return Some(argument);
        }
        let fits = |argument: &Argument| {
            let kept = |limit| !argument.passing && argument.flows.iter().all(|id| *id < limit);
            limit.is_none_or(kept) && argument.uses.iter().all(|(id, how)| self.is_free(*id, *how, pending))
        };
        let mut found: Vec<Argument> =
            self.visible().flat_map(|value| ways(take, value)).filter(fits).collect();
        if found.is_empty()
            && !simple
            && let Some(argument) = self.compound(take, pending, limit)
        {
            return Some(argument);
        }
        let mut weights = self.weigh(&found);
        // A literal is the last resort, and now and then a choice.
        let rare = usize::from(found.is_empty() || self.rng.chance(5));
        found.extend(literals(take));
        weights.resize(found.len(), rare);
        let at = self.rng.weighted(&weights)?;
        Some((found.swap_remove(at), Vec::new()))
    }

    fn compound(
        &mut self,
        take: Take,
        pending: &[(Id, Use)],
        limit: Option<Id>,
    ) -> Option<(Argument, Vec<Construct>)> {
        let forms: Vec<Form> =
            self.arguments.iter().filter(|(place, _)| *place == take).map(|it| it.1.clone()).collect();
        if forms.is_empty() {
            return None;
        }
        let form = self.rng.pick(&forms).clone();
        if limit.is_some() && form.lends.is_empty() {
            return None;
        }
        self.fill(&form, limit.unwrap_or(Id::MAX), pending, true)
    }

    /// Whether a use is allowed beside those that the same line makes already.
    fn is_free(&self, id: Id, how: Use, pending: &[(Id, Use)]) -> bool {
        let shared = how == Use::Read;
        self.scope.allows(id, how)
            && pending.iter().all(|(other, other_how)| {
                let both_read = shared && *other_how == Use::Read;
                let borrows = |borrower: Id, lender: Id| self.scope.get(borrower).from.contains(&lender);
                both_read
                    || (*other != id
                        && (*other_how == Use::Read || !borrows(id, *other))
                        && (shared || !borrows(*other, id)))
            })
    }

    /// The arguments' weights, bent by the graph's shape.
    fn weigh(&self, found: &[Argument]) -> Vec<usize> {
        let newest = |argument: &Argument| argument.uses.iter().map(|(id, _)| *id).max().unwrap_or(0);
        let ids: BTreeSet<Id> = found.iter().map(newest).collect();
        let rank = |id: Id| ids.range(id + 1..).count();
        found
            .iter()
            .map(|argument| {
                let rank = rank(newest(argument));
                let factor = match self.shape {
                    Shape::Chain if rank == 0 => 40,
                    Shape::Fan if rank + 3 > ids.len() => 20,
                    Shape::Wavefront(step) if rank == 0 || rank == step => 20,
                    Shape::Layers(last) if rank < last => 20,
                    Shape::Islands(_) if rank < 3 => 20,
                    _ => 1,
                };
                let waiting = argument.uses.iter().any(|(id, _)| !self.scope.get(*id).used);
                argument.weight * factor * if waiting { 4 } else { 1 }
            })
            .collect()
    }
}
