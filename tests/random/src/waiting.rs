//! Runs of `async` graphs, whole and in part.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use ember::Strategy;
use tokio::runtime::Runtime;
use tokio::time::{Instant, timeout};

use crate::agree::{Case, Input, Outcome, wrong_drops};
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

/// How often a thread gives way to those that still work for a run.
const PATIENCE: u32 = 1 << 22;

/// Waits for calls on other threads, which a run that ended early leaves behind: they have values of it, or make some yet.
fn settle(tally: &Tally) {
    let mut left = PATIENCE;
    while tally.is_shared() && left > 0 {
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
        let in_order = is_whole && !self.calls_again() && strategy == Strategy::Sequential;
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

    /// Whether some of its calls run against each other: how long they take together depends on which is the first.
    fn calls_again(&self) -> bool {
        ["#[hedge(", "race!("].iter().any(|mark| self.case.source.contains(mark))
    }

    /// Runs the graph in a runtime whose clock is paused, and cancels it after a time. Gives whether it was cancelled, and
    /// what is wrong: a run that was not is that of the plain function. One that was ends at once, has set no mark that the
    /// plain function does not set, and has dropped each of its values once.
    ///
    /// # Errors
    /// What is wrong, with the source.
    pub fn check_cancelled(
        &self,
        input: &Input,
        runtime: &Runtime,
        strategy: Strategy,
        after: Duration,
    ) -> Result<bool, String> {
        let cx = ember::Context::builder().strategy(strategy).build();
        let (for_plain, for_graph) = (input.anew(), input.anew());
        let plain = (self.case.plain)(&for_plain);
        ops::sleep_from(self.case.seed);
        let (outcome, took) = runtime.block_on(async {
            let start = Instant::now();
            let mut run = cx.scope(|| (self.future)(&for_graph));
            let outcome = match timeout(after, &mut run).await {
                Ok(outcome) => outcome,
                Err(_) => {
                    cx.cancel();
                    run.await
                }
            };
            (outcome, start.elapsed())
        });
        settle(&for_graph.tally);
        let is_cancelled = outcome.as_ref().is_err_and(|text| text.contains("was cancelled"));
        let count = |tally: &Tally, mark: usize| tally.marks().iter().filter(|set| **set == mark).count();
        let more = |mark: &&usize| count(&for_graph.tally, **mark) > count(&for_plain.tally, **mark);
        let wrong = if let Some(what) = wrong_drops(&for_graph.tally) {
            what
        } else if !is_cancelled && outcome != plain && !Case::passed_bound(&plain, &outcome) {
            format!("gave {outcome:?} instead of {plain:?}")
        } else if is_cancelled && took != after {
            format!("ended after {took:?}")
        } else if plain.is_ok()
            && let Some(mark) = for_graph.tally.marks().iter().find(more)
        {
            format!("set the mark {mark} too often")
        } else {
            return Ok(is_cancelled);
        };
        let Case { name, source, .. } = self.case;
        Err(format!("{name}, cancelled after {after:?}, {wrong}\n{source}"))
    }

    /// Drops the graph's future after so many polls. Gives whether it had come to its end.
    ///
    /// # Errors
    /// If a value was not dropped, or twice, with the source.
    pub fn drop_after(&self, polls: usize, input: &Input) -> Result<bool, String> {
        let input = input.anew();
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
        let Some(what) = wrong_drops(&input.tally) else { return Ok(over) };
        let Case { name, source, .. } = self.case;
        Err(format!("{name}, dropped after {polls} polls, {what}\n{source}"))
    }
}
