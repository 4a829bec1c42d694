//! Timelines of runs on threads.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::fs;
use std::sync::Barrier;
use std::time::Duration;

use ember::observe::{EventKind, Recorder, SaveError, Timeline};
use ember::{ManualClock, prelude::*};
use serde_json::Value;

#[derive(Debug, thiserror::Error)]
#[error("{0} is not wanted")]
struct Unwanted(&'static str);

#[operator]
fn takes(clock: &ManualClock, seconds: u64) -> u64 {
    clock.advance(Duration::from_secs(seconds));
    seconds
}

#[operator]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

#[operator]
fn even(n: u64) -> Result<u64, Unwanted> {
    if n.is_multiple_of(2) { Ok(n) } else { Err(Unwanted("an odd number")) }
}

#[operator]
fn meet(barrier: &Barrier) -> u64 {
    barrier.wait();
    1
}

#[operator]
fn saved(timeline: &Timeline) -> String {
    timeline.to_chrome_json()
}

/// Fails twice for each value, and takes a second each time.
#[operator(idempotent, retry(attempts = 3, backoff = constant("2s"), jitter = none))]
fn third_time(clock: &ManualClock, tries: &std::sync::atomic::AtomicU64) -> Result<u64, Unwanted> {
    clock.advance(Duration::from_secs(1));
    match tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 | 1 => Err(Unwanted("</text><script>")),
        tries => Ok(tries),
    }
}

graph! {
    fn diamond(clock: &ManualClock) -> u64 {
        let top = takes(clock, 1);
        let slow = takes(clock, top + 2);
        let quick = takes(clock, top);
        let sum = add(slow, quick);
        sum
    }

    fn outer(clock: &ManualClock) -> u64 {
        let before = takes(clock, 1);
        let within = inner(clock, before);
        takes(clock, within)
    }

    fn inner(clock: &ManualClock, n: u64) -> u64 {
        let first = takes(clock, n);
        takes(clock, first + 1)
    }

    fn items(clock: &ManualClock, ns: &[u64]) -> u64 {
        let took = for n in ns { takes(clock, *n) };
        let sum = took.into_iter().sum();
        takes(clock, sum)
    }

    fn meeting(barrier: &Barrier) -> u64 {
        let left = meet(barrier);
        let right = meet(barrier);
        add(left, right)
    }

    fn sums(ns: &[u64]) -> u64 {
        let made = for n in ns {
            let once = add(*n, 1);
            add(once, 1)
        };
        made.into_iter().sum()
    }

    fn fails(n: u64) -> Result<u64, ember::Error> {
        let sum = add(n, 1);
        let same = even(sum)?;
        Ok(same)
    }

    fn again(clock: &ManualClock, tries: &std::sync::atomic::AtomicU64) -> Result<u64, ember::Error> {
        let third = third_time(clock, tries)?;
        Ok(third)
    }

    fn looks(timeline: &Timeline) -> String {
        let text = saved(timeline);
        text
    }
}

fn observed(timeline: &Timeline, clock: &ManualClock, strategy: Strategy) -> Context {
    let cx = Context::builder().clock(clock.clone()).strategy(strategy).correlation_id("order-17");
    cx.observer(timeline.clone()).build()
}

fn events(timeline: &Timeline) -> Vec<Value> {
    let json: Value = serde_json::from_str(&timeline.to_chrome_json()).expect("JSON");
    json["traceEvents"].as_array().expect("events").clone()
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["name"] == name && event["ph"] != "M").collect()
}

/// The nodes of the critical path with what they took in seconds, once it is known that all adds up.
fn path(timeline: &Timeline, run: u64) -> Vec<(String, u64)> {
    let path = timeline.critical_path(run).expect("a run that is over");
    let sum: Duration = path.nodes.iter().map(|node| node.before + node.took).sum();
    assert_eq!(sum + path.after, path.took);
    path.nodes.iter().map(|node| (node.site.node().into_owned(), node.took.as_secs())).collect()
}

fn nanos(value: &Value) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole nanoseconds")]
    let nanos = (value.as_f64().expect("a time") * 1000.0).round() as u64;
    nanos
}

/// On each thread bars stand within each other: readers cannot tell what ends otherwise.
fn assert_nested(events: &[Value]) {
    let mut bars: Vec<(u64, u64, u64)> = events
        .iter()
        .filter(|event| event["ph"] == "X")
        .map(|event| {
            let from = nanos(&event["ts"]);
            (event["tid"].as_u64().expect("a thread"), from, from + nanos(&event["dur"]))
        })
        .collect();
    // Stable, as readers sort.
    bars.sort_by_key(|&(thread, from, _)| (thread, from));
    let mut open: Vec<(u64, u64)> = Vec::new();
    for (thread, from, to) in bars {
        open.retain(|&(other, end)| other == thread && end > from);
        assert!(open.iter().all(|&(_, end)| to <= end), "{thread}: {from} to {to} in {open:?}");
        open.push((thread, to));
    }
}

