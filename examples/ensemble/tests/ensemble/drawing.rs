//! How a timeline looks.

use std::time::Duration;

use crate::timeline::{Bar, End, Timeline, draw};

fn bar(label: &str, from: u64, to: u64, end: End) -> Bar {
    let (from, to) = (Duration::from_millis(from), Duration::from_millis(to));
    Bar { label: label.to_owned(), from, to, end }
}

#[test]
fn bars_stand_below_each_other_on_one_axis() {
    let bars = [
        bar("brisk", 0, 60, End::Done),
        bar("flaky", 0, 50, End::Failed("503: overloaded".to_owned())),
        bar("rank", 60, 60, End::Done),
        bar("judge", 60, 120, End::Dropped),
    ];
    assert_eq!(
        draw(&bars),
        "\
ms     0         20        40        60        80        100       120
brisk  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━                                  60 ms
flaky  ━━━━━━━━━━━━━━━━━━━━━━━━×                                       50 ms, failed: 503: overloaded
rank                                 ━                                  0 ms
judge                                ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┄    60 ms, dropped
"
    );
}

#[test]
fn every_bar_ends_in_the_same_column_whatever_it_is() {
    let bars = [
        bar("a", 0, 0, End::Done),
        bar("longer", 3_000, 3_000, End::Dropped),
        bar("größer", 1, 2_999, End::Failed("no".to_owned())),
    ];
    let drawn = draw(&bars);
    let columns: Vec<usize> = drawn
        .lines()
        .skip(1)
        .map(|line| line.find(" ms").map_or(0, |at| line[..at].chars().count()))
        .collect();
    assert_eq!(columns.len(), 3);
    assert!(columns.iter().all(|column| *column == columns[0]), "{drawn}");
}

#[test]
fn nothing_is_an_axis() {
    assert_eq!(draw(&[]).lines().count(), 1);
}

#[test]
fn work_and_its_end_are_noted() {
    let timeline = Timeline::start();
    assert_eq!(timeline.work("sum", || 1 + 1), 2);
    let bars = timeline.bars();
    assert_eq!((bars.len(), &*bars[0].label, &bars[0].end), (1, "sum", &End::Done));
}

#[tokio::test]
async fn what_is_waited_for_notes_how_it_ended() {
    let timeline = Timeline::start();
    let done = timeline.wait("done", async { Ok::<_, String>(1) }).await;
    let failed = timeline.wait("failed", async { Err::<u32, _>("no".to_owned()) }).await;
    let left = timeline.wait("left", std::future::pending::<Result<(), String>>());
    tokio::select! {
        biased;
        _ = left => {}
        () = async {} => {}
    }
    assert_eq!((done, failed), (Ok(1), Err("no".to_owned())));
    let ends: Vec<End> = timeline.bars().into_iter().map(|bar| bar.end).collect();
    assert_eq!(ends, [End::Done, End::Failed("no".to_owned()), End::Dropped]);
}
