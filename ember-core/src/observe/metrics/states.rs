//! Gauges of the states that outlive runs.

use std::collections::{BTreeMap, HashMap};
use std::ptr;
use std::sync::Arc;

use metrics::Recorder;

use super::family::{self, Family};
use crate::policy::abandoned;
use crate::sync::{Mutex, lock};
use crate::watch::{self, State};

/// What is shown of one owner, or of several of one name: the sum.
type Shown = BTreeMap<(&'static str, Arc<str>, &'static str), (&'static Family, usize)>;

/// So many recorders are remembered; then all are forgotten, with what is gone since.
const MOST: usize = 64;

/// What was shown last at each recorder, by its address: what is gone since is shown there as zero.
#[derive(Default)]
pub(super) struct States(Mutex<HashMap<usize, Shown>>);

impl States {
    pub(super) fn refresh(&self, recorder: &dyn Recorder) {
        family::LEFT_BEHIND.gauge(recorder, &[]).set(float(abandoned()));
        let (now, place) = (shown(), ptr::from_ref(recorder).addr());
        let before = {
            let mut last = lock(&self.0);
            if last.len() >= MOST && !last.contains_key(&place) {
                last.clear();
            }
            last.insert(place, now.clone()).unwrap_or_default()
        };
        for ((_, owner, kind), (family, _)) in before.iter().filter(|(key, _)| !now.contains_key(key)) {
            family.gauge_of(recorder, owner, kind).set(0.0);
        }
        for ((_, owner, kind), (family, count)) in &now {
            family.gauge_of(recorder, owner, kind).set(float(*count));
        }
        // Another refresh may have seen less meanwhile, and nobody after it knows of what is only here.
        let last = lock(&self.0).get(&place).cloned().unwrap_or_default();
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
        let mut show = |family: &'static Family, count: usize| {
            shown.entry((family.name, Arc::clone(&seen.owner), kind)).or_insert((family, 0)).1 += count;
        };
        match &seen.state {
            // Nothing can be wrong with them.
            State::Fallback { .. } | State::Batch(_) => {}
            State::Cache { len, .. } => show(&family::ENTRIES, *len),
            State::ByKey { troubled, .. } => show(&family::TROUBLED, *troubled),
            state => show(&family::TROUBLED, usize::from(state.trouble().is_some())),
        }
        if let State::Memory { used, .. } = &seen.state {
            show(&family::MEMORY, *used);
        }
        if let Some(in_use) = seen.state.in_use() {
            show(&family::IN_USE, in_use);
        }
        if let Some(waiting) = seen.state.waiting() {
            show(&family::WAITING, waiting);
        }
    }
    shown
}
