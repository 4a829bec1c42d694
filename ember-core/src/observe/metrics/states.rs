//! Gauges of the states that outlive runs.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use metrics::Recorder;

use super::family::{self, Family};
use crate::policy::abandoned;
use crate::sync::{Mutex, lock};
use crate::watch::{self, State};

/// What is shown of one owner, or of several of one name: the sum.
type Shown = BTreeMap<(&'static str, Arc<str>, &'static str), (&'static Family, usize)>;

/// What was shown last: what is gone since is shown as zero.
#[derive(Default)]
pub(super) struct States(Mutex<Shown>);

impl States {
    pub(super) fn refresh(&self, recorder: &dyn Recorder) {
        family::LEFT_BEHIND.gauge(recorder, &[]).set(float(abandoned()));
        let now = shown();
        let before = mem::replace(&mut *lock(&self.0), now.clone());
        for ((_, owner, kind), (family, _)) in before.iter().filter(|(key, _)| !now.contains_key(key)) {
            family.gauge_of(recorder, owner, kind).set(0.0);
        }
        for ((_, owner, kind), (family, count)) in &now {
            family.gauge_of(recorder, owner, kind).set(float(*count));
        }
        // Another refresh may have seen less meanwhile, and nobody after it knows of what is only here.
        let last = lock(&self.0).clone();
        for ((_, owner, kind), (family, _)) in now.iter().filter(|(key, _)| !last.contains_key(key)) {
            family.gauge_of(recorder, owner, kind).set(0.0);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
fn float(count: usize) -> f64 {
    count as f64
}

fn shown() -> Shown {
    let mut shown = Shown::new();
    for seen in watch::states() {
        let kind = seen.state.kind();
        let troubled = usize::from(seen.state.trouble().is_some());
        let mut show = |family: &'static Family, count: usize| {
            shown.entry((family.name, Arc::clone(&seen.owner), kind)).or_insert((family, 0)).1 += count;
        };
        match &seen.state {
            State::Breaker { .. } => show(&family::TROUBLED, troubled),
            State::Concurrency { in_use, line, .. } => {
                show(&family::TROUBLED, troubled);
                show(&family::IN_USE, *in_use);
                show(&family::WAITING, line.waiting);
            }
            State::Rate { line, .. } => {
                show(&family::TROUBLED, troubled);
                show(&family::WAITING, line.waiting);
            }
            State::Memory { used, line, .. } => {
                show(&family::TROUBLED, troubled);
                show(&family::MEMORY, *used);
                show(&family::WAITING, line.waiting);
            }
            State::Cache { len, .. } => show(&family::ENTRIES, *len),
            State::Batcher { waiting, .. } => show(&family::WAITING, *waiting),
            State::Resource(status) => {
                show(&family::TROUBLED, troubled);
                show(&family::WAITING, status.waiting);
            }
            State::ByKey { troubled, .. } => show(&family::TROUBLED, *troubled),
            State::Fallback { .. } | State::Isolation { .. } | State::Batch(_) => {}
        }
    }
    shown
}
