//! How things stand at one moment, in the shape in which they are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use ember_core::health::{Reason, Report, Status};
use serde::{Serialize, Serializer};

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// Nothing until it has been asked.
    pub(crate) health: Option<Health>,
    pub(crate) graphs: BTreeMap<u64, Graph>,
    pub(crate) states: BTreeMap<u64, Thing>,
    pub(crate) batches: BTreeMap<u64, Thing>,
}

/// How the process is, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Health(pub(crate) Report);

impl Health {
    /// Whether it can be given work.
    pub(crate) fn is_ready(&self) -> bool {
        self.0.status < Status::Down
    }
}

impl Serialize for Health {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reasons = self.0.reasons.iter().map(ToldReason::of).collect();
        ToldHealth { ready: self.is_ready(), status: self.0.status.as_str(), reasons }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct ToldHealth<'a> {
    ready: bool,
    /// `up`, `degraded` or `down`.
    status: &'static str,
    reasons: Vec<ToldReason<'a>>,
}

#[derive(Serialize)]
struct ToldReason<'a> {
    status: &'static str,
    of: &'a str,
    kind: &'static str,
    text: &'a str,
}

impl<'a> ToldReason<'a> {
    fn of(reason: &'a Reason) -> Self {
        let Reason { status, of, kind, text, .. } = reason;
        Self { status: status.as_str(), of, kind, text }
    }
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
    /// Microseconds that those took together that have ended.
    pub(crate) sum_us: f64,
    /// Microseconds; nothing while none has ended.
    pub(crate) p50_us: Option<f64>,
    pub(crate) p90_us: Option<f64>,
    pub(crate) p99_us: Option<f64>,
    /// The last call that failed; of a graph, the last run or node. It is told beside, when it is another.
    #[serde(skip)]
    pub(crate) last_failure: Option<LastFailure>,
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
    /// It is to be seen whether it goes well again.
    Waiting,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct LastFailure {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// The number of the run.
    pub(crate) run: u64,
    pub(crate) correlation_id: String,
    /// With its index in a `for`.
    pub(crate) node: Option<String>,
    /// The program's own text; nothing if the graph's own error type took it over.
    pub(crate) text: Option<String>,
    /// If it was turned away by a policy, the last failure before that was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<Box<Self>>,
}

/// A policy's state, a resource or a batch: what it is, and how it fares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Thing {
    pub(crate) kind: &'static str,
    pub(crate) name: Arc<str>,
    pub(crate) state: State,
    /// The state in a word of its own, such as `half open`.
    pub(crate) says: &'static str,
    /// What is wrong with it.
    pub(crate) trouble: Option<String>,
    /// The rest in one line.
    pub(crate) text: String,
    /// How much of a bounded thing is used, or done.
    pub(crate) part: Option<Part>,
    /// Items of a batch that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failed: Option<u64>,
}

/// So much of so much; of a batch the whole may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Part {
    pub(crate) part: u64,
    pub(crate) whole: Option<u64>,
}
