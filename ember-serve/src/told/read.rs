//! Takes snapshots of what the process knows of itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use ember_core::__Rounded as Rounded;
use ember_core::health::{Reason, Report, Status};
use ember_core::observe::{Failure, GraphStatistics, Statistics, Tally};
use ember_graph::Description;

use super::states::states;
use super::{Figures, Graph, Health, LastFailure, Snapshot, State};
use crate::ServeBuilder;
use crate::limits::Limits;
use crate::program::unix_millis;
use crate::work::{NoAnswer, Work};

/// Asks the program, each thing on a thread for such work and within a time.
pub(crate) struct Reader {
    snapshots: Work<Taken>,
    health: Work<Health>,
    limits: Limits,
}

/// All but the health of the process, and the graphs with the numbers under which they are told.
#[derive(Clone)]
pub(crate) struct Taken {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) graphs: Arc<[(u64, &'static Description<'static>)]>,
}

impl Reader {
    pub(crate) fn new(settings: &ServeBuilder) -> Self {
        let limits = settings.limits;
        let (statistics, health, began) =
            (settings.statistics.clone(), settings.health.clone(), Began::now());
        Self {
            snapshots: Work::new(move || take(&statistics, began), limits.work_time),
            health: Work::new(move || Health(health.report()), limits.work_time),
            limits,
        }
    }

    /// Looks at states, of which some are functions of the program.
    pub(crate) async fn take(&self) -> Result<Taken, NoAnswer> {
        self.snapshots.ask().await
    }

    /// Asks all checks. That they hang is an answer too.
    pub(crate) async fn health(&self) -> Health {
        let text = match self.health.ask().await {
            Ok(health) => return health,
            Err(NoAnswer::Late) => {
                format!("the checks have not answered within {}", Rounded(self.limits.work_time))
            }
            Err(NoAnswer::Panicked) => "the checks panicked".to_owned(),
        };
        Health(Report::new(vec![Reason::new(Status::Down, "checks", "check", text)]))
    }
}

fn take(statistics: &Statistics, began: Began) -> Taken {
    let graphs = statistics.graphs();
    let descriptions = graphs.iter().map(GraphStatistics::description);
    let known = (0..).zip(descriptions).collect();
    let graphs: BTreeMap<u64, Graph> = (0..).zip(graphs.iter().map(|graph| of_graph(graph, began))).collect();
    let (states, batches) = states();
    let at = unix_millis(SystemTime::now());
    Taken { snapshot: Arc::new(Snapshot { at, health: None, graphs, states, batches }), graphs: known }
}

fn of_graph(graph: &GraphStatistics, began: Began) -> Graph {
    let node = |tally: &Tally| Figures {
        last_failure: tally.last_failure.as_ref().map(|last| LastFailure {
            cause: (tally.last_cause.as_ref())
                .filter(|cause| !Arc::ptr_eq(cause, last))
                .map(|cause| Box::new(last_failure(cause, began))),
            ..last_failure(last, began)
        }),
        ..figures(tally)
    };
    let of_graph = graph.last_failure.as_ref().map(|last| last_failure(last, began));
    Graph {
        runs: Figures { last_failure: of_graph, ..figures(&graph.runs) },
        nodes: graph.nodes.iter().map(node).collect(),
    }
}

fn figures(tally: &Tally) -> Figures {
    let micros = |took: Duration| took.as_secs_f64() * 1e6;
    let quantile = |q| tally.latency.quantile(q).map(micros);
    Figures {
        state: match (tally.failing, tally.running(), tally.ended()) {
            (true, ..) => State::Failing,
            (false, 1.., _) => State::Running,
            (false, 0, 0) => State::Idle,
            (false, 0, _) => State::Ok,
        },
        running: tally.running(),
        finished: tally.finished,
        failed: tally.failed,
        panicked: tally.panicked,
        cancelled: tally.cancelled,
        sum_us: micros(tally.latency.sum()),
        p50_us: quantile(0.5),
        p90_us: quantile(0.9),
        p99_us: quantile(0.99),
        last_failure: None,
    }
}

fn last_failure(failure: &Failure, began: Began) -> LastFailure {
    LastFailure {
        at: began.millis(failure.at),
        run: failure.run,
        correlation_id: failure.correlation_id.clone(),
        node: failure.node.clone(),
        text: failure.text.clone(),
        cause: None,
    }
}

/// One moment by both clocks, so that a time is told the same whenever it is told.
#[derive(Clone, Copy)]
struct Began {
    instant: Instant,
    system: SystemTime,
}

impl Began {
    fn now() -> Self {
        Self { instant: Instant::now(), system: SystemTime::now() }
    }

    fn millis(self, at: Instant) -> u64 {
        let after = at.checked_duration_since(self.instant).and_then(|past| self.system.checked_add(past));
        let before = || self.system.checked_sub(self.instant.saturating_duration_since(at));
        unix_millis(after.or_else(before).unwrap_or(self.system))
    }
}
