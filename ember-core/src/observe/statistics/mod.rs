//! Events added up for each graph and node: counts, latencies, and the last failure of each.
//!
//! In reading order: `histogram` has the latencies, `counts` what is counted of a node or graph, `last` what failed last; here
//! stands what is kept of each graph of the binary that ran.

mod counts;
mod histogram;
mod last;

#[cfg(all(test, not(loom)))]
mod tests;

use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::time::Instant;

use ember_graph::Description;

pub use self::counts::Tally;
pub use self::histogram::Latency;

use self::counts::Counters;
use self::last::Last;
#[cfg(all(test, not(loom)))]
use super::What;
use super::chains::Chains;
use super::text::beginning;
use super::{Event, EventKind, Observer};
use crate::error::Error;

/// What a failure says is kept up to so many bytes.
const MOST_TEXT: usize = 1024;

/// Adds up what runs do, for each graph and node.
///
/// Clones count together. Give it to [`install`](super::install) or to a context. To count takes a few atomic additions; no
/// lock is held, but to note a failure. It has 3 kB for each node of each graph that ran, and up to 5 kB for each that has failed,
/// and never more, however many runs there are. Policies outside of graphs are not counted.
///
/// ```
/// use ember_core::Context;
/// use ember_core::observe::Statistics;
///
/// let statistics = Statistics::new();
/// let cx = Context::builder().observer(statistics.clone()).build();
/// cx.scope(|| { /* runs of graphs */ });
/// assert!(statistics.graphs().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct Statistics(Arc<Chains<Record>>);

/// One graph.
struct Record {
    description: &'static Description<'static>,
    runs: Counters,
    nodes: Box<[Counters]>,
    last_failure: Last,
}

/// What was counted of one graph.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GraphStatistics {
    description: &'static Description<'static>,
    /// Of its runs.
    pub runs: Tally,
    /// Of its nodes, in the order of [`Description::nodes`]. Only operators are counted.
    pub nodes: Vec<Tally>,
    /// The last run or node that failed or panicked.
    pub last_failure: Option<Arc<Failure>>,
}

/// A run or a node that failed or panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The number of the run.
    pub run: u64,
    /// The correlation id of its context, up to 1 kB of it.
    pub correlation_id: String,
    /// The node, as in `drafts[3]`, if it is known.
    pub node: Option<String>,
    /// What it said, with its causes, up to 1 kB of it; nothing if the graph's own error type has taken it over.
    pub text: Option<String>,
    /// When, by the clock of its context.
    pub at: Instant,
}

impl GraphStatistics {
    /// What the graph looks like.
    pub fn description(&self) -> &'static Description<'static> {
        self.description
    }
}

impl Statistics {
    /// Nothing is counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was counted so far, in the order in which the graphs first ran.
    pub fn graphs(&self) -> Vec<GraphStatistics> {
        self.0.in_order().map(Record::snapshot).collect()
    }

    /// Counts what did not happen.
    #[cfg(all(test, not(loom)))]
    pub(super) fn add(&self, description: &'static Description<'static>, node: Option<u32>, what: What<'_>) {
        let record = self.record(description);
        node.map_or(&record.runs, |node| &record.nodes[node as usize]).add(what);
    }

    /// What was counted so far of one graph.
    pub(super) fn of(&self, description: &'static Description<'static>) -> Option<GraphStatistics> {
        let address = ptr::from_ref(description).addr();
        self.0.get(address, |record| ptr::eq(record.description, description)).map(Record::snapshot)
    }

    fn record(&self, description: &'static Description<'static>) -> &Record {
        let is = |record: &Record| ptr::eq(record.description, description);
        self.0.get_or_make(ptr::from_ref(description).addr(), is, || Record::new(description))
    }
}

impl Record {
    fn new(description: &'static Description<'static>) -> Self {
        Self {
            description,
            runs: Counters::new(),
            nodes: description.nodes.iter().map(|_| Counters::new()).collect(),
            last_failure: Last::new(),
        }
    }

    fn snapshot(&self) -> GraphStatistics {
        GraphStatistics {
            description: self.description,
            runs: self.runs.snapshot(),
            nodes: self.nodes.iter().map(Counters::snapshot).collect(),
            last_failure: self.last_failure.get().last,
        }
    }
}

impl Observer for Statistics {
    fn event(&self, event: &Event<'_>) {
        let Some(description) = event.description() else { return };
        let record = self.record(description);
        let counters = match event.site() {
            None => Some(&record.runs),
            Some(site) => record.nodes.get(site.number() as usize),
        };
        if let Some(counters) = counters {
            counters.add(event.what());
        }
        if is_failure(event.kind()) {
            // An error's text is the user's code, so it is made before anything is locked.
            let failure = Arc::new(Failure::of(event));
            let is_rejected = event.error().is_some_and(Error::is_rejected);
            if let Some(counters) = counters {
                counters.failed_last(&failure, is_rejected);
            }
            record.last_failure.is(&failure, is_rejected);
        }
    }
}

impl Failure {
    fn of(event: &Event<'_>) -> Self {
        let site = event.site().or_else(|| event.error()?.site());
        Self {
            run: event.run().unwrap_or_default(),
            correlation_id: cut(event.correlation_id()).to_owned(),
            node: site.map(|site| site.node().into_owned()),
            text: event.error().map(|error| bounded(error)),
            at: event.at(),
        }
    }
}

fn is_failure(kind: EventKind) -> bool {
    use EventKind::{NodeFailed, NodePanicked, RunFailed, RunPanicked};
    matches!(kind, NodeFailed | NodePanicked | RunFailed | RunPanicked)
}

/// As much of a text as is kept.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_TEXT)]
}

/// What something says, of which no more is ever held than is kept. If it panics, as much as it had said.
fn bounded(what: &dyn fmt::Display) -> String {
    beginning(MOST_TEXT, |letter| letter, |to| write!(to, "{what:#}")).0
}

impl fmt::Debug for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.in_order().map(|record| record.description.name)).finish()
    }
}
