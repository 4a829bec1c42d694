//! What is told of a program: how its graphs, policies and batches stand at one moment, and what changed between two.

mod changes;
mod counts;
mod read;
mod snapshot;

pub(crate) use self::changes::changes;
pub use self::counts::Counts;
pub(crate) use self::read::Reader;
pub(crate) use self::snapshot::{Figures, Graph, Health, LastFailure, Snapshot, State, Thing};
