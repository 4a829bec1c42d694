use std::collections::BTreeMap;
use std::sync::Arc;

use ember_core::health::{Reason, Report, Status};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::changes;
use crate::told::{Figures, Graph, Health, LastFailure, Part, Snapshot, State, Thing};

/// What a page knows, made of nothing but what it was told.
#[derive(Debug, Default, PartialEq)]
struct Page {
    health: Value,
    graphs: BTreeMap<u64, (Value, BTreeMap<u64, Value>)>,
    things: [BTreeMap<u64, Value>; 2],
}

const THINGS: [&str; 2] = ["states", "batches"];

impl Page {
    fn hear(&mut self, told: &str) {
        let told: Value = serde_json::from_str(told).unwrap();
        if told["whole"] == true {
            *self = Self::default();
        }
        if let Some(health) = told.get("health") {
            self.health = health.clone();
        }
        for graph in told["graphs"].as_array().unwrap() {
            let known = self.graphs.entry(graph["id"].as_u64().unwrap()).or_default();
            if let Some(figures) = graph.get("figures") {
                known.0 = with_failure(figures.clone(), &known.0);
            }
            for node in graph["nodes"].as_array().unwrap() {
                let (number, figures) = apart(node, "node");
                let before = known.1.remove(&number).unwrap_or_default();
                known.1.insert(number, with_failure(figures, &before));
            }
        }
        for (things, name) in self.things.iter_mut().zip(THINGS) {
            for id in told["gone"][name].as_array().unwrap() {
                assert!(things.remove(&id.as_u64().unwrap()).is_some(), "it was known");
            }
            things.extend(told[name].as_array().unwrap().iter().map(|thing| apart(thing, "id")));
        }
    }

    /// All of a snapshot. Nodes that were not called yet need not be told.
    fn of(snapshot: &Snapshot) -> Self {
        let value = |figures: &Figures| {
            let mut value = serde_json::to_value(figures).unwrap();
            if let Some(failure) = &figures.last_failure {
                value["last_failure"] = json!(failure);
            }
            value
        };
        let nodes = |graph: &Graph| {
            let called = (0..).zip(&graph.nodes).filter(|(_, figures)| **figures != Figures::default());
            called.map(|(number, figures)| (number, value(figures))).collect()
        };
        let things = |things: &BTreeMap<u64, Thing>| {
            things.iter().map(|(&id, thing)| (id, serde_json::to_value(thing).unwrap())).collect()
        };
        let graphs = snapshot.graphs.iter();
        Self {
            health: json!(snapshot.health),
            graphs: graphs.map(|(&id, graph)| (id, (value(&graph.runs), nodes(graph)))).collect(),
            things: [things(&snapshot.states), things(&snapshot.batches)],
        }
    }
}

/// A failure stays known until another is told.
fn with_failure(mut figures: Value, before: &Value) -> Value {
    if let (None, Some(failure)) = (figures.get("last_failure"), before.get("last_failure")) {
        figures["last_failure"] = failure.clone();
    }
    figures
}

fn apart(value: &Value, number: &str) -> (u64, Value) {
    let mut fields: Map<String, Value> = value.as_object().unwrap().clone();
    let number = fields.remove(number).unwrap().as_u64().unwrap();
    (number, Value::Object(fields))
}

fn figures() -> impl Strategy<Value = Figures> {
    // Few values, so that some stay as they were.
    let failure = proptest::option::of((0..2u64).prop_map(|run| LastFailure {
        at: 0,
        run,
        correlation_id: String::new(),
        node: None,
        text: None,
        cause: None,
    }));
    (0..2u64, 0..2u64, prop_oneof![Just(State::Ok), Just(State::Failing)], failure).prop_map(
        |(finished, failed, state, last_failure)| Figures {
            state,
            finished,
            failed,
            last_failure,
            ..Figures::default()
        },
    )
}

/// What has failed once has a last failure from then on.
fn keep_failures(moments: &mut [Snapshot]) {
    for at in 1..moments.len() {
        let (before, after) = moments.split_at_mut(at);
        for (id, graph) in &mut after[0].graphs {
            let Some(old) = before[at - 1].graphs.get(id) else { continue };
            let nodes = graph.nodes.iter_mut().zip(&old.nodes);
            for (new, old) in nodes.chain([(&mut graph.runs, &old.runs)]) {
                new.last_failure = new.last_failure.take().or_else(|| old.last_failure.clone());
            }
        }
    }
}

fn things() -> impl Strategy<Value = BTreeMap<u64, Thing>> {
    let thing = (0..2u64).prop_map(|part| Thing {
        kind: "concurrency",
        name: Arc::from("stock"),
        state: State::Ok,
        says: "free",
        trouble: None,
        text: String::new(),
        part: Some(Part { part, whole: Some(2) }),
        failed: None,
    });
    btree_map(0..4u64, thing, 0..4)
}

/// Moments one after the other: graphs come and stay, all else comes and goes.
fn moments() -> impl Strategy<Value = Vec<Snapshot>> {
    let health = prop_oneof![Just(Status::Up), Just(Status::Down)]
        .prop_map(|status| Some(Health(Report::new(vec![Reason::new(status, "mirror", "check", "behind")]))));
    let moment = (vec((figures(), vec(figures(), 3)), 0..4), things(), things(), health);
    vec(moment, 1..8).prop_map(|mut moments| {
        moments.sort_by_key(|(graphs, ..)| graphs.len());
        let graph = |(runs, nodes)| Graph { runs, nodes };
        let snapshot = |(at, (graphs, states, batches, health))| {
            let graphs: Vec<(Figures, Vec<Figures>)> = graphs;
            Snapshot {
                at,
                health,
                graphs: (0..).zip(graphs.into_iter().map(graph)).collect(),
                states,
                batches,
            }
        };
        let mut moments: Vec<Snapshot> = (0..).zip(moments).map(snapshot).collect();
        keep_failures(&mut moments);
        moments
    })
}

proptest! {
    #[test]
    fn r42_who_takes_in_every_change_knows_all_that_one_knows_who_comes_late(moments in moments()) {
        let mut early = Page::default();
        let mut before: Option<&Snapshot> = None;
        for moment in &moments {
            let told = changes(before, moment);
            let is_same = before.is_some_and(|before| Page::of(before) == Page::of(moment));
            prop_assert_eq!(told.is_none(), is_same, "what is the same is not told");
            if let Some(told) = told {
                early.hear(&told);
            }
            let mut late = Page::default();
            late.hear(&changes(None, moment).unwrap());
            prop_assert_eq!(&early, &Page::of(moment));
            prop_assert_eq!(&late, &early);
            before = Some(moment);
        }
    }
}
