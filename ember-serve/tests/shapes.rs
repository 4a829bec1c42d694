//! What graphs, events, health and metrics tell.

mod common;

use common::{Listener, get};
use ember::Context;
use ember::observe::Statistics;
use ember_serve::{Serve, Server};

#[ember::operator]
fn checked(n: u64) -> Result<u64, String> {
    if n == 13 { Err("<b>13</b> \"is\" unlucky".into()) } else { Ok(n) }
}

#[ember::operator]
fn twice(n: u64) -> u64 {
    2 * n
}

ember::graph! {
    fn lucky(n: u64) -> Result<u64, ember::Error> {
        let n = checked(n)?;
        let made = twice(n);
        Ok(made)
    }
}

fn served() -> (Server, Context) {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).correlation_id("id-7").build();
    (Serve::builder().title("shop").statistics(statistics).build().unwrap().start().unwrap(), cx)
}

/// The health of the process is told with what comes first, or right behind it.
fn heard_of_health(listener: &mut Listener, first: &serde_json::Value) {
    let told = if first["health"].is_null() { listener.change() } else { first.clone() };
    assert_eq!((&told["health"]["ready"], &told["health"]["status"]), (&true.into(), &"up".into()));
}

#[test]
fn r42_graphs_tell_what_they_are_and_how_they_fare() {
    let (server, cx) = served();
    assert_eq!(get(server.address(), "/graphs").json()["graphs"], serde_json::json!([]));
    cx.scope(|| lucky(4)).unwrap();
    cx.scope(|| lucky(13)).unwrap_err();
    let told = get(server.address(), "/graphs").json();
    assert_eq!((&told["version"], &told["title"]), (&1.into(), &"shop".into()));
    let graph = &told["graphs"][0];
    assert_eq!((&graph["name"], &graph["async"]), (&"lucky".into(), &false.into()));
    assert_eq!(graph["nodes"][0]["path"], "n");
    assert_eq!(graph["nodes"][0]["operator"], "checked");
    assert_eq!(graph["nodes"][0]["fallible"], true);
    let figures = &told["now"]["graphs"][0];
    assert_eq!((&figures["figures"]["finished"], &figures["figures"]["failed"]), (&1.into(), &1.into()));
    let node = &figures["nodes"][0];
    assert_eq!((&node["node"], &node["state"], &node["failed"]), (&0.into(), &"failing".into(), &1.into()));
    let failure = &figures["figures"]["last_failure"];
    assert_eq!((&failure["correlation_id"], &failure["node"]), (&"id-7".into(), &"n".into()));
    assert!(failure["text"].as_str().unwrap().contains("<b>13</b> \"is\" unlucky"));
    let of_node = &node["last_failure"];
    assert_eq!((&of_node["run"], &of_node["node"]), (&failure["run"], &"n".into()));
    assert!(of_node["text"].as_str().unwrap().contains("<b>13</b> \"is\" unlucky"));
    assert!(node["sum_us"].as_f64().unwrap() > 0.0);
}

#[test]
fn r42_a_picture_of_each_graph_marks_its_nodes() {
    let (server, cx) = served();
    cx.scope(|| lucky(4)).unwrap();
    let picture = get(server.address(), "/pictures/0");
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml")));
    assert!(picture.body.contains("data-node=\"made\"") && !picture.body.contains("style"));
}

#[test]
fn r42_who_listens_is_told_all_at_first_and_then_what_changed() {
    let (server, cx) = served();
    let mut listener = Listener::new(server.address());
    let first = listener.change();
    heard_of_health(&mut listener, &first);
    assert_eq!((&first["whole"], &first["graphs"]), (&true.into(), &serde_json::json!([])));
    cx.scope(|| lucky(4)).unwrap();
    let change = listener.change();
    assert_eq!(change["whole"], false);
    assert_eq!(change["health"], serde_json::Value::Null, "it did not change");
    assert_eq!(change["graphs"][0]["figures"]["finished"], 1);
    cx.scope(|| lucky(13)).unwrap_err();
    let change = listener.change();
    let nodes = change["graphs"][0]["nodes"].as_array().unwrap();
    let told: Vec<_> = nodes.iter().map(|node| (node["node"].clone(), node["state"].clone())).collect();
    assert_eq!(told, [(0.into(), "failing".into())], "the other one was not called again");
    let failure = &nodes[0]["last_failure"];
    assert_eq!(failure["correlation_id"], "id-7");
    cx.scope(|| lucky(4)).unwrap();
    let change = listener.change();
    let node = &change["graphs"][0]["nodes"][0];
    assert_eq!(
        (&node["state"], &node["last_failure"]),
        (&"ok".into(), &serde_json::Value::Null),
        "it was told"
    );
    let late = get(server.address(), "/graphs").json();
    assert_eq!(&late["now"]["graphs"][0]["nodes"][0]["last_failure"], failure, "to who comes late it is");
}

#[test]
fn r42_who_hears_of_no_change_hears_a_beat() {
    let (server, _) = served();
    let mut listener = Listener::new(server.address());
    let first = listener.change();
    heard_of_health(&mut listener, &first);
    assert_eq!(listener.next().unwrap(), ("beat".to_owned(), "{}".to_owned()));
}

#[test]
fn r42_one_who_reads_slowly_is_told_the_latest_and_not_all() {
    let (server, cx) = served();
    let mut listener = Listener::new(server.address());
    listener.change();
    let mut last = 0;
    for _ in 0..50_000 {
        cx.scope(|| lucky(4)).unwrap();
    }
    let mut events = 0;
    while last < 50_000 {
        events += 1;
        last = listener.change()["graphs"][0]["figures"]["finished"].as_u64().unwrap_or(last);
    }
    assert!(events < 5_000, "{events} events for 50000 runs");
}

#[test]
fn r42_metrics_are_the_programs_own_text_and_there_are_none_without() {
    let (server, _) = served();
    assert_eq!(get(server.address(), "/metrics").status, 404);
    let render = || "ember_runs_total{graph=\"lucky\"} 1\n".to_owned();
    let server = Serve::builder().metrics(render).build().unwrap().start().unwrap();
    let metrics = get(server.address(), "/metrics");
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!((metrics.status, metrics.body), (200, render()));
}
