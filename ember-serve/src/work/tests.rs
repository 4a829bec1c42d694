use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::{NoAnswer, Work};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn who_asks_while_a_call_hangs_is_told_in_time_and_starts_no_other() {
    let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(2)));
    let (calls, hangs) = (begun.clone(), gate.clone());
    let work = Work::new(
        move || {
            calls.fetch_add(1, Ordering::Relaxed);
            hangs.wait();
        },
        Duration::from_millis(20),
    );
    assert_eq!(work.ask().await, Err(NoAnswer::Late));
    assert_eq!(work.ask().await, Err(NoAnswer::Late));
    assert_eq!(begun.load(Ordering::Relaxed), 1);
    gate.wait();
}

#[tokio::test]
async fn a_panic_is_told_and_the_next_call_is_made() {
    let calls = AtomicUsize::new(0);
    let work = Work::new(move || assert!(calls.fetch_add(1, Ordering::Relaxed) > 0, "at first"), LONG);
    assert_eq!(work.ask().await, Err(NoAnswer::Panicked));
    assert_eq!(work.ask().await, Ok(()));
}
