//! What is counted of one graph and of one node. Each metric is registered once, and its handle kept.

use std::sync::OnceLock;
use std::time::Duration;

use ember_graph::Description;
use metrics::{Counter, Gauge, Histogram, Recorder};

use super::family::{self, Family};
use crate::error::Counts;
use crate::explain::Reason;
use crate::observe::{End, Event, Form, What};
use crate::policy::BreakerState;

const FORMS: [&str; 3] = ["straight_line", "parallel", "async"];
const REASONS: [&str; 10] =
    ["asked", "only_way", "not_measured", "varies", "tiny", "asleep", "dearer", "busy", "waits", "cheaper"];
const OUTCOMES: [&str; 4] = ["finished", "failed", "panicked", "cancelled"];
const BREAKER: [&str; 5] = ["closed", "open", "half_open", "forced_open", "forced_closed"];
const CACHE: [&str; 3] = ["hit", "miss", "joined"];
const SUCCEEDED: [&str; 2] = ["false", "true"];

/// A handle that is made when it is first used. Two threads may both make it, which recorders take for the same metric: so
/// nobody waits while a recorder is called.
type Lazy<T> = OnceLock<T>;

fn kept<T>(lazy: &Lazy<T>, make: impl FnOnce() -> T) -> &T {
    lazy.get().unwrap_or_else(|| {
        let made = make();
        lazy.get_or_init(|| made)
    })
}

/// By what a [`Graph`] is found: addresses, or zeros.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Of the description; zero outside of graphs.
    pub(super) graph: usize,
    /// Of the recorder; zero where there is only one.
    pub(super) recorder: usize,
}

impl Place {
    pub(super) const fn address(self) -> usize {
        self.graph ^ self.recorder
    }
}

/// What is counted of a graph, or outside of graphs.
pub(super) struct Graph {
    pub(super) place: Place,
    name: &'static str,
    /// By form and reason, of which most never come.
    started: [[Lazy<Counter>; REASONS.len()]; FORMS.len()],
    runs: Lazy<Runs>,
    nodes: Box<[Node]>,
    /// What happens at no node.
    elsewhere: Node,
}

struct Runs {
    running: Gauge,
    duration: Histogram,
    over: [Counter; 4],
    not_started: Counter,
}

impl Graph {
    pub(super) fn new(description: Option<&'static Description<'static>>, place: Place) -> Self {
        let name = description.map_or("", |graph| graph.name);
        let nodes = description.map_or(&[][..], |graph| graph.nodes);
        let nodes = nodes.iter().map(|node| Node::new([name, node.path, node.operator])).collect();
        let elsewhere = Node::new([name, "", ""]);
        Self { place, name, started: Default::default(), runs: Lazy::new(), nodes, elsewhere }
    }

    pub(super) fn note(&self, event: &Event<'_>, recorder: &dyn Recorder) {
        match event.what() {
            What::RunStarted { form, reason } => {
                let (form, reason) = (index_of_form(form), index_of_reason(reason));
                let labels = [self.name, FORMS[form], REASONS[reason]];
                let make = || family::STARTED.counter(recorder, &labels);
                kept(&self.started[form][reason], make).increment(1);
                self.runs(recorder).running.increment(1.0);
            }
            What::RunEnded { end, took, counts } => self.runs(recorder).ended(end, took, counts),
            what => {
                let site = event.site().and_then(|site| self.nodes.get(site.number() as usize));
                site.unwrap_or(&self.elsewhere).note(what, recorder);
            }
        }
    }

    fn runs(&self, recorder: &dyn Recorder) -> &Runs {
        kept(&self.runs, || Runs {
            running: family::RUNNING.gauge(recorder, &[self.name]),
            duration: family::RUN_DURATION.histogram(recorder, &[self.name]),
            over: OUTCOMES.map(|outcome| family::RUNS.counter(recorder, &[self.name, outcome])),
            not_started: family::NOT_STARTED.counter(recorder, &[self.name]),
        })
    }
}

impl Runs {
    fn ended(&self, end: End<'_>, took: Duration, counts: Counts) {
        self.running.decrement(1.0);
        self.duration.record(took);
        self.over[outcome(end)].increment(1);
        self.not_started.increment(counts.not_started as u64);
    }
}

