//! Runs of `async` graphs, whole and in part.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use ember::Strategy;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::agree::{Case, Input, Outcome};
use crate::ops::{self, Tally};

/// A graph that waits, and its twins.
#[derive(Clone, Copy)]
pub struct WaitingCase {
    /// The graph, run to its end.
    pub case: Case,
    /// Its future.
    pub future: for<'i> fn(&'i Input) -> Pin<Box<dyn Future<Output = Outcome> + 'i>>,
    /// The future of the `async fn` with the same lines.
    pub twin: for<'i> fn(&'i Input) -> Pin<Box<dyn Future<Output = Outcome> + 'i>>,
}

/// Polls again and again, whoever was woken.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        thread::yield_now();
    }
}

/// How often a thread gives way to those that still have values of a run.
const PATIENCE: u32 = 1 << 22;

/// Waits for calls on other threads that have values of a run yet: one that failed leaves them behind.
fn settle(tally: &Tally) {
    let mut left = PATIENCE;
    while tally.made() != tally.dropped() && left > 0 {
        left -= 1;
        thread::yield_now();
    }
}

/// How long a run took by a clock that is paused, and how long its operators slept in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Times {
    took: Duration,
    slept: Duration,
}

impl Times {
    fn run(&mut self, seed: u64, runtime: &Runtime, run: impl Future<Output = Outcome>) -> Outcome {
        ops::sleep_from(seed);
        runtime.block_on(async {
            let start = Instant::now();
            let outcome = run.await;
            *self = Self { took: start.elapsed(), slept: ops::slept() };
            outcome
        })
    }
}

impl WaitingCase {
    /// Runs both on an input, the graph polled by hand. Gives what differs.
    ///
    /// # Errors
    /// What differs, with the source.
    pub fn check(&self, input: &Input, strategy: Strategy) -> Result<(), String> {
        let cx = ember::Context::builder().strategy(strategy).build();
        self.case.compare(input, |input| {
            let outcome = cx.scope(|| (self.case.graph)(input));
            settle(&input.tally);
            outcome
        })
    }

    /// Runs the graph and the `async fn` of the same lines in a runtime whose clock is paused, and their operators sleep.
    /// Gives what differs.
    ///
    /// # Errors
    /// What differs, with the source; or that a run took longer than its operators one after the other, or, in order, not
    /// as long.
    pub fn check_by_the_clock(
        &self,
        input: &Input,
        runtime: &Runtime,
        strategy: Strategy,
    ) -> Result<(), String> {
        let cx = ember::Context::builder().strategy(strategy).build();
        let seed = self.case.seed;
        let (mut of_twin, mut of_graph) = (Times::default(), Times::default());
        let mut is_whole = false;
        self.case.compare_with(
            input,
            |input| of_twin.run(seed, runtime, async { (self.twin)(input).await }),
            |input| {
                let outcome = of_graph.run(seed, runtime, async { cx.scope(|| (self.future)(input)).await });
                is_whole = outcome.is_ok();
                settle(&input.tally);
                outcome
            },
        )?;
        let in_order = is_whole && strategy == Strategy::Sequential;
        let Times { took, slept } = of_graph;
        if took > slept || in_order && took != slept || of_twin.took != of_twin.slept {
            let Case { name, source, .. } = self.case;
            return Err(format!("{name} took {of_graph:?}, and its twin {of_twin:?}\n{source}"));
        }
        if in_order && of_graph != of_twin {
            let Case { name, source, .. } = self.case;
            return Err(format!("{name} in order took {of_graph:?}, and its twin {of_twin:?}\n{source}"));
        }
        Ok(())
    }

    /// Drops the graph's future after so many polls. Gives whether it had come to its end.
    ///
    /// # Errors
    /// If a value was not dropped, or twice, with the source.
    pub fn drop_after(&self, polls: usize, input: &Input) -> Result<bool, String> {
        let input = Input { tally: Tally::default(), ..input.clone() };
        let mut over = false;
        {
            let mut future = (self.future)(&input);
            for _ in 0..polls {
                over = future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
                if over {
                    break;
                }
            }
        }
        settle(&input.tally);
        let (made, dropped) = (input.tally.made(), input.tally.dropped());
        if made == dropped {
            return Ok(over);
        }
        let Case { name, source, .. } = self.case;
        Err(format!(
            "{name}, dropped after {polls} polls, made {made} values and dropped {dropped}\n{source}"
        ))
    }
}
