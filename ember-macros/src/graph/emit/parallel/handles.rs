//! Where values wait, as known in the code at hand.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::Ident;

use super::super::super::model::VarId;

/// Where a value waits.
#[derive(Clone)]
pub(super) enum Handle {
    /// In a slot; `true` if it was declared in the closure at hand, so that it may be moved out.
    Slot(Ident, bool),
    /// In what it was settled in; `true` as for slots.
    Settled(Ident, bool),
    Lent(Ident),
    /// `true` if what is handed over is what it was settled in.
    Baton(Ident, bool),
}

/// The handles of a closure. Those of the code around it are shared: a large region has as many closures as handles.
#[derive(Clone, Default)]
pub(super) struct Handles {
    /// None of these was declared in the closure at hand.
    around: Rc<HashMap<VarId, Handle>>,
    /// Those that the closure at hand has declared, replaced or (`None`) used up.
    here: HashMap<VarId, Option<Handle>>,
}

impl Handles {
    pub(super) fn get(&self, var: VarId) -> Option<&Handle> {
        match self.here.get(&var) {
            Some(handle) => handle.as_ref(),
            None => self.around.get(&var),
        }
    }

    pub(super) fn insert(&mut self, var: VarId, handle: Handle) {
        self.here.insert(var, Some(handle));
    }

    pub(super) fn remove(&mut self, var: VarId) {
        self.here.insert(var, None);
    }

    /// Those of a closure in the one at hand.
    pub(super) fn closure(&self) -> Self {
        if self.here.is_empty() {
            return self.clone();
        }
        let mut around = HashMap::clone(&self.around);
        for (&var, handle) in &self.here {
            match handle.clone() {
                Some(Handle::Slot(slot, _)) => around.insert(var, Handle::Slot(slot, false)),
                Some(Handle::Settled(settled, _)) => around.insert(var, Handle::Settled(settled, false)),
                Some(handle) => around.insert(var, handle),
                None => around.remove(&var),
            };
        }
        Self { around: Rc::new(around), here: HashMap::new() }
    }
}
