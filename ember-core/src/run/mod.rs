//! One run of a graph: what generated code reports to while its nodes run.
//!
//! A run goes one of two ways. [`Serial`] is the straight line on the caller's thread; it keeps one cell
//! that names the node at hand, so that a panic can be attributed. [`Shared`] is what the tasks of a parallel
//! run have in common: the failures so far, and the level-wise limit that keeps later nodes from starting.

mod core;
mod ending;
mod failure;
mod level;
mod policed;
mod serial;
mod shared;
mod wrong;

pub(crate) use self::core::{Core, Signs};
pub use ending::{
    Bounded, End, EndAsResult, EndByPanic, Ending, Errors, Failing, Given, GraphError, NoFailure, bounded,
    ending, failing, given, graph_error, same, stoppable,
};
pub use failure::{
    AnyError, Failure, Fallible, Fork, Holds, OfOperator, OfPolicies, RaiseByBox, RaiseByFrom, RaiseByNode,
    RaiseNested, RaiseOpaque, RaiseRefused, RaiseSame, Sink, Way,
};
pub use level::{Construct, Level, Lined};
pub use policed::{
    Keep, Keeps, Loses, PolicedWay, RaiseNestedPoliced, RaiseRefusedPoliced, RaiseSamePoliced,
};
pub use serial::Serial;
pub use shared::Shared;

use ember_graph::{Description, Kind};

use crate::executor::Gauge;

/// What generated code knows about each node of a graph: how many nodes of the same straight line come
/// before it and after it, and which loops it stands in. Used for counts and names, only when a run fails.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Operators before the node in the straight-line form, in the blocks that are open at the node.
    pub serial: (u32, u32),
    /// The same within the task or frame that holds the node in the parallel form.
    pub parallel: (u32, u32),
    /// The loops around the node, outermost first, as indices into the cells of [`Serial`].
    pub loops: &'static [u32],
}

/// The number of no node: none has started, or all have ended.
pub const NOWHERE: u32 = u32::MAX;

/// The constants of a graph that its runs refer to.
#[derive(Debug)]
pub struct Info {
    /// What the graph looks like.
    pub description: Description<'static>,
    /// One entry per node of the description.
    pub spots: &'static [Spot],
    /// Whether a failure stops all nodes and not only the later ones.
    pub fail_fast: bool,
    /// Whether it has parts that can run at the same time.
    pub parts: bool,
    /// What runs have cost.
    pub gauge: Gauge,
}

impl Info {
    /// The operators of the graph's own body.
    pub(crate) fn operators(&self) -> usize {
        let nodes = self.description.nodes;
        let own = |parent: Option<u32>| match parent {
            None => true,
            Some(parent) => nodes
                .get(parent as usize)
                .is_some_and(|node| node.kind == Kind::Group && node.parent.is_none()),
        };
        nodes.iter().filter(|node| node.kind == Kind::Operator && own(node.parent)).count()
    }
}

/// Calls a function out of line: the parallel form, so that the straight line beside it needs neither its registers nor its
/// stack.
#[inline(never)]
pub fn apart<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// What a task or body of the parallel form says when it did not come to its end; why is with the run by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halted;
