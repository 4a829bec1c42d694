//! Waits for room in a budget of memory stand wherever those for permits do, at the node whose call waited.
#![allow(
    clippy::float_cmp,
    clippy::unnecessary_wraps,
    reason = "the operators are as plain as can be, and the numbers are counts, and seconds that floats have exactly"
)]

use std::thread;
use std::time::Duration;

use ember::observe::{Advice, EventKind, Recorder, Statistics, Timeline};
use ember::policy::MemoryBudget;
use ember::{ManualClock, TokioClock, prelude::*};
use ember_tests::metered::Metered;
use tokio::time::sleep;

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[operator(memory = "1KiB")]
async fn heavy(seconds: u64) -> Result<u64, Down> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(seconds)
}

#[operator(memory = "1KiB")]
fn heavy_here(n: u64) -> Result<u64, Down> {
    Ok(n)
}

graph! {
    async fn in_turn(seconds: u64) -> Result<u64, ember::Error> {
        let first = heavy(seconds).await?;
        let second = heavy(seconds).await?;
        Ok(first + second)
    }

    fn here(n: u64) -> Result<u64, ember::Error> {
        let answer = heavy_here(n)?;
        Ok(answer)
    }

    fn plain(text: String) -> Result<usize, ember::Error> {
        Ok(text.len())
    }
}

/// With room for one call, and for none but it.
fn budget() -> MemoryBudget {
    MemoryBudget::builder().bytes(1500).build().unwrap()
}

/// Until somebody waits for room and for the time when that is over.
fn until_waiting(budget: &MemoryBudget, clock: &ManualClock, is_over: impl Fn() -> bool) {
    while budget.waiting() == 0 {
        assert!(!is_over(), "nobody waits for room");
        thread::yield_now();
    }
    clock.until_waiting(1);
}

#[tokio::test(start_paused = true)]
async fn r30_a_wait_for_memory_is_told_counted_and_judged() {
    let (recorder, statistics, metered, timeline) =
        (Recorder::new(1000), Statistics::new(), Metered::default(), Timeline::new(1000));
    let cx = metered.context().clock(TokioClock).memory(&budget());
    let cx = cx.observer(recorder.clone()).observer(statistics.clone()).observer(timeline.clone()).build();
    for _ in 0..20 {
        assert_eq!(cx.scope(|| in_turn(4)).await.unwrap(), 8);
    }

    let events = recorder.events();
    let waits: Vec<_> = events.iter().filter(|event| event.kind == EventKind::MemoryWaited).collect();
    assert_eq!(waits.len(), 20);
    for waited in waits {
        assert_eq!((&*waited.node, waited.took), ("second", Some(Duration::from_secs(4))));
        assert!(waited.text.ends_with("waited 4s for memory"), "{}", waited.text);
    }

    let profile = in_turn::explain().with(&statistics);
    let second = &profile.statistics().unwrap().nodes[1];
    assert_eq!((second.memory_waits, second.memory_refused), (20, 0));
    assert_eq!(second.memory_time, Duration::from_secs(80));
    assert!(profile.to_string().contains("  second  20 waits for memory (80.0s)"), "{profile}");
    assert!(profile.advice().contains(&Advice::MemoryWaits { node: "second", share: 0.5 }), "{profile}");

    let (scraped, labels) = (metered.scrape(), "graph=\"in_turn\",node=\"second\",operator=\"heavy\"");
    assert_eq!(scraped.times("ember_memory_wait_seconds", labels), (20.0, 80.0));
    assert_eq!(scraped.number(&format!("ember_memory_refused_total{{{labels}}}")), 0.0);

    let path = timeline.critical_path(timeline.runs()[0]).unwrap();
    let [node] = &path.nodes[..] else { panic!("{path:?}") };
    assert_eq!((node.took, node.waited), (Duration::from_secs(8), Duration::from_secs(4)));
    assert!(timeline.to_svg().contains("<rect class=\"et-memory\""));
    assert!(timeline.to_chrome_json().contains("\"waits for memory\""));
}

#[test]
fn r30_a_thread_that_waits_for_memory_in_vain_is_told_by_the_contexts_clock() {
    let (recorder, clock) = (Recorder::new(100), ManualClock::new());
    let budget = MemoryBudget::builder().bytes(1500).max_wait(Duration::from_secs(3)).build().unwrap();
    let cx = Context::builder().observer(recorder.clone()).clock(clock.clone()).memory(&budget).build();
    let room = budget.admit(1000).unwrap();
    thread::scope(|scope| {
        let run = scope.spawn(|| cx.scope(|| here(7)));
        until_waiting(&budget, &clock, || run.is_finished());
        clock.advance(Duration::from_secs(3));
        assert!(run.join().unwrap().unwrap_err().is_limited());
    });
    drop(room);
    assert_eq!(cx.scope(|| here(7)).unwrap(), 7, "what finds room does not wait");
    let large = MemoryBudget::builder().bytes(10).build().unwrap();
    let cx = Context::builder().observer(recorder.clone()).clock(clock).memory(&large).build();
    assert!(cx.scope(|| here(7)).unwrap_err().is_limited());

    let events = recorder.events();
    let waits: Vec<_> = events
        .iter()
        .filter(|event| event.kind == EventKind::MemoryWaited)
        .map(|event| (&*event.node, event.took))
        .collect();
    let late = Some(Duration::from_secs(3));
    assert_eq!(waits, [("answer", late), ("answer", Some(Duration::ZERO))]);
    assert!(events.iter().any(|event| event.text.ends_with("waited 3s for memory in vain")));
}

#[test]
fn r30_of_inputs_that_wait_nothing_is_told() {
    let recorder = Recorder::new(1000);
    let budget = MemoryBudget::builder().bytes(100).max_wait(Duration::from_secs(3)).build().unwrap();
    let clock = ManualClock::new();
    let cx = Context::builder().observer(recorder.clone()).clock(clock.clone()).build();
    let room = budget.admit(50).unwrap();
    let inputs = [String::with_capacity(60)];
    thread::scope(|scope| {
        let batch = scope.spawn(|| cx.scope(|| plain::batch(inputs).memory(&budget).run()));
        until_waiting(&budget, &clock, || batch.is_finished());
        clock.advance(Duration::from_secs(3));
        batch.join().unwrap();
    });
    drop(room);
    assert_eq!(budget.refused(), 1);
    assert!(recorder.events().iter().all(|event| event.kind != EventKind::MemoryWaited));
}
