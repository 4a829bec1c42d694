//! Whether two cores are free: others may share the machine.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::op::step;

/// How much two threads do beside each other, as a share of twice what one does alone: 1 if two cores are free, 1/2 if
/// there is but one.
pub(crate) fn scaling() -> f64 {
    let work = || {
        black_box(step(1, 2, 640_000));
    };
    let start = Instant::now();
    work();
    let alone = start.elapsed();
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    alone.as_secs_f64() / start.elapsed().as_secs_f64()
}

/// Waits, but not for ever, until scaling is good enough.
pub(crate) fn wait_for(scaling_wanted: f64) {
    for _ in 0..10 {
        if scaling() >= scaling_wanted {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
