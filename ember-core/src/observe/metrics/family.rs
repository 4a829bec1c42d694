//! All metrics, with what is said of them.

use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};

use self::Type::{Counts, Measures, Shows};

/// Samples of one name.
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) is: Type,
    pub(super) unit: Unit,
    /// Those that are filled in where it is used stand last.
    pub(super) labels: &'static [&'static str],
    pub(super) help: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Type {
    Counts,
    Shows,
    Measures,
}

macro_rules! families {
    ($($id:ident: $is:ident $name:literal $unit:ident $labels:tt $help:literal;)*) => {
        $(pub(super) static $id: Family =
            Family { name: $name, is: $is, unit: Unit::$unit, labels: &$labels, help: $help };)*
        pub(super) static ALL: &[&Family] = &[$(&$id),*];
    };
}

families! {
    STARTED: Counts "ember_runs_started_total" Count ["graph", "form", "reason"]
        "Runs that started, by the form they took and why.";
    RUNS: Counts "ember_runs_total" Count ["graph", "outcome"] "Runs that are over.";
    RUN_DURATION: Measures "ember_run_duration_seconds" Seconds ["graph"] "How long runs took.";
    RUNNING: Shows "ember_runs_running" Count ["graph"] "Runs that have started and are not over.";
    NOT_STARTED: Counts "ember_nodes_not_started_total" Count ["graph"]
        "Nodes that failed and stopped runs never started.";
    NODES: Counts "ember_nodes_total" Count ["graph", "node", "operator", "outcome"] "Nodes that have ended.";
    NODE_DURATION: Measures "ember_node_duration_seconds" Seconds ["graph", "node", "operator"]
        "How long nodes took, all attempts together.";
    ATTEMPTS: Counts "ember_attempts_failed_total" Count ["graph", "node", "operator"] "Attempts at nodes that failed.";
    BACKOFF: Measures "ember_backoff_seconds" Seconds ["graph", "node", "operator"]
        "How long retries chose to wait before the next attempt.";
    HEDGES: Counts "ember_hedges_total" Count ["graph", "node", "operator"]
        "Further attempts that were started beside slow ones.";
    BREAKER: Counts "ember_breaker_changes_total" Count ["graph", "node", "operator", "to"]
        "Changes of circuit breakers, where they were noticed.";
    BREAKER_REFUSED: Counts "ember_breaker_refused_total" Count ["graph", "node", "operator"]
        "Calls that a circuit breaker turned away.";
    CACHE: Counts "ember_cache_requests_total" Count ["graph", "node", "operator", "result"] "Calls that asked a cache.";
    EVICTIONS: Counts "ember_cache_evictions_total" Count ["graph", "node", "operator"]
        "Entries that gave way to new ones.";
    PERMIT_WAIT: Measures "ember_permit_wait_seconds" Seconds ["graph", "node", "operator"]
        "How long calls waited for a permit of a concurrency limit, in vain or not.";
    PERMITS_REFUSED: Counts "ember_permits_refused_total" Count ["graph", "node", "operator"]
        "Calls that a concurrency limit turned away.";
    RATE_WAIT: Measures "ember_rate_wait_seconds" Seconds ["graph", "node", "operator"]
        "How long calls waited for their turn in a rate, in vain or not.";
    RATE_REFUSED: Counts "ember_rate_refused_total" Count ["graph", "node", "operator"] "Calls that a rate turned away.";
    MEMORY_WAIT: Measures "ember_memory_wait_seconds" Seconds ["graph", "node", "operator"]
        "How long calls waited for room in a memory budget, in vain or not.";
    MEMORY_REFUSED: Counts "ember_memory_refused_total" Count ["graph", "node", "operator"]
        "Calls that a memory budget turned away.";
    FALLBACKS: Counts "ember_fallbacks_total" Count ["graph", "node", "operator", "succeeded"]
        "Fallbacks that were taken.";
    TIMEOUTS: Counts "ember_timeouts_total" Count ["graph", "node", "operator"] "Calls that took longer than they may.";
    ABANDONED: Counts "ember_abandoned_total" Count ["graph", "node", "operator"]
        "Calls that were left to go on by themselves.";
    PANICS: Counts "ember_observer_panics_total" Count [] "Panics of observers that were caught in this process.";
    LEFT_BEHIND: Shows "ember_calls_left_behind" Count [] "Calls that run on after their time was up.";
    TROUBLED: Shows "ember_states_troubled" Count ["owner", "kind"]
        "States that turn calls away, have no thread for them or could not be loaded: open breakers, full queues, failed loads.";
    IN_USE: Shows "ember_permits_in_use" Count ["owner", "kind"] "Permits of concurrency limits, and threads of bounded sets, that are taken.";
    WAITING: Shows "ember_waiting" Count ["owner", "kind"] "Calls, loads or items that wait for their turn.";
    ENTRIES: Shows "ember_cache_entries" Count ["owner", "kind"] "Entries of caches.";
    MEMORY: Shows "ember_memory_used_bytes" Bytes ["owner", "kind"] "Bytes of memory budgets that are in use.";
}

/// Says of each metric what it is.
pub(super) fn describe(recorder: &dyn Recorder) {
    for family in ALL {
        let (name, help) = (KeyName::from_const_str(family.name), family.help.into());
        match family.is {
            Counts => recorder.describe_counter(name, Some(family.unit), help),
            Shows => recorder.describe_gauge(name, Some(family.unit), help),
            Measures => recorder.describe_histogram(name, Some(family.unit), help),
        }
    }
}

static METADATA: Metadata<'static> = Metadata::new("ember", Level::INFO, Some("ember"));

impl Family {
    pub(super) fn counter(&self, recorder: &dyn Recorder, values: &[&'static str]) -> Counter {
        recorder.register_counter(&self.key(values), &METADATA)
    }

    pub(super) fn gauge(&self, recorder: &dyn Recorder, values: &[&'static str]) -> Gauge {
        recorder.register_gauge(&self.key(values), &METADATA)
    }

    pub(super) fn histogram(&self, recorder: &dyn Recorder, values: &[&'static str]) -> Histogram {
        recorder.register_histogram(&self.key(values), &METADATA)
    }

    /// Of a state, whose owner is named by what runs.
    pub(super) fn gauge_of(&self, recorder: &dyn Recorder, owner: &Arc<str>, kind: &'static str) -> Gauge {
        let labels = vec![Label::new("owner", Arc::clone(owner)), Label::from_static_parts("kind", kind)];
        recorder.register_gauge(&Key::from_parts(self.name, labels), &METADATA)
    }

    fn key(&self, values: &[&'static str]) -> Key {
        debug_assert_eq!(self.labels.len(), values.len(), "{}", self.name);
        let labels = self.labels.iter().zip(values);
        let labels: Vec<Label> =
            labels.map(|(label, value)| Label::from_static_parts(label, value)).collect();
        Key::from_parts(self.name, labels)
    }
}
