//! What is told of a program: how its graphs, policies and batches stand at one moment, and what changed between two.

mod changes;
mod read;
mod snapshot;
mod states;

pub(crate) use self::changes::changes;
pub(crate) use self::read::{Reader, Taken};
pub(crate) use self::snapshot::{Figures, Graph, Health, LastFailure, Part, Snapshot, State, Thing};