#[test]
fn the_critical_path_is_the_slow_one() {
    let (timeline, clock) = (Timeline::new(1000), ManualClock::new());
    let cx = observed(&timeline, &clock, Strategy::Sequential);
    assert_eq!(cx.scope(|| diamond(&clock)), 4);
    let [run] = timeline.runs()[..] else { panic!("one run") };
    // In order, so `quick` ended last of the two.
    assert_eq!(path(&timeline, run), [("top".into(), 1), ("quick".into(), 1), ("sum".into(), 0)]);
    let whole = timeline.critical_path(run).unwrap();
    assert_eq!((whole.graph, whole.took), ("diamond", Duration::from_secs(5)));
    assert_eq!(whole.nodes[1].before, Duration::from_secs(3));
    assert!(timeline.critical_path(run + 1).is_none());
}

#[test]
fn items_and_glue_lie_on_a_critical_path() {
    let (timeline, clock) = (Timeline::new(1000), ManualClock::new());
    let cx = observed(&timeline, &clock, Strategy::Sequential);
    cx.scope(|| items(&clock, &[3, 1]));
    let [run] = timeline.runs()[..] else { panic!("one run") };
    let path = path(&timeline, run);
    assert_eq!(path.len(), 2, "{path:?}");
    assert_eq!(path[0], ("took[1]".into(), 1));
}

#[test]
fn graphs_in_graphs_stand_below_the_nodes_that_call_them() {
    let (timeline, clock) = (Timeline::new(1000), ManualClock::new());
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        timeline.clear();
        let cx = observed(&timeline, &clock, strategy);
        cx.scope(|| outer(&clock));
        let [run] = timeline.runs()[..] else { panic!("the inner run is no outermost one") };
        let events = events(&timeline);
        assert_nested(&events);
        assert_eq!(named(&events, "inner").len(), 1);
        let inner = named(&events, "inner")[0]["args"]["run"].as_u64().unwrap();
        assert_eq!(path(&timeline, inner).len(), 2);
        assert_eq!(path(&timeline, run).len(), 3);
        assert_eq!(path(&timeline, run)[1], ("within".into(), 3));
    }
}

#[test]
fn each_thread_has_its_track() {
    let (timeline, clock, barrier) = (Timeline::new(1000), ManualClock::new(), Barrier::new(2));
    let cx = observed(&timeline, &clock, Strategy::Parallel);
    assert_eq!(cx.scope(|| meeting(&barrier)), 2);
    let events = events(&timeline);
    let threads: Vec<&Value> = ["left", "right"].iter().map(|name| &named(&events, name)[0]["tid"]).collect();
    assert_ne!(threads[0], threads[1]);
    for thread in threads {
        let is_name = |event: &&Value| event["name"] == "thread_name" && event["tid"] == *thread;
        assert_eq!(events.iter().filter(is_name).count(), 1);
    }
    let svg = timeline.to_svg();
    roxmltree::Document::parse(&svg).expect("XML");
    assert_eq!(svg.matches("class=\"et-thread\"").count(), 2);
}

#[test]
fn r13_a_timeline_has_each_node_of_many_parallel_runs_once() {
    let (timeline, recorder) = (Timeline::new(100_000), Recorder::new(100_000));
    let cx = Context::builder().strategy(Strategy::Parallel);
    let cx = cx.observer(timeline.clone()).observer(recorder.clone()).build();
    let ns: Vec<u64> = (0..50).collect();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| cx.scope(|| (0..20).for_each(|_| assert_eq!(sums(&ns), 1325))));
        }
    });
    let events = events(&timeline);
    assert_nested(&events);
    let of_nodes = |event: &&Value| event["args"]["node"].is_string();
    let started = recorder.events().iter().filter(|event| event.kind == EventKind::NodeStarted).count();
    assert_eq!((events.iter().filter(of_nodes).count(), started), (6000, 6000));
    assert_eq!(timeline.runs().len(), 60);
    assert!(timeline.runs().into_iter().all(|run| path(&timeline, run).len() == 2));
}

#[test]
fn batches_are_recorded_run_by_run() {
    let timeline = Timeline::new(10_000);
    let cx = Context::builder().observer(timeline.clone()).build();
    let report = fails::batch(0..10).context(&cx).run();
    drop(report);
    assert_eq!(timeline.runs().len(), 10);
    let events = events(&timeline);
    assert_nested(&events);
    let failed = |event: &&Value| event["cat"] == "run" && event["args"]["outcome"] == "failed";
    assert_eq!(events.iter().filter(failed).count(), 5);
}

