//! Who watches a batch is told how far it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use ember::prelude::*;
use ember::{ManualClock, Progress};

#[operator]
fn ticks(clock: &ManualClock, n: u32) -> Result<(), String> {
    clock.advance(Duration::from_millis(60));
    if n % 4 == 3 { Err("every fourth".into()) } else { Ok(()) }
}

graph! {
    fn tick(clock: &ManualClock, n: u32) -> Result<(), ember::Error> {
        ticks(clock, n)?;
        Ok(())
    }
}

#[test]
fn r33_progress_is_told_at_most_so_often_and_at_the_end() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).strategy(Strategy::Sequential).build();
    let seen = Mutex::new(Vec::new());
    let report = tick::batch((0..8).map(|n| (&clock, n)))
        .context(&cx)
        .in_flight(1)
        .progress(|progress: &Progress| seen.lock().unwrap().push(*progress))
        .run();
    assert_eq!(report.errors().len(), 2);
    let seen = seen.into_inner().unwrap();
    let told: Vec<_> = seen.iter().map(|p| (p.done, p.failed, p.elapsed.as_millis(), p.finished)).collect();
    let expected =
        [(2, 0, 120, false), (4, 1, 240, false), (6, 1, 360, false), (8, 2, 480, false), (8, 2, 480, true)];
    assert_eq!(told, expected);
    assert!(seen.iter().all(|progress| progress.total == Some(8)));
    assert_eq!(seen[1].rate().map(f64::round), Some(17.0));
    assert_eq!(seen[1].left(), Some(Duration::from_millis(240)));
}

#[test]
fn r33_who_watches_and_panics_ends_the_batch() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).build();
    let batch = tick::batch((0..1000).map(|n| (&clock, n))).context(&cx).progress(|_| panic!("enough"));
    let payload = catch_unwind(AssertUnwindSafe(|| batch.run())).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"enough"));
}
