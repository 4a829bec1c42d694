//! How a system is timed: batches of runs, back to back or each behind a pause.

use std::hint::{black_box, spin_loop};
use std::time::{Duration, Instant};

/// What a sample of a system consists of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Batches before the first that counts.
    pub(crate) warm_up: usize,
    /// Batches that count.
    pub(crate) batches: usize,
    /// Runs in each.
    pub(crate) runs: usize,
    /// How long the caller is busy elsewhere before each batch, so that threads of a pool fall asleep.
    pub(crate) pause: Option<Duration>,
    /// The input of the graph.
    pub(crate) x: u64,
    /// What it makes of it.
    pub(crate) value: u64,
}

/// Times the batches of a plan. A system loops over [`batch`](Meter::batch), [`start`](Meter::start), its runs and
/// [`stop`](Meter::stop); what must be made anew for each run is made before `start`.
pub(crate) struct Meter<'a> {
    plan: &'a Plan,
    begun: usize,
    start: Instant,
    times: Vec<f64>,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self { plan, begun: 0, start: Instant::now(), times: Vec::with_capacity(plan.batches) }
    }

    /// How many runs the next batch has, if there is one.
    #[inline(always)]
    pub(crate) fn batch(&mut self) -> Option<usize> {
        let is_left = self.begun < self.plan.warm_up + self.plan.batches;
        self.begun += 1;
        is_left.then_some(self.plan.runs)
    }

    /// The input, which the compiler cannot see through.
    #[inline(always)]
    pub(crate) fn x(&self) -> u64 {
        black_box(self.plan.x)
    }

    #[inline(always)]
    pub(crate) fn start(&mut self) {
        if let Some(pause) = self.plan.pause {
            let start = Instant::now();
            while start.elapsed() < pause {
                spin_loop();
            }
        }
        self.start = Instant::now();
    }

    /// Ends a batch with the value of its last run.
    ///
    /// # Panics
    /// If the value is wrong.
    #[inline(always)]
    pub(crate) fn stop(&mut self, value: u64) {
        let time = self.start.elapsed();
        assert_eq!(value, self.plan.value, "a wrong result");
        if self.begun > self.plan.warm_up {
            self.times.push(time.as_nanos() as f64 / self.plan.runs as f64);
        }
    }

    /// Nanoseconds a run, for each batch that counts.
    pub(crate) fn into_times(self) -> Vec<f64> {
        self.times
    }
}

/// Samples a function.
#[inline(always)]
pub(crate) fn drive(plan: &Plan, mut run: impl FnMut(u64) -> u64) -> Vec<f64> {
    let mut meter = Meter::new(plan);
    while let Some(runs) = meter.batch() {
        meter.start();
        let mut value = 0;
        for _ in 0..runs {
            value = black_box(run(meter.x()));
        }
        meter.stop(value);
    }
    meter.into_times()
}

/// The value below which a share of the values lie.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = ((values.len() - 1) as f64 * share) as usize;
    values[index]
}

/// The middle value, or the mean of the two middle ones.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}
