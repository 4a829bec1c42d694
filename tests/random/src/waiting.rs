//! Runs of `async` graphs, whole and in part.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::agree::{Case, Input, Outcome};
use crate::ops::Tally;

/// A graph that waits, and its twin.
#[derive(Clone, Copy)]
pub struct WaitingCase {
    /// The graph, run to its end.
    pub case: Case,
    /// Its future.
    pub future: for<'i> fn(&'i Input) -> Pin<Box<dyn Future<Output = Outcome> + 'i>>,
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

impl WaitingCase {
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
        // Calls on other threads may have values yet.
        let mut left = PATIENCE;
        while input.tally.made() != input.tally.dropped() && left > 0 {
            left -= 1;
            thread::yield_now();
        }
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
