//! What changed between two moments.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Figures, Health, LastFailure, Snapshot, Thing};
use crate::VERSION;

/// What a listener has not been told yet.
#[derive(Serialize)]
struct Changes<'a> {
    version: u32,
    at: u64,
    /// Whether it is all that there is, rather than what changed.
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<&'a Health>,
    graphs: Vec<OfGraph<'a>>,
    states: Vec<WithId<'a>>,
    batches: Vec<WithId<'a>>,
    gone: Gone,
}

#[derive(Serialize)]
struct OfGraph<'a> {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<Told<'a>>,
    nodes: Vec<OfNode<'a>>,
}

#[derive(Serialize)]
struct OfNode<'a> {
    node: usize,
    #[serde(flatten)]
    figures: Told<'a>,
}

/// The text of a failure may be long, so it is told once.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    figures: &'a Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<&'a LastFailure>,
}

impl<'a> Told<'a> {
    fn new(old: &Figures, new: &'a Figures) -> Self {
        let last_failure = new.last_failure.as_ref().filter(|_| old.last_failure != new.last_failure);
        Self { figures: new, last_failure }
    }
}

#[derive(Serialize)]
struct WithId<'a> {
    id: u64,
    #[serde(flatten)]
    thing: &'a Thing,
}

#[derive(Serialize, Default)]
struct Gone {
    states: Vec<u64>,
    batches: Vec<u64>,
}

/// As JSON what is other than before, or all if there is no before. Nothing if nothing changed.
pub(crate) fn changes(before: Option<&Snapshot>, after: &Snapshot) -> Option<String> {
    let none = Snapshot::default();
    let whole = before.is_none();
    let before = before.unwrap_or(&none);
    let changes = Changes {
        version: VERSION,
        at: after.at,
        whole,
        health: after.health.as_ref().filter(|_| before.health != after.health),
        graphs: after.graphs.iter().filter_map(|(&id, _)| of_graph(id, before, after, whole)).collect(),
        states: others(&before.states, &after.states),
        batches: others(&before.batches, &after.batches),
        gone: Gone {
            states: gone(&before.states, &after.states),
            batches: gone(&before.batches, &after.batches),
        },
    };
    let is_empty = changes.health.is_none()
        && changes.graphs.is_empty()
        && changes.states.is_empty()
        && changes.batches.is_empty()
        && changes.gone.states.is_empty()
        && changes.gone.batches.is_empty();
    // Maps with text as keys, and no numbers that JSON has no word for.
    (whole || !is_empty).then(|| serde_json::to_string(&changes).unwrap_or_default())
}

fn of_graph<'a>(id: u64, before: &Snapshot, after: &'a Snapshot, whole: bool) -> Option<OfGraph<'a>> {
    let new = after.graphs.get(&id)?;
    let old = before.graphs.get(&id);
    let idle = Figures::default();
    let runs = old.map(|old| &old.runs);
    let figures = (runs != Some(&new.runs)).then(|| Told::new(runs.unwrap_or(&idle), &new.runs));
    let old = old.map_or(&[][..], |old| &old.nodes);
    let nodes: Vec<OfNode<'_>> = (new.nodes.iter().enumerate())
        .map(|(node, figures)| (node, old.get(node).unwrap_or(&idle), figures))
        .filter(|(_, old, new)| old != new)
        .map(|(node, old, new)| OfNode { node, figures: Told::new(old, new) })
        .collect();
    (whole || figures.is_some() || !nodes.is_empty()).then_some(OfGraph { id, figures, nodes })
}

fn others<'a>(before: &BTreeMap<u64, Thing>, after: &'a BTreeMap<u64, Thing>) -> Vec<WithId<'a>> {
    let changed = after.iter().filter(|&(id, thing)| before.get(id) != Some(thing));
    changed.map(|(&id, thing)| WithId { id, thing }).collect()
}

fn gone(before: &BTreeMap<u64, Thing>, after: &BTreeMap<u64, Thing>) -> Vec<u64> {
    before.keys().filter(|id| !after.contains_key(id)).copied().collect()
}

#[cfg(test)]
mod tests;