/// What is counted of a node.
struct Node {
    labels: [&'static str; 3],
    ended: Lazy<(Histogram, [Counter; 4])>,
    policies: Lazy<Box<Policies>>,
}

/// Most nodes have none of it.
#[derive(Default)]
struct Policies {
    attempts: Lazy<Counter>,
    backoff: Lazy<Histogram>,
    hedges: Lazy<Counter>,
    breaker: Lazy<[Counter; 5]>,
    breaker_refused: Lazy<Counter>,
    cache: Lazy<[Counter; 3]>,
    evictions: Lazy<Counter>,
    permits: Lazy<(Histogram, Counter)>,
    rate: Lazy<(Histogram, Counter)>,
    memory: Lazy<(Histogram, Counter)>,
    fallbacks: Lazy<[Counter; 2]>,
    timeouts: Lazy<Counter>,
    abandoned: Lazy<Counter>,
}

impl Node {
    fn new(labels: [&'static str; 3]) -> Self {
        Self { labels, ended: Lazy::new(), policies: Lazy::new() }
    }

    fn note(&self, what: What<'_>, recorder: &dyn Recorder) {
        let labels = &self.labels;
        let one = |family: &Family| family.counter(recorder, labels);
        let time = |family: &Family| family.histogram(recorder, labels);
        match what {
            // Those of runs are counted above, and of nodes their ends. No value is a label.
            What::RunStarted { .. }
            | What::RunEnded { .. }
            | What::NodeStarted
            | What::CalledWith { .. }
            | What::Gave { .. } => {}
            What::NodeEnded { end, took } => {
                let make = || (time(&family::NODE_DURATION), self.each(&family::NODES, OUTCOMES, recorder));
                let (duration, ended) = kept(&self.ended, make);
                duration.record(took);
                ended[outcome(end)].increment(1);
            }
            What::AttemptFailed => kept(&self.policies().attempts, || one(&family::ATTEMPTS)).increment(1),
            What::Backoff { delay } => {
                kept(&self.policies().backoff, || time(&family::BACKOFF)).record(delay);
            }
            What::BreakerRefused => {
                kept(&self.policies().breaker_refused, || one(&family::BREAKER_REFUSED)).increment(1);
            }
            What::Hedged => kept(&self.policies().hedges, || one(&family::HEDGES)).increment(1),
            What::BreakerChanged { to, .. } => {
                let make = || self.each(&family::BREAKER, BREAKER, recorder);
                kept(&self.policies().breaker, make)[breaker(to)].increment(1);
            }
            What::CacheHit => self.cache(0, recorder),
            What::CacheMiss => self.cache(1, recorder),
            What::CacheJoined => self.cache(2, recorder),
            What::CacheEvicted { entries } => {
                kept(&self.policies().evictions, || one(&family::EVICTIONS)).increment(entries as u64);
            }
            What::PermitWaited { took, granted } => {
                let make = || (time(&family::PERMIT_WAIT), one(&family::PERMITS_REFUSED));
                waited(kept(&self.policies().permits, make), took, granted);
            }
            What::RateWaited { took, granted } => {
                let make = || (time(&family::RATE_WAIT), one(&family::RATE_REFUSED));
                waited(kept(&self.policies().rate, make), took, granted);
            }
            What::MemoryWaited { took, granted } => {
                let make = || (time(&family::MEMORY_WAIT), one(&family::MEMORY_REFUSED));
                waited(kept(&self.policies().memory, make), took, granted);
            }
            What::FallbackUsed { succeeded } => {
                let make = || self.each(&family::FALLBACKS, SUCCEEDED, recorder);
                kept(&self.policies().fallbacks, make)[usize::from(succeeded)].increment(1);
            }
            What::TimedOut { .. } => kept(&self.policies().timeouts, || one(&family::TIMEOUTS)).increment(1),
            What::Abandoned => kept(&self.policies().abandoned, || one(&family::ABANDONED)).increment(1),
        }
    }

    fn policies(&self) -> &Policies {
        self.policies.get_or_init(Box::default)
    }

    fn cache(&self, result: usize, recorder: &dyn Recorder) {
        let make = || self.each(&family::CACHE, CACHE, recorder);
        kept(&self.policies().cache, make)[result].increment(1);
    }

    /// A counter for each value of the last label: all at once, so that what has not happened yet reads as zero.
    fn each<const N: usize>(
        &self,
        family: &Family,
        values: [&'static str; N],
        recorder: &dyn Recorder,
    ) -> [Counter; N] {
        let [graph, node, operator] = self.labels;
        values.map(|value| family.counter(recorder, &[graph, node, operator, value]))
    }
}

fn waited((wait, refused): &(Histogram, Counter), took: Duration, granted: bool) {
    wait.record(took);
    refused.increment(u64::from(!granted));
}

/// As an index into `OUTCOMES`.
fn outcome(end: End<'_>) -> usize {
    match end {
        End::Finished => 0,
        End::Failed(_) => 1,
        End::Panicked(_) => 2,
        End::Cancelled(_) => 3,
    }
}

/// As an index into `BREAKER`.
fn breaker(state: BreakerState) -> usize {
    match state {
        BreakerState::Closed => 0,
        BreakerState::Open { .. } => 1,
        BreakerState::HalfOpen => 2,
        BreakerState::ForcedOpen => 3,
        BreakerState::ForcedClosed => 4,
    }
}

/// In `FORMS`.
fn index_of_form(form: Form) -> usize {
    match form {
        Form::StraightLine => 0,
        Form::Parallel => 1,
        Form::Async => 2,
    }
}

/// In `REASONS`.
fn index_of_reason(reason: Reason) -> usize {
    match reason {
        Reason::Asked => 0,
        Reason::OnlyWay => 1,
        Reason::NotMeasured => 2,
        Reason::Varies => 3,
        Reason::Tiny => 4,
        Reason::Asleep => 5,
        Reason::Dearer => 6,
        Reason::Busy => 7,
        Reason::Waits => 8,
        Reason::Cheaper => 9,
    }
}
