//! What there is room for.

use std::time::Instant;

use crate::observe::EventKind;
use crate::observe::timeline::buffer::{Buffer, Said};
use crate::observe::timeline::record::Note;
use crate::observe::{Event, Observer, Timeline, What, emit};
use crate::{Context, ManualClock};

fn keep(buffer: &Buffer, thread: u32) {
    let note = Note::Told(EventKind::CacheHit, Box::default());
    buffer.keep(thread, || Said { at: Instant::now(), run: 0, attempt: 1, site: None, note });
}

#[test]
fn r37_a_timeline_keeps_so_much_and_counts_the_rest() {
    let buffer = Buffer::new(600);
    std::thread::scope(|scope| {
        for thread in 1..=4 {
            let buffer = &buffer;
            scope.spawn(move || (0..200).for_each(|_| keep(buffer, thread)));
        }
    });
    let (records, threads) = buffer.snapshot();
    assert_eq!((records.len(), buffer.len(), buffer.dropped()), (600, 600, 200));
    assert!(records.is_sorted_by(|a, b| a.place < b.place));
    assert!(threads.len() <= 4);

    buffer.clear();
    assert_eq!((buffer.snapshot().0.len(), buffer.dropped()), (0, 0));
    (0..601).for_each(|_| keep(&buffer, 1));
    assert_eq!((buffer.snapshot().0.len(), buffer.dropped()), (600, 1));
}

#[test]
fn what_is_told_outside_of_graphs_is_recorded_too() {
    let timeline = Timeline::new(10);
    let cx = Context::builder().clock(ManualClock::new()).observer(timeline.clone()).build();
    cx.scope(|| emit(|| What::CacheHit));
    let json: serde_json::Value = serde_json::from_str(&timeline.to_chrome_json()).unwrap();
    let hit = json["traceEvents"].as_array().unwrap().iter().find(|event| event["ph"] == "i").unwrap();
    assert_eq!(hit["name"], "CacheHit");
    assert!(timeline.runs().is_empty());
    assert!(timeline.to_svg().contains("No runs"));
}

#[test]
fn a_timeline_may_be_told_by_an_observer() {
    struct Through(Timeline);
    impl Observer for Through {
        fn event(&self, event: &Event<'_>) {
            self.0.event(event);
        }
    }
    let timeline = Timeline::new(0);
    let cx = Context::builder().observer(Through(timeline.clone())).build();
    cx.scope(|| emit(|| What::CacheHit));
    assert_eq!(timeline.dropped(), 1);
}
