//! What graphs, events, health and metrics tell.

mod common;

use std::sync::Arc;

use common::{Listener, ask, get};
use ember::Context;
use ember_serve::{Counts, Serve, Server};

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
    let counts = Arc::new(Counts::default());
    let cx = Context::builder().observer(counts.clone()).correlation_id("id-7").build();
    (Serve::builder().title("shop").counts(counts).build().unwrap().start().unwrap(), cx)
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
    assert_eq!(node["last_failure"]["correlation_id"], "id-7");
    assert!(node["last_failure"]["text"].as_str().unwrap().contains("<b>13</b> \"is\" unlucky"));
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
}

#[test]
fn r42_who_hears_of_no_change_hears_a_beat() {
    let (server, _) = served();
    let mut listener = Listener::new(server.address());
    assert_eq!(listener.next().unwrap().0, "change");
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
fn r42_metrics_are_in_the_format_of_prometheus() {
    let (server, cx) = served();
    cx.scope(|| lucky(4)).unwrap();
    cx.scope(|| lucky(13)).unwrap_err();
    let metrics = get(server.address(), "/metrics");
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let has = |line: &str| {
        assert!(metrics.body.lines().any(|told| told == line), "{line} is not in\n{}", metrics.body);
    };
    has("# TYPE ember_runs_total counter");
    has("ember_runs_total{graph=\"lucky\",end=\"failed\"} 1");
    has("ember_nodes_total{graph=\"lucky\",node=\"n\",operator=\"checked\",end=\"finished\"} 1");
    has("ember_ready 1");
}

#[test]
fn r42_health_is_json_or_text_as_is_wanted() {
    let (server, _) = served();
    let json = get(server.address(), "/health/ready");
    assert_eq!((json.status, &json.json()["status"]), (200, &"ready".into()));
    let text = ask(server.address(), "GET /health/ready", &["Host: localhost", "Accept: text/plain"]);
    assert_eq!((text.status, text.body.as_str()), (200, "ready\n"));
    let live = ask(server.address(), "GET /health/live", &["Host: localhost", "Accept: text/plain, */*"]);
    assert_eq!(live.body, "live\n");
}
