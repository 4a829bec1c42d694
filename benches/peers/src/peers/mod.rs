//! The systems that are compared, one file each.

#[cfg(feature = "crates")]
mod async_dag;
#[cfg(feature = "crates")]
mod bevy;
#[cfg(feature = "crates")]
pub(crate) mod chili;
#[cfg(feature = "crates")]
mod dag_exec;
#[cfg(feature = "crates")]
mod dagrs;
#[cfg(feature = "crates")]
mod dagx;
#[cfg(feature = "dfir")]
mod dfir;
mod ember;
#[cfg(feature = "crates")]
mod fn_graph;
mod hand;
#[cfg(feature = "crates")]
mod shred;
#[cfg(feature = "crates")]
mod taskflowrs;
#[cfg(feature = "tbb")]
mod tbb;
#[cfg(feature = "crates")]
mod tokio;

use crate::sampling::Plan;
use crate::shape::Shape;

/// A system, ready to run one shape with so much work a node.
pub(crate) trait System {
    /// Runs the plan and gives nanoseconds a run for each of its batches.
    fn sample(&mut self, plan: &Plan) -> Vec<f64>;
}

/// What a system is compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One of ember's strategies.
    Ember,
    /// The plain function.
    Plain,
    /// What a program could do that holds one graph.
    Limit,
    /// Written by hand on rayon.
    Hand,
    /// Somebody else's library, used as its documentation says.
    Library,
}

/// An entry of the list of systems.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Makes it ready for a shape with so many steps a node.
    pub(crate) make: fn(&'static Shape, u32) -> Box<dyn System>,
}

impl Peer {
    const fn new(name: &'static str, kind: Kind, make: fn(&'static Shape, u32) -> Box<dyn System>) -> Self {
        Self { name, kind, make }
    }
}

/// The names that targets speak of.
pub(crate) const EMBER: &str = "ember";
pub(crate) const SEQUENTIAL: &str = "sequential";
pub(crate) const LIMIT: &str = "limit";

/// All systems, in the order of the tables.
pub(crate) const ALL: &[Peer] = &[
    Peer::new(EMBER, Kind::Ember, ember::by_default),
    Peer::new("ember, Sequential", Kind::Ember, ember::sequential),
    Peer::new("ember, Parallel", Kind::Ember, ember::parallel),
    Peer::new(SEQUENTIAL, Kind::Plain, hand::sequential),
    Peer::new(LIMIT, Kind::Limit, hand::limit),
    Peer::new("two spinning threads", Kind::Limit, hand::spinning),
    Peer::new("rayon joins", Kind::Hand, hand::joins),
    Peer::new("rayon joins, inside", Kind::Hand, hand::joins_inside),
    Peer::new("rayon counters, inside", Kind::Hand, hand::counters_inside),
    Peer::new("rayon levels, inside", Kind::Hand, hand::levels_inside),
    #[cfg(feature = "crates")]
    Peer::new("chili joins", Kind::Library, chili::make),
    #[cfg(feature = "tbb")]
    Peer::new("oneTBB flow graph", Kind::Library, tbb::make),
    #[cfg(feature = "crates")]
    Peer::new("shred", Kind::Library, shred::make),
    #[cfg(feature = "crates")]
    Peer::new("bevy_ecs", Kind::Library, bevy::make),
    #[cfg(feature = "crates")]
    Peer::new("dagx", Kind::Library, dagx::make),
    #[cfg(feature = "crates")]
    Peer::new("dagrs", Kind::Library, dagrs::make),
    #[cfg(feature = "crates")]
    Peer::new("async_dag", Kind::Library, async_dag::make),
    #[cfg(feature = "crates")]
    Peer::new("tokio levels", Kind::Library, tokio::make),
    #[cfg(feature = "crates")]
    Peer::new("fn_graph", Kind::Library, fn_graph::make),
    #[cfg(feature = "crates")]
    Peer::new("dag_exec", Kind::Library, dag_exec::make),
    #[cfg(feature = "crates")]
    Peer::new("taskflowrs", Kind::Library, taskflowrs::make),
    #[cfg(feature = "dfir")]
    Peer::new("dfir_rs (one thread)", Kind::Library, dfir::make),
];
