use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::{NoAnswer, Work};

const LONG: Duration = Duration::from_mins(1);

/// Work that hangs until somebody comes to the gate, and how often it was begun.
fn hanging(limit: Duration) -> (Work<usize>, Arc<AtomicUsize>, Arc<Barrier>) {
    let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(2)));
    let (calls, hangs) = (begun.clone(), gate.clone());
    let call = move || {
        let number = calls.fetch_add(1, Ordering::Relaxed);
        hangs.wait();
        number
    };
    (Work::new(call, limit), begun, gate)
}

#[tokio::test]
async fn who_asks_while_a_call_hangs_is_told_in_time_and_starts_no_other() {
    let (work, begun, gate) = hanging(Duration::from_millis(20));
    // Longer than the thread needs to begin, or the limit of several calls.
    while begun.load(Ordering::Relaxed) == 0 {
        assert_eq!(work.ask().await, Err(NoAnswer::Late));
    }
    assert_eq!(work.ask().await, Err(NoAnswer::Late));
    assert_eq!(begun.load(Ordering::Relaxed), 1);
    gate.wait();
}

#[tokio::test]
async fn who_asks_while_a_call_is_under_way_shares_its_answer() {
    let (work, begun, gate) = hanging(LONG);
    let (one, other, ()) = tokio::join!(work.ask(), work.ask(), async {
        gate.wait();
    });
    assert_eq!((one, other), (Ok(0), Ok(0)));
    let (next, ()) = tokio::join!(work.ask(), async {
        gate.wait();
    });
    assert_eq!(next, Ok(1), "what was said before is not kept");
    assert_eq!(begun.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_panic_is_told_and_the_next_call_is_made() {
    let calls = AtomicUsize::new(0);
    let work = Work::new(move || assert!(calls.fetch_add(1, Ordering::Relaxed) > 0, "at first"), LONG);
    assert_eq!(work.ask().await, Err(NoAnswer::Panicked));
    assert_eq!(work.ask().await, Ok(()));
}
