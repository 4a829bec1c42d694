//! Counters, gauges and histograms of runs, nodes and policies.
//!
//! `family` lists them; `kept` has what is counted of one graph and its nodes, with the handles.

mod family;
mod kept;
mod states;

#[cfg(all(test, not(loom)))]
mod tests;

use std::fmt;
use std::ptr;
use std::sync::Arc;

use metrics::Recorder;

use self::kept::{Graph, Place};
use self::states::States;
use super::chains::Chains;
use super::{Event, EventKind, Observer, observer_panics};

/// About so many graphs are kept, each as often as there are recorders at hand that it is reported to. Handles of further
/// ones are asked of their recorder for each event.
const MOST: usize = 1024;

/// Reports what runs do through the crate `metrics`, and so to Prometheus, OpenTelemetry or whatever else has a recorder for it.
///
/// The guide lists the metrics, all of which begin with `ember_`. Times are in seconds. Labels are the graph, the node, the
/// operator, the names of [states](crate::watch), and words of a fixed set: items and turns share the label of their node
/// (`made[]`), and no value, key, error or correlation id is one.
///
/// A metric is registered when something first happens that it counts, and its handle is kept for each graph or node.
///
/// ```
/// use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
/// use ember_core::Context;
/// use ember_core::observe::Metrics;
///
/// let seconds = Matcher::Suffix("_seconds".to_owned());
/// let recorder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &Metrics::SECONDS)?.build_recorder();
/// let prometheus = recorder.handle();
///
/// let metrics = Metrics::with_recorder(recorder);
/// let cx = Context::builder().observer(metrics.clone()).build();
/// cx.scope(|| { /* runs of graphs */ });
///
/// metrics.refresh();
/// assert!(prometheus.render().contains("ember_observer_panics_total 0"));
/// # Ok::<(), metrics_exporter_prometheus::BuildError>(())
/// ```
///
/// A clone is another handle on the same metrics.
#[derive(Clone, Default)]
pub struct Metrics(Arc<State>);

#[derive(Default)]
struct State {
    /// Nothing for the one at hand.
    recorder: Option<Box<dyn Recorder + Send + Sync>>,
    graphs: Chains<Graph>,
    states: States,
}

impl Metrics {
    /// Bounds of buckets that suit all histograms, in seconds: from ten microseconds to a minute.
    pub const SECONDS: [f64; 14] =
        [0.000_01, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0];

    /// Reports to the recorder at hand where something happens, as the macros of `metrics` do: the global one, or, on a thread
    /// within `metrics::with_local_recorder`, that one.
    ///
    /// The global recorder may be installed later: from then on it is told. What happened before is lost to it, and runs that
    /// are under way then are missing in `ember_runs_running`. Local recorders do not reach the threads that work for a run,
    /// and one at the address of another that is gone is taken for it; and once there were a thousand, times the graphs that ran
    /// under each, what happens in further ones is told to them at the price of a registration. Give such a recorder to
    /// [`with_recorder`](Self::with_recorder).
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports to this recorder, on whichever thread something happens.
    pub fn with_recorder(recorder: impl Recorder + Send + Sync + 'static) -> Self {
        Self(Arc::new(State { recorder: Some(Box::new(recorder)), ..State::default() }))
    }

    /// Sets what no event tells: `ember_observer_panics_total`, and the gauges of [states](crate::watch), in which several of
    /// one name are one. To be called before metrics are read.
    pub fn refresh(&self) {
        self.0.with(|recorder| {
            family::describe(recorder);
            family::PANICS.counter(recorder, &[]).absolute(observer_panics());
            self.0.states.refresh(recorder);
        });
    }
}

impl Observer for Metrics {
    fn event(&self, event: &Event<'_>) {
        // Most events are of this kind, and the end of a node tells all that is counted of it.
        if event.kind() == EventKind::NodeStarted {
            return;
        }
        self.0.with(|recorder| self.0.note(event, recorder));
    }
}

impl State {
    fn with(&self, f: impl FnOnce(&dyn Recorder)) {
        match &self.recorder {
            Some(recorder) => f(recorder),
            None => metrics::with_recorder(f),
        }
    }

    fn note(&self, event: &Event<'_>, recorder: &dyn Recorder) {
        let description = event.description();
        let place = Place {
            graph: description.map_or(0, |graph| ptr::from_ref(graph).addr()),
            recorder: if self.recorder.is_some() { 0 } else { ptr::from_ref(recorder).addr() },
        };
        let is = |graph: &Graph| graph.place == place;
        if let Some(graph) = self.graphs.get(place.address(), is) {
            return graph.note(event, recorder);
        }
        // Others may do so too: so nobody waits while a recorder is called.
        family::describe(recorder);
        let make = || Graph::new(description, place);
        if self.graphs.len() < MOST {
            self.graphs.get_or_make(place.address(), is, make).note(event, recorder);
        } else {
            make().note(event, recorder);
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
