//! The values in scope, and what the borrow checker would say about their uses.

use super::types::Ty;

pub(super) type Id = usize;

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub(super) struct Value {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) mutable: bool,
    pub(super) state: State,
    /// What it borrows from, directly or through other values.
    pub(super) from: Vec<Id>,
    /// The block that it is bound in.
    pub(super) block: usize,
    /// The independent component that it belongs to; parameters belong to all.
    pub(super) island: Option<usize>,
    /// May be read only: it stands outside a body that runs more than once.
    pub(super) frozen: bool,
    /// Must not be shadowed: later lines use it by name.
    pub(super) pinned: bool,
    /// Some node borrowed it.
    pub(super) read: bool,
    /// Somebody used it.
    pub(super) used: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Alive,
    /// What it borrows from was moved or changed.
    Dead,
    /// Moved in some branch, so no longer usable, but dropped at the end all the same.
    MaybeMoved,
    Moved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Take,
    /// Its field `name` is moved out.
    TakePart,
    Change,
}

/// All values, in the order in which they were bound; the ids ascend.
#[derive(Clone, Default)]
pub(super) struct Scope {
    pub(super) values: Vec<Value>,
}

impl Scope {
    /// What can be named and used here.
    pub(super) fn usable(&self) -> impl Iterator<Item = &Value> {
        let hidden = |at: usize, name: &str| self.values[at + 1..].iter().any(|later| later.name == name);
        let alive = |value: &Value| value.state == State::Alive;
        self.values
            .iter()
            .enumerate()
            .filter(move |(at, value)| alive(value) && !hidden(*at, &value.name))
            .map(|it| it.1)
    }

    pub(super) fn get(&self, id: Id) -> &Value {
        self.values.iter().find(|value| value.id == id).expect("ids come from this scope")
    }

    pub(super) fn get_mut(&mut self, id: Id) -> &mut Value {
        self.values.iter_mut().find(|value| value.id == id).expect("ids come from this scope")
    }

    /// Whether the borrow checker lets a use pass here.
    pub(super) fn allows(&self, id: Id, how: Use) -> bool {
        let value = self.get(id);
        let guarded =
            || self.values.iter().any(|v| v.ty.guards() && v.state != State::Moved && v.from.contains(&id));
        match how {
            Use::Read => value.state == State::Alive,
            Use::Change => value.state == State::Alive && value.mutable && !value.frozen && !guarded(),
            Use::Take | Use::TakePart => value.state == State::Alive && !value.frozen && !guarded(),
        }
    }

    /// Records a use that is allowed.
    pub(super) fn apply(&mut self, id: Id, how: Use) {
        let value = self.get_mut(id);
        value.used = true;
        match how {
            Use::Read => value.read = true,
            // What is left of a value could still be read, but a graph moves two parts of a value by a pattern only.
            Use::Take | Use::TakePart => value.state = State::Moved,
            Use::Change => {}
        }
        if how != Use::Read {
            for value in &mut self.values {
                if value.state == State::Alive && value.from.contains(&id) {
                    value.state = State::Dead;
                }
            }
        }
    }

    /// What holds after one of several branches ran, each of which started from the values in `self`.
    pub(super) fn join(&mut self, branches: &[Self]) {
        for (at, value) in self.values.iter_mut().enumerate() {
            let after: Vec<&Value> = branches.iter().map(|branch| &branch.values[at]).collect();
            let moved = |v: &&Value| matches!(v.state, State::Moved | State::MaybeMoved) || v.ty != value.ty;
            value.state = if after.iter().all(|v| v.state == State::Moved) {
                State::Moved
            } else if after.iter().any(moved) {
                State::MaybeMoved
            } else if after.iter().any(|v| v.state == State::Dead) {
                State::Dead
            } else {
                State::Alive
            };
            value.used |= after.iter().any(|v| v.used);
            value.read |= after.iter().any(|v| v.read);
        }
    }

    /// Freezes all values and says which were free before.
    pub(super) fn freeze(&mut self) -> Vec<Id> {
        let free = self.values.iter().filter(|value| !value.frozen).map(|value| value.id).collect();
        self.values.iter_mut().for_each(|value| value.frozen = true);
        free
    }

    pub(super) fn thaw(&mut self, free: &[Id]) {
        for value in &mut self.values {
            value.frozen &= !free.contains(&value.id);
        }
    }
}
