//! The shapes as numbered steps, written by `build/steps.rs`.
//!
//! A step is a chain of nodes, and has the number of its first one. Sets of steps and of nodes are bit masks.

use crate::limit::Estimate;
use crate::op::step;
use crate::plain;
use crate::state::{Counters, State};

/// A shape of `N` nodes, as one would write it down for one executor by hand.
pub(crate) trait Steps<const N: usize> {
    /// The steps that wait for nothing.
    const ROOTS: u64;
    /// The last nodes of all steps, which are finished when the run is.
    const ALL: u64;
    /// Whether no two nodes can run side by side.
    const IS_CHAIN: bool;
    /// How many predecessors each node has.
    const WAITING: [u8; N];

    /// The plain function.
    fn plain(x: u64, w: u32) -> u64;

    /// What runs of this shape have cost so far.
    fn estimate() -> &'static Estimate;

    /// The value of a run whose steps have finished.
    fn sum(state: &State<N>) -> u64;

    /// Runs a step and tells which may run because of it. If not `COUNTED`, only what another step needs to know is
    /// marked as finished, so that the end of the run must be known otherwise.
    fn step<const COUNTED: bool>(state: &State<N>, id: u32) -> u64;

    /// The same with a counter for each node instead of a set of those that have finished.
    fn counted(state: &State<N>, waiting: &Counters<N>, id: u32) -> u64;

    /// Runs level after level, the nodes of one in a `rayon::scope`.
    fn levels(state: &State<N>);

    /// Runs everything here, one after the other; where two steps or more could run, it asks whether it `is_late`, and
    /// breaks off if so.
    fn straight(state: &State<N>, is_late: impl Fn() -> bool) -> Result<u64, Cut>;
}

/// Where a straight line broke off.
pub(crate) struct Cut {
    pub(crate) done: u64,
    pub(crate) ready: u64,
}

#[inline(always)]
fn ready(step: u64, is_ready: bool) -> u64 {
    if is_ready { step } else { 0 }
}

pub(crate) use self::written::*;

#[allow(
    clippy::all,
    clippy::pedantic,
    unused_variables,
    reason = "written for the compiler, not for readers"
)]
mod written {
    use super::{Counters, Cut, Estimate, State, Steps, plain, ready, step};

    include!(concat!(env!("OUT_DIR"), "/steps.rs"));
}
