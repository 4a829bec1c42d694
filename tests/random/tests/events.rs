//! What random graphs tell: each node that starts ends once, in its run, and behind those that it waits for.

use std::collections::HashMap;
use std::sync::Mutex;

use ember::graph::{Description, Kind, Source};
use ember::observe::{Event, EventKind, Observer};
use ember::{Context, Strategy};
use ember_random_graphs::agree::inputs;

/// The items and turns of a node that ended, and its place among the events.
type End<'e> = (&'e [usize], usize);

mod graphs {
    include!(concat!(env!("OUT_DIR"), "/graphs.rs"));
}

struct Told {
    run: u64,
    parent: Option<u64>,
    kind: EventKind,
    description: &'static Description<'static>,
    /// The number of the node, and the items and turns around it.
    node: Option<(u32, Vec<usize>)>,
}

#[derive(Default)]
struct Notes(Mutex<Vec<Told>>);

impl Observer for Notes {
    fn event(&self, event: &Event<'_>) {
        let (Some(run), Some(description)) = (event.run(), event.description()) else { return };
        let node = event.site().map(|site| (site.number(), site.indices().collect()));
        let told = Told { run, parent: event.parent(), kind: event.kind(), description, node };
        self.0.lock().unwrap().push(told);
    }
}

type Places = HashMap<(u64, u32, Vec<usize>), (usize, Option<usize>)>;

/// Where each node starts and ends.
fn places(told: &[Told]) -> Result<Places, String> {
    let mut places = Places::new();
    let mut runs: HashMap<u64, (usize, bool)> = HashMap::new();
    for (at, event) in told.iter().enumerate() {
        let name = event.description.name;
        match &event.node {
            None if event.kind == EventKind::RunStarted => {
                let old = runs.insert(event.run, (at, false));
                if old.is_some() || event.parent.is_some_and(|parent| !runs.contains_key(&parent)) {
                    return Err(format!("run {} of {name} starts twice, or before its parent", event.run));
                }
            }
            None => {
                let run = runs.get_mut(&event.run).ok_or("a run ends that did not start")?;
                if !event.kind.is_run_end() || std::mem::replace(&mut run.1, true) {
                    return Err(format!("run {} of {name} ends twice", event.run));
                }
            }
            Some((node, items)) => {
                let described = &event.description.nodes[*node as usize];
                if described.kind != Kind::Operator || runs.get(&event.run).is_none_or(|run| run.1) {
                    return Err(format!("{} of {name} is no operator of a run under way", described.path));
                }
                let key = (event.run, *node, items.clone());
                if event.kind == EventKind::NodeStarted {
                    if places.insert(key, (at, None)).is_some() {
                        return Err(format!("{} of {name} starts twice at {items:?}", described.path));
                    }
                } else {
                    let place = places.get_mut(&key).ok_or("a node ends that did not start")?;
                    if !event.kind.is_node_end() || place.1.replace(at).is_some() {
                        return Err(format!("{} of {name} ends twice at {items:?}", described.path));
                    }
                }
            }
        }
    }
    if let Some(((_, node, items), _)) = places.iter().find(|(_, (_, end))| end.is_none()) {
        return Err(format!("node {node} at {items:?} has not ended"));
    }
    if runs.values().any(|(_, over)| !over) {
        return Err("a run has not ended".into());
    }
    Ok(places)
}

/// That no node starts before those have ended that its graph says it waits for. Gives how many pairs there were.
fn follow_edges(told: &[Told], places: &Places) -> Result<usize, String> {
    let of: HashMap<u64, &Description<'_>> =
        told.iter().map(|event| (event.run, event.description)).collect();
    let mut ends: HashMap<(u64, u32), Vec<End<'_>>> = HashMap::new();
    for ((run, node, items), (_, end)) in places {
        ends.entry((*run, *node)).or_default().push((items, end.unwrap_or(usize::MAX)));
    }
    let mut pairs = 0;
    for ((run, node, items), (start, _)) in places {
        let description = of[run];
        for edge in description.edges.iter().filter(|edge| edge.to == *node) {
            let Source::Node(from) = edge.from else { continue };
            // It stands in the same body, or in one around it.
            let before = ends.get(&(*run, from)).into_iter().flatten();
            for (_, end) in before.filter(|(around, _)| items.starts_with(around)) {
                pairs += 1;
                if end >= start {
                    let [from, to] = [from, *node].map(|node| description.nodes[node as usize].path);
                    return Err(format!(
                        "{to} of {} starts at {items:?} before {from} ends",
                        description.name
                    ));
                }
            }
        }
    }
    Ok(pairs)
}

fn tell(strategy: Strategy) {
    let inputs = inputs();
    let (mut pairs, mut nodes) = (0, 0);
    for case in graphs::MODULES.iter().copied().flatten() {
        for input in &inputs {
            let notes = std::sync::Arc::new(Notes::default());
            let cx = Context::builder().strategy(strategy).observer(notes.clone()).build();
            case.check(input, |run| cx.scope(run)).unwrap();
            let told = notes.0.lock().unwrap();
            let places = places(&told).unwrap_or_else(|what| panic!("{what}\n{}", case.source));
            pairs += follow_edges(&told, &places).unwrap_or_else(|what| panic!("{what}\n{}", case.source));
            nodes += places.len();
        }
    }
    assert!(pairs > 1000 && nodes > 1000, "{pairs} edges between {nodes} nodes were looked at");
}

#[test]
fn sequential_graphs_tell_what_runs() {
    tell(Strategy::Sequential);
}

#[test]
fn parallel_graphs_tell_what_runs() {
    tell(Strategy::Parallel);
}

#[test]
fn graphs_that_choose_their_way_tell_what_runs() {
    tell(Strategy::Auto);
}