#[test]
fn failures_tell_what_they_are() {
    let (timeline, clock) = (Timeline::new(1000), ManualClock::new());
    let cx = observed(&timeline, &clock, Strategy::Sequential);
    cx.scope(|| fails(2)).unwrap_err();
    let events = events(&timeline);
    let arguments = &named(&events, "same")[0]["args"];
    assert_eq!(arguments["outcome"], "failed");
    assert_eq!(arguments["operator"], "even");
    assert_eq!(arguments["correlation_id"], "order-17");
    assert!(arguments["error"].as_str().unwrap().contains("an odd number is not wanted"));
    let svg = timeline.to_svg();
    assert!(svg.contains("data-label=\"✕ same\"") && svg.contains("of which 1 failed"));
}

#[test]
fn attempts_and_the_waits_between_them_are_told_apart() {
    let (timeline, clock) = (Timeline::new(1000), ManualClock::new());
    let cx = observed(&timeline, &clock, Strategy::Sequential);
    let tries = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..2 {
                clock.until_waiting(1);
                clock.advance(Duration::from_secs(2));
            }
        });
        assert_eq!(cx.scope(|| again(&clock, &tries)).unwrap(), 2);
    });
    let events = events(&timeline);
    let waits = named(&events, "waits before the next attempt");
    let times: Vec<(u64, u64)> = waits
        .iter()
        .map(|wait| (nanos(&wait["ts"]) / 1_000_000_000, nanos(&wait["dur"]) / 1_000_000_000))
        .collect();
    assert_eq!(times, [(1, 2), (4, 2)]);
    assert_eq!(named(&events, "AttemptFailed").len(), 2);
    assert_eq!(named(&events, "third")[0]["args"]["attempts"], 3);
    assert_nested(&events);

    let node = &timeline.critical_path(timeline.runs()[0]).unwrap().nodes[0];
    assert_eq!((node.took, node.waited), (Duration::from_secs(7), Duration::from_secs(4)));

    let svg = timeline.to_svg();
    let picture = roxmltree::Document::parse(&svg).expect("XML");
    let parts =
        |class| picture.descendants().filter(move |part| part.attribute("class") == Some(class)).count();
    // One of each stands in the legend.
    assert_eq!((parts("et-backoff"), parts("et-attempt")), (3, 2));
    assert!(timeline.to_html().contains("third (3 attempts)"));
}

#[test]
fn a_run_that_is_not_over_is_shown_so() {
    let (timeline, clock) = (Timeline::new(1000), ManualClock::new());
    let cx = observed(&timeline, &clock, Strategy::Sequential);
    let meanwhile: Value = serde_json::from_str(&cx.scope(|| looks(&timeline))).expect("JSON");
    let bars = meanwhile["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X");
    assert!(bars.clone().count() == 2 && bars.clone().all(|bar| bar["args"]["outcome"] == "not over"));
    assert!(timeline.critical_path(timeline.runs()[0]).is_some());
}

#[test]
fn r37_what_there_is_no_room_for_is_told() {
    let (timeline, clock) = (Timeline::new(5), ManualClock::new());
    let cx = observed(&timeline, &clock, Strategy::Sequential);
    cx.scope(|| diamond(&clock));
    assert_eq!(timeline.dropped(), 5);
    assert!(timeline.critical_path(timeline.runs()[0]).is_none());
    assert!(timeline.to_svg().contains("For 5 events there was no room."));
    assert!(timeline.to_chrome_json().contains("\"dropped_events\":5"));
}

#[test]
fn a_picture_of_many_bars_shows_the_longest_and_those_that_failed() {
    let timeline = Timeline::new(100_000);
    let cx = Context::builder().strategy(Strategy::Sequential).observer(timeline.clone()).build();
    let ns: Vec<u64> = (0..3000).collect();
    cx.scope(|| sums(&ns));
    cx.scope(|| fails(2)).unwrap_err();
    let svg = timeline.to_svg();
    assert_eq!(svg.matches("<g class=\"et-bar\">").count(), 4000);
    assert!(svg.contains("2004 shorter bars are left out.") && svg.contains("✕ same"));
    assert!(svg.len() < 4_000_000, "{}", svg.len());
}

#[test]
fn files_are_written_as_their_names_say() {
    let timeline = Timeline::new(100);
    let folder = tempfile::tempdir().unwrap();
    for (name, begins) in [("a.json", "{\"traceEvents\""), ("a.svg", "<svg"), ("a.HTML", "<!doctype html>")] {
        let file = folder.path().join(name);
        fs::write(&file, "before").unwrap();
        timeline.save(&file).unwrap();
        assert!(fs::read_to_string(&file).unwrap().starts_with(begins));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);

    let error = timeline.save(folder.path().join("a.txt")).unwrap_err();
    assert!(matches!(error, SaveError::UnknownFormat { .. }));
    let error = timeline.save(folder.path().join("nowhere/a.svg")).unwrap_err();
    assert!(matches!(&error, SaveError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound));
    assert!(error.to_string().contains("nowhere/a.svg"));
}
