//! The states that outlive runs, and batches under way, as they are told.

use std::collections::BTreeMap;

use ember_core::policy::{BreakerCounts, BreakerState};
use ember_core::watch::{self, Watched};

use super::{Part, State, Thing};

/// Those that are seen just now, by their numbers; batches apart.
pub(super) fn states() -> (BTreeMap<u64, Thing>, BTreeMap<u64, Thing>) {
    let told = watch::states().into_iter().map(|seen| (seen.number, thing(seen)));
    told.partition(|(_, thing)| thing.kind != "batch")
}

fn thing(Watched { number: _, owner, state, .. }: Watched) -> Thing {
    let trouble = state.trouble();
    let (calm, says) = word(&state);
    Thing {
        kind: state.kind(),
        name: owner,
        state: if trouble.is_some() { State::Failing } else { calm },
        says,
        trouble,
        text: text(&state),
        part: part(&state),
        failed: match &state {
            watch::State::Batch(progress) => Some(progress.failed as u64),
            _ => None,
        },
    }
}

/// How it fares as long as nothing is wrong, and the word for how it is.
fn word(state: &watch::State) -> (State, &'static str) {
    if state.line().is_some_and(|line| line.is_full()) {
        return (State::Failing, "full");
    }
    match state {
        watch::State::Breaker { state, .. } => match state {
            // While it turns calls away it is in trouble, which goes first: else it lets the next one through.
            BreakerState::Open { .. } => (State::Waiting, "open"),
            BreakerState::HalfOpen => (State::Waiting, "half open"),
            BreakerState::ForcedOpen => (State::Failing, "open by hand"),
            BreakerState::ForcedClosed => (State::Waiting, "closed by hand"),
            _ => (State::Ok, "closed"),
        },
        watch::State::Concurrency { .. }
        | watch::State::Rate { .. }
        | watch::State::Memory { .. }
        | watch::State::Isolation { .. }
        | watch::State::ByKey { troubled: 0, waiting: Some(1..), .. } => {
            if state.waiting() > Some(0) {
                (State::Waiting, "queue")
            } else {
                (State::Ok, "free")
            }
        }
        watch::State::Threads { waiting: 1.., .. } => (State::Failing, "queue"),
        watch::State::Resource(status) => match (status.is_loaded(), status.is_loading, &status.failed) {
            (_, true, _) => (State::Running, "loading"),
            (_, false, Some(_)) => (State::Failing, "failed"),
            (true, false, None) => (State::Ok, "loaded"),
            (false, false, None) => (State::Idle, "not loaded"),
        },
        watch::State::Batch(_) => (State::Running, "running"),
        watch::State::ByKey { troubled: 1.., .. } => (State::Failing, "trouble"),
        _ => (State::Ok, "ok"),
    }
}

/// What neither that word nor the trouble says.
fn text(state: &watch::State) -> String {
    match state {
        watch::State::Breaker { counts: BreakerCounts { calls, failures, rejected, .. }, .. } => {
            format!("{failures} of {calls} calls failed, {rejected} turned away")
        }
        state => state.to_string(),
    }
}

fn part(state: &watch::State) -> Option<Part> {
    let of = |part: usize, whole: usize| Some(Part { part: part as u64, whole: Some(whole as u64) });
    match *state {
        watch::State::Concurrency { permits, in_use, .. } => of(in_use, permits),
        watch::State::Memory { bytes, used, .. } => of(used, bytes),
        watch::State::Threads { threads, in_use, .. } => of(in_use, threads),
        watch::State::Cache { weight, capacity, .. } => Some(Part { part: weight, whole: Some(capacity) }),
        watch::State::Batch(progress) => {
            Some(Part { part: progress.done as u64, whole: progress.total.map(|total| total as u64) })
        }
        _ => None,
    }
}
