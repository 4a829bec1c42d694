//! Homes: where values stay of which the last lines take parts. Only types tell whether parts are copied or moved, so
//! such a value is settled where it is made, and from then on is fetched from what it was settled in.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Expr;

use super::super::super::model::{Body, StepUse, VarId};
use super::super::super::schedule::{Flow, Tree};
use super::super::super::uses::Access;
use super::super::rt_at;
use super::{Handle, Parallel, Scope};

/// A value that has a home.
pub(super) struct Home<'g> {
    pub(super) ident: Ident,
    /// The parts that are taken of it.
    parts: Vec<&'g Expr>,
    /// The nodes of the steps that are to own it, one in each body.
    pub(super) taken_from: Vec<u32>,
}

impl<'g> Parallel<'g> {
    /// Finds the values of a body that need a home: those of which the last steps take parts, if one of these steps is
    /// not in the code of the body. Settles those that the body was `given`.
    pub(super) fn build_homes(
        &mut self,
        tree: &Tree,
        body: &'g Body,
        flow: &Flow<'_>,
        given: &[VarId],
        scope: &mut Scope,
    ) -> TokenStream {
        let mut tokens = TokenStream::new();
        let mut movers: Vec<(VarId, usize)> = flow.movers.iter().map(|(&var, &mover)| (var, mover)).collect();
        movers.sort_unstable();
        for (var, mover) in movers {
            let made = body.steps.iter().position(|step| step.defs.contains(&var));
            let away = |step| in_region(tree, step);
            let leaves = made.is_some_and(away) || away(mover) || !body.steps[mover].work.bodies().is_empty();
            let around = made.is_none() && !given.contains(&var);
            if self.graph.vars[var].mutable || !leaves && !around {
                continue;
            }
            let use_by = |i: usize| body.steps[i].use_of(var);
            let reads = |i: &&usize| use_by(**i).is_some_and(|u| u.access == Access::Shared);
            let takes: Vec<usize> = flow.users[var].iter().skip_while(reads).copied().collect();
            let parts =
                takes.iter().filter_map(|&i| use_by(i)).flat_map(|u| u.parts.iter().flatten()).collect();
            let together = takes.iter().all(|&i| same_code(tree, takes[0], i));
            if !takes.iter().all(|&i| use_by(i).is_some_and(StepUse::only_parts)) {
                continue;
            }
            // Several parts may be moved in one piece of code. Elsewhere they are read, and must be `Copy`.
            let taken_from = body.steps[if together { takes[0] } else { mover }].node;
            if around {
                if let Some(home) = self.homes.get_mut(&var) {
                    home.taken_from.push(taken_from);
                }
                continue;
            }
            if !together && !made.is_some_and(away) && !away(mover) {
                continue;
            }
            let n = self.fresh();
            let span = self.graph.vars[var].ident.span();
            let ident = Ident::new(&format!("__home{n}"), Span::mixed_site().located_at(span));
            self.homes.insert(var, Home { ident, parts, taken_from: vec![taken_from] });
            if made.is_none() {
                tokens.extend(self.new_home(var));
                tokens.extend(self.settle(var, scope));
            }
        }
        tokens
    }

    /// The line that builds a home, if the value has one.
    pub(super) fn new_home(&self, var: VarId) -> TokenStream {
        let Some(Home { ident, .. }) = self.homes.get(&var) else { return TokenStream::new() };
        let (span, rt) = (ident.span(), rt_at(ident.span()));
        quote_spanned!(span=> let #ident = #rt::Home::new();)
    }

    /// Settles a value that has just been bound, if it has a home.
    pub(super) fn settle(&mut self, var: VarId, scope: &mut Scope) -> TokenStream {
        let n = self.fresh();
        let Some(Home { ident: home, parts, .. }) = self.homes.get(&var) else { return TokenStream::new() };
        let ident = &self.graph.vars[var].ident;
        let (span, rt) = (ident.span(), rt_at(ident.span()));
        let settled = Ident::new(&format!("__settled{n}"), Span::mixed_site().located_at(span));
        let whole = quote_spanned!(span=> #rt::Parts::of(&#ident));
        let parts = parts.iter().fold(whole, |all, part| quote_spanned!(span=> (&#part).__part_of(#all)));
        let tokens = quote_spanned!(span=> let #settled = (&&#parts).settle(#ident, &#home););
        scope.bound.remove(&var);
        scope.handles.insert(var, Handle::Settled(settled, true));
        tokens
    }

    /// The name of what a value was settled in, or else its own.
    pub(super) fn settled_or_bound(&self, var: VarId, scope: &Scope) -> Ident {
        match scope.handles.get(var) {
            Some(Handle::Settled(settled, _)) => settled.clone(),
            _ => self.graph.vars[var].ident.clone(),
        }
    }

    /// Fetches a value as a whole, to be handed on: what it was settled in, or else itself.
    pub(super) fn bring_whole(&mut self, var: VarId, scope: &mut Scope) -> (TokenStream, Ident) {
        let bring = match scope.handles.get(var) {
            Some(Handle::Settled(..)) => TokenStream::new(),
            Some(Handle::Slot(slot, true)) if self.homes.contains_key(&var) => {
                let slot = slot.clone();
                scope.handles.insert(var, Handle::Settled(slot.clone(), true));
                quote_spanned!(slot.span()=> let #slot = #slot.into_inner();)
            }
            _ => self.bring(var, true, scope),
        };
        (bring, self.settled_or_bound(var, scope))
    }
}

/// Whether two steps stand in one straight piece of code.
fn same_code(tree: &Tree, a: usize, b: usize) -> bool {
    match tree {
        Tree::Serial(steps) => steps.contains(&a) && steps.contains(&b),
        Tree::Series(parts) => parts.iter().any(|part| same_code(part, a, b)),
        Tree::Region(region) => region.tasks.iter().any(|task| same_code(task, a, b)),
    }
}

fn in_region(tree: &Tree, step: usize) -> bool {
    match tree {
        Tree::Serial(_) => false,
        Tree::Series(parts) => parts.iter().any(|part| in_region(part, step)),
        Tree::Region(_) => tree.steps().binary_search(&step).is_ok(),
    }
}
