//! The rounds: in each, every workload is run by all systems, one after the other in rotated order.

use std::time::Duration;

use crate::figures::{Figures, Key};
use crate::peers::Peer;
use crate::quiet;
use crate::sampling::{Plan, quantile};
use crate::workload::{Mode, Workload};

/// The input of every run.
pub(crate) const X: u64 = 12_345;
/// Long enough that threads of all pools sleep.
const PAUSE: Duration = Duration::from_micros(300);
/// A batch of runs takes about so many nanoseconds, so that reading the clock does not show.
const BATCH: f64 = 20_000.0;
/// A slot warms up for about so long.
const WARM_UP: f64 = 200_000.0;
/// A slot that found the cores taken is repeated so often.
const TRIES: usize = 3;

pub(crate) struct Rounds {
    pub(crate) count: usize,
    /// How long a system is sampled in each round and workload.
    pub(crate) budget: Duration,
    /// Slots during which two threads scaled worse than this do not count.
    pub(crate) quiet: Option<f64>,
}

impl Rounds {
    /// Runs all rounds. A figure is the median over rounds of the lower quartile of a round's samples.
    pub(crate) fn run(&self, workloads: &[Workload], peers: &[&'static Peer]) -> Figures {
        let mut figures = Figures::new();
        for round in 0..self.count {
            for (index, workload) in workloads.iter().enumerate() {
                progress(round * workloads.len() + index, self.count * workloads.len(), workload);
                for place in 0..peers.len() {
                    let peer = peers[(place + round + index) % peers.len()];
                    let (nanos, is_quiet) = self.slot(workload, peer);
                    figures.add(Key::new(workload, peer.name), nanos, is_quiet);
                }
            }
        }
        eprintln!();
        figures
    }

    /// The lower quartile of a system's samples, and whether the cores were free meanwhile.
    fn slot(&self, workload: &Workload, peer: &Peer) -> (f64, bool) {
        let Some(wanted) = self.quiet else {
            return (self.sample(workload, peer), true);
        };
        let mut nanos = f64::NAN;
        for _ in 0..TRIES {
            quiet::wait_for(wanted);
            nanos = self.sample(workload, peer);
            if quiet::scaling() >= wanted {
                return (nanos, true);
            }
        }
        (nanos, false)
    }

    fn sample(&self, workload: &Workload, peer: &Peer) -> f64 {
        let mut system = (peer.make)(workload.shape, workload.steps());
        let mut plan = Plan { warm_up: 1, batches: 2, runs: 1, ..plan(workload) };
        let mut cost = quantile(&mut system.sample(&plan), 0.0);
        if workload.mode == Mode::Hot {
            plan.runs = count(BATCH / cost.max(20.0), 1, 1_000);
            cost = quantile(&mut system.sample(&plan), 0.0);
        } else {
            plan.pause = Some(PAUSE);
        }
        let batch = cost * plan.runs as f64;
        let pause = plan.pause.map_or(0.0, |pause| pause.as_nanos() as f64);
        plan.warm_up = count(WARM_UP / batch, 2, 8);
        plan.batches = count(self.budget.as_nanos() as f64 / (batch + pause), 4, 300);
        quantile(&mut system.sample(&plan), 0.25)
    }
}

/// One run of a workload, and what it must give.
pub(crate) fn plan(workload: &Workload) -> Plan {
    let value = (workload.shape.plain)(X, workload.steps());
    Plan { warm_up: 0, batches: 1, runs: 1, pause: None, x: X, value }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn count(number: f64, least: usize, most: usize) -> usize {
    (number.ceil() as usize).clamp(least, most)
}

fn progress(done: usize, all: usize, workload: &Workload) {
    let Workload { shape, micros, mode } = workload;
    eprint!("\r{:3} % {} {micros} µs {}      ", 100 * done / all, shape.name, mode.name());
}
