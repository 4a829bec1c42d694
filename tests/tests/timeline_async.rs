//! Timelines of `async` runs, whose nodes wait on no thread.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::collections::BTreeMap;
use std::time::Duration;

use ember::observe::Timeline;
use ember::{TokioClock, prelude::*};
use serde_json::Value;
use tokio::time::{sleep, timeout};

#[operator]
async fn after(seconds: u64) -> u64 {
    sleep(Duration::from_secs(seconds)).await;
    seconds
}

#[operator(concurrency = 1)]
async fn one_at_a_time(seconds: u64) -> Result<u64, std::num::ParseIntError> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(seconds)
}

#[operator]
fn sum(a: u64, b: u64) -> u64 {
    a + b
}

graph! {
    async fn both(n: u64) -> u64 {
        let short = after(n).await;
        let long = after(n + 2).await;
        let together = sum(short, long);
        together
    }

    async fn outer(n: u64) -> Vec<u64> {
        let all = for more in 0..3 { both(n + more).await };
        all
    }

    async fn turns(n: u64) -> Result<Vec<u64>, ember::Error> {
        let all = for more in 0..3_u64 { one_at_a_time(n + more).await? };
        Ok(all)
    }
}

fn observed() -> (Timeline, Context) {
    let timeline = Timeline::new(1000);
    let cx =
        Context::builder().clock(TokioClock).strategy(Strategy::Parallel).observer(timeline.clone()).build();
    (timeline, cx)
}

fn events(timeline: &Timeline) -> Vec<Value> {
    let json: Value = serde_json::from_str(&timeline.to_chrome_json()).expect("JSON");
    json["traceEvents"].as_array().expect("events").clone()
}

/// By id, what begins and ends on a track of its own, in microseconds; each ends as it began.
fn tracks(events: &[Value]) -> BTreeMap<String, (String, u64, u64)> {
    let mut tracks = BTreeMap::new();
    let mut open = BTreeMap::<String, Vec<(String, u64)>>::new();
    for event in events {
        let name = event["name"].as_str().unwrap().to_owned();
        let id = || event["id"].as_str().unwrap().to_owned();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole microseconds")]
        let at = event["ts"].as_f64().unwrap_or(0.0) as u64;
        match event["ph"].as_str().unwrap() {
            "b" => open.entry(id()).or_default().push((name, at)),
            "e" => {
                let (began, from) = open.get_mut(&id()).and_then(Vec::pop).expect("it has begun");
                assert_eq!(began, name);
                tracks.insert(id(), (name, from, at));
            }
            _ => {}
        }
    }
    assert!(open.values().all(Vec::is_empty));
    tracks
}

fn run<T>(cx: &Context, future: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    // The future is made in the context, and takes it along.
    cx.scope(|| runtime.block_on(future))
}

#[test]
fn what_waits_has_tracks_of_its_own() {
    let (timeline, cx) = observed();
    assert_eq!(run(&cx, async { both(1).await }), 4);
    let events = events(&timeline);
    let tracks = tracks(&events);
    let times: Vec<(&str, u64)> =
        tracks.values().map(|(name, from, to)| (name.as_str(), (to - from) / 1_000_000)).collect();
    assert!([("both", 3), ("short", 1), ("long", 3)].iter().all(|track| times.contains(track)), "{times:?}");
    let path = timeline.critical_path(timeline.runs()[0]).unwrap();
    let names: Vec<_> = path.nodes.iter().map(|node| node.site.node()).collect();
    assert_eq!(names, ["long", "together"]);
    assert!(timeline.to_svg().contains("waiting, on no thread"));
}

#[test]
fn graphs_that_wait_in_graphs_know_their_callers() {
    let (timeline, cx) = observed();
    assert_eq!(run(&cx, async { outer(1).await }), [4, 6, 8]);
    let [run] = timeline.runs()[..] else { panic!("one outermost run") };
    let path = timeline.critical_path(run).unwrap();
    assert_eq!(path.nodes.iter().map(|node| node.site.node()).collect::<Vec<_>>(), ["all[2]"]);
    let svg = timeline.to_svg();
    let picture = roxmltree::Document::parse(&svg).expect("XML");
    // The outer run with its node, and the run that this called with two of its own.
    let critical = |part: &roxmltree::Node<'_, '_>| part.attribute("class") == Some("et-frame");
    assert_eq!(picture.descendants().filter(critical).count(), 1 + 1 + 2);
}

#[test]
fn waits_for_permits_stand_within_their_nodes() {
    let (timeline, cx) = observed();
    assert_eq!(run(&cx, async { turns(1).await }).unwrap(), [1, 2, 3]);
    let events = events(&timeline);
    let waits = events.iter().filter(|event| event["name"] == "waits for a permit" && event["ph"] == "b");
    assert_eq!(waits.count(), 2);
    tracks(&events);
    let path = timeline.critical_path(timeline.runs()[0]).unwrap();
    let [node] = &path.nodes[..] else { panic!("{path:?}") };
    assert_eq!((node.took, node.waited), (Duration::from_secs(6), Duration::from_secs(3)));
}

#[test]
fn a_run_that_is_dropped_is_cancelled() {
    let (timeline, cx) = observed();
    run(&cx, async { timeout(Duration::from_secs(1), both(5)).await }).unwrap_err();
    let events = events(&timeline);
    let cancelled = events.iter().filter(|event| event["args"]["outcome"] == "cancelled");
    assert_eq!(cancelled.count(), 3);
    assert!(timeline.to_svg().contains("class=\"et-cancelled\" x=\"0.00\""));
}
