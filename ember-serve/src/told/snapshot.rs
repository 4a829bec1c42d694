//! How things stand at one moment, in the shape in which they are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

/// All of it. Parts are shared, so a listener keeps what it was told last without a copy.
#[derive(Default)]
pub(crate) struct Snapshot {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    pub(crate) health: Health,
    pub(crate) graphs: BTreeMap<u64, Graph>,
    pub(crate) states: BTreeMap<u64, Thing>,
    pub(crate) batches: BTreeMap<u64, Thing>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Health {
    pub(crate) ready: bool,
    pub(crate) status: String,
    pub(crate) reasons: Vec<Reason>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Reason {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A graph's runs, and the calls of its nodes in the order of the description.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Graph {
    pub(crate) runs: Figures,
    pub(crate) nodes: Vec<Figures>,
}

/// How the runs of a graph fared, or the calls of a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Figures {
    pub(crate) state: State,
    pub(crate) running: u64,
    pub(crate) finished: u64,
    pub(crate) failed: u64,
    pub(crate) panicked: u64,
    pub(crate) cancelled: u64,
    /// Microseconds; nothing while none has ended.
    pub(crate) p50_us: Option<f64>,
    pub(crate) p90_us: Option<f64>,
    pub(crate) p99_us: Option<f64>,
    pub(crate) last_failure: Option<Arc<LastFailure>>,
}

/// How something fares, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It has not been called yet.
    #[default]
    Idle,
    Running,
    /// The last call went well.
    Ok,
    /// The last call that ended has failed.
    Failing,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct LastFailure {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    pub(crate) panicked: bool,
    pub(crate) attempt: u32,
    pub(crate) correlation_id: String,
    /// The program's own text.
    pub(crate) text: String,
}

/// A policy's state, a resource or a batch: what it is, how it fares, and figures that depend on what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Thing {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) state: State,
    /// The same in a word of its own, such as `half-open`.
    pub(crate) says: String,
    #[serde(flatten)]
    pub(crate) figures: Map<String, Value>,
}
