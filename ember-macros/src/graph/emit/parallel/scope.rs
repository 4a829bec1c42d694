//! What is known in the code at hand: what its names stand for, and how a value that has no name there gets one.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::super::super::model::{Step, VarId};
use super::Parallel;
use super::handles::{Handle, Handles};

/// What a name stands for in the code at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bind {
    Value,
    Reference,
}

/// What is known in the code at hand.
#[derive(Clone, Default)]
pub(super) struct Scope {
    pub(super) bound: HashMap<VarId, Bind>,
    pub(super) handles: Handles,
    /// The idents that hold the item or turn of the loops around.
    pub(super) turns: Vec<Ident>,
    /// Operators of this closure that have run before, and steps that come after, for counts.
    pub(super) before: u32,
    pub(super) after: u32,
    /// Cells for the values of the body's regions have been declared in the code around.
    pub(super) in_region: bool,
    /// Values of the surroundings that the body at hand may move.
    pub(super) movable: HashSet<VarId>,
}

impl Scope {
    /// The scope of a new closure: nothing is bound in it yet.
    pub(super) fn closure(&self) -> Self {
        Self {
            bound: HashMap::new(),
            handles: self.handles.closure(),
            turns: self.turns.clone(),
            before: 0,
            after: 0,
            in_region: self.in_region,
            movable: self.movable.clone(),
        }
    }

    pub(super) fn path(&self) -> TokenStream {
        let turns = &self.turns;
        quote!(&[#(#turns),*])
    }

    pub(super) fn owns(&self, var: VarId) -> bool {
        self.bound.get(&var) == Some(&Bind::Value)
            || matches!(
                self.handles.get(var),
                Some(Handle::Slot(_, true) | Handle::Settled(_, true) | Handle::Baton(..))
            )
    }
}

impl Parallel<'_> {
    /// Binds a value's name, by reference or (`own`) by value.
    pub(super) fn bring(&mut self, var: VarId, own: bool, scope: &mut Scope) -> TokenStream {
        let info = &self.graph.vars[var];
        let ident = &info.ident;
        let span = ident.span();
        let mutable = info.mutable.then(|| quote!(mut));
        let owned = scope.bound.get(&var) == Some(&Bind::Value);
        let settled = self.homes.contains_key(&var);
        match (scope.bound.get(&var), scope.handles.get(var)) {
            (_, Some(Handle::Slot(cell, true) | Handle::Settled(cell, true))) if own && !owned => {
                // Out of the cell, and then out of what the value was settled in.
                let twice = settled && matches!(scope.handles.get(var), Some(Handle::Slot(..)));
                let out = twice.then(|| quote_spanned!(span=> .into_inner()));
                let tokens = quote_spanned!(span=> let #mutable #ident = #cell.into_inner()#out;);
                scope.bound.insert(var, Bind::Value);
                scope.handles.remove(var);
                tokens
            }
            (None, Some(Handle::Lent(lent))) if self.open => {
                // What a closure captures of it is the reference, and not where that stands.
                let tokens = quote_spanned!(span=> let #ident = &*#lent.0;);
                scope.bound.insert(var, Bind::Reference);
                tokens
            }
            (None, Some(Handle::Slot(cell, _) | Handle::Settled(cell, _) | Handle::Lent(cell))) => {
                let twice = settled && matches!(scope.handles.get(var), Some(Handle::Slot(..)));
                let out = twice.then(|| quote_spanned!(span=> .get()));
                let tokens = quote_spanned!(span=> let #ident = #cell.get()#out;);
                scope.bound.insert(var, Bind::Reference);
                tokens
            }
            (None, Some(Handle::Baton(baton, true))) => {
                let settled = baton.clone();
                let tokens = quote_spanned!(span=> let #settled = #settled.take(););
                scope.handles.insert(var, Handle::Settled(settled, true));
                tokens
            }
            (None, Some(Handle::Baton(baton, false))) => {
                let tokens = quote_spanned!(span=> let #mutable #ident = #baton.take(););
                scope.bound.insert(var, Bind::Value);
                scope.handles.remove(var);
                tokens
            }
            // Bound already, or none of the graph's values: what a pattern in plain Rust binds.
            (Some(_), _) | (None, None) => TokenStream::new(),
        }
    }

    /// The names that stand for references where a step is emitted.
    pub(super) fn references(&self, step: &Step, scope: &Scope) -> HashSet<String> {
        step.uses
            .iter()
            .filter(|u| scope.bound.get(&u.var) == Some(&Bind::Reference))
            .map(|u| self.graph.vars[u.var].ident.to_string())
            .collect()
    }
}
