//! A service that is well, fails, recovers, and is asked for more than it can do. Time is tokio's, which the example pauses:
//! so half a minute takes a moment, and is the same each time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::plot::Seen;

/// What the service goes through, and from when on.
pub(crate) const PHASES: [(Duration, &str); 5] = [
    (Duration::ZERO, "well"),
    (Duration::from_secs(6), "fails"),
    (Duration::from_secs(12), "well"),
    (Duration::from_secs(18), "hammered"),
    (Duration::from_secs(24), "well"),
];

/// How long the whole takes.
pub(crate) const END: Duration = Duration::from_secs(30);

/// A handle on the service.
#[derive(Clone, Debug)]
pub(crate) struct Service(Arc<State>);

#[derive(Debug)]
struct State {
    start: Instant,
    seen: Mutex<(Seen, HashSet<u32>)>,
}

/// It did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service is down")]
pub(crate) struct Down;

impl Service {
    pub(crate) fn start() -> Self {
        let seen = Seen { phases: PHASES.to_vec(), ..Seen::default() };
        Self(Arc::new(State { start: Instant::now(), seen: Mutex::new((seen, HashSet::new())) }))
    }

    /// The time since the start.
    pub(crate) fn time(&self) -> Duration {
        self.0.start.elapsed()
    }

    /// What the service goes through.
    pub(crate) fn phase(&self) -> &'static str {
        let time = self.time();
        PHASES.iter().rfind(|(from, _)| *from <= time).map_or("well", |(_, phase)| phase)
    }

    /// Notes something.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Seen, Duration)) {
        let time = self.time();
        note(&mut self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).0, time);
    }

    /// What was noted.
    pub(crate) fn seen(&self) -> Seen {
        std::mem::take(&mut self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Answers a question, or not.
    pub(crate) async fn answer(&self, question: u32) -> Result<u32, Down> {
        let time = self.time();
        let attempt = {
            let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let again = !seen.1.insert(question);
            seen.0.calls.push((time, again));
            u32::from(again)
        };
        // Looks random, and is the same each time.
        let dice = (question + attempt * 7919).wrapping_mul(2_654_435_761) >> 16;
        let latency = Duration::from_millis(u64::from(40 + dice % 60));
        match self.phase() {
            "fails" if dice % 10 < 6 => {
                sleep(latency / 4).await;
                Err(Down)
            }
            "fails" if dice % 10 < 8 => std::future::pending().await,
            "hammered" => {
                sleep(latency * 2).await;
                Ok(question)
            }
            _ => {
                sleep(latency).await;
                Ok(question)
            }
        }
    }
}
