//! A feed of events: an endless source, a consumer that takes its time, a graph for each event.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use ember::prelude::*;
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq)]
struct Event {
    id: u64,
    text: String,
}

/// Every third event is known at once, the others take a second or two.
#[operator]
async fn enrich(event: Event) -> Result<Event, String> {
    sleep(Duration::from_secs(event.id % 3)).await;
    if event.id == 5 {
        return Err("nothing is known of 5".to_owned());
    }
    Ok(Event { text: format!("{}!", event.text), ..event })
}

#[operator(inline)]
fn score(text: &str) -> usize {
    text.len()
}

graph! {
    async fn handled(event: Event) -> Result<(u64, usize), ember::Error> {
        let event = enrich(event).await?;
        let score = score(&event.text);
        Ok((event.id, score))
    }
}

/// Events without end, and how many were pulled.
fn source() -> (Arc<AtomicU64>, impl Iterator<Item = Event>) {
    let pulled = Arc::new(AtomicU64::new(0));
    let counts = pulled.clone();
    let events = (0..).map(move |id| {
        counts.fetch_add(1, SeqCst);
        Event { id, text: format!("event {id}") }
    });
    (pulled, events)
}

#[tokio::test(start_paused = true)]
async fn results_come_in_order_and_the_source_is_never_far_ahead() {
    let (pulled, events) = source();
    let mut results = handled::stream(events).in_flight(4).results();
    let (mut ids, mut failures) = (Vec::new(), Vec::new());
    for taken in 1..=12 {
        match results.next().await.expect("the source has no end") {
            Ok((id, _)) => ids.push(id),
            Err(error) => failures.push(format!("{error:#}")),
        }
        assert!(pulled.load(SeqCst) <= taken + 4, "{pulled:?} after {taken}");
        // Who takes his time is not overrun.
        sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(ids, [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
    assert_eq!(failures.len(), 1);
    assert!(
        failures[0]
            .ends_with("node `event` (operator `enrich`) of graph `handled` failed: nothing is known of 5")
    );
}

#[tokio::test(start_paused = true)]
async fn without_an_order_the_quick_ones_come_first() {
    let (_, events) = source();
    let start = Instant::now();
    let mut results = pin!(handled::stream(events.take(3)).unordered().results());
    let mut ids = Vec::new();
    while let Some(result) = results.next().await {
        ids.push((result.unwrap().0, start.elapsed().as_secs()));
    }
    assert_eq!(ids, [(0, 0), (1, 1), (2, 2)]);

    let (_, events) = source();
    let mut late = handled::stream(events.skip(1).take(3)).unordered().results();
    let mut ids = Vec::new();
    while let Some(result) = late.next().await {
        ids.push(result.unwrap().0);
    }
    assert_eq!(ids, [3, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_context_that_stops_ends_the_feed() {
    let cx = Context::builder().build();
    let (pulled, events) = source();
    let mut results = handled::stream(events).in_flight(2).context(&cx).results();
    assert_eq!(results.next().await.unwrap().unwrap().0, 0);
    cx.cancel();
    let mut last = None;
    while let Some(result) = results.next().await {
        last = Some(result);
    }
    assert!(last.expect("it says why it ends").is_err());
    assert!(pulled.load(SeqCst) <= 3);
}
