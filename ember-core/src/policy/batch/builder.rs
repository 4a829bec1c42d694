//! The settings of a batcher.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::Batcher;
use super::machine::Machine;
use crate::Clock;
use crate::policy::Invalid;
use crate::policy::time::Time;

/// The most that `max` and `in_flight` can be.
const MOST: usize = i32::MAX as usize;
/// The longest wait.
const LONGEST: Duration = Duration::from_hours(1);

/// What a builder is a builder of.
type Making<I, O, E, K> = fn() -> Batcher<I, O, E, K>;

/// Makes a [`Batcher`].
#[must_use = "a builder makes nothing until `build` is called"]
pub struct BatcherBuilder<I, O, E, K = ()> {
    max: usize,
    wait: Duration,
    in_flight: usize,
    queue: usize,
    time: Time,
    of: PhantomData<Making<I, O, E, K>>,
}

impl<I, O, E, K> Default for BatcherBuilder<I, O, E, K> {
    /// Up to 64 items, 2 ms of wait, 8 batches in flight, 65 536 items in the line.
    fn default() -> Self {
        Self {
            max: 64,
            wait: Duration::from_millis(2),
            in_flight: 8,
            queue: 1 << 16,
            time: Time::default(),
            of: PhantomData,
        }
    }
}

impl<I, O, E, K> BatcherBuilder<I, O, E, K> {
    /// How many items a batch has at most: from 1 to 2³¹ − 1, if not said 64.
    pub fn max(mut self, items: usize) -> Self {
        self.max = items;
        self
    }

    /// What [`max`](Self::max) said.
    pub(crate) const fn most(&self) -> usize {
        self.max
    }

    /// How long the first item of a batch waits for others: up to an hour, if not said 2 ms. With zero a batch takes what is
    /// there, and what comes while there is no room in flight.
    pub fn wait(mut self, time: Duration) -> Self {
        self.wait = time;
        self
    }

    /// How many batches may be under way at once: from 1 to 2³¹ − 1, if not said 8.
    pub fn in_flight(mut self, batches: usize) -> Self {
        self.in_flight = batches;
        self
    }

    /// How many items may wait for their batch to go: at least `max`, if not said 65 536. The next one is refused at once.
    pub fn queue(mut self, items: usize) -> Self {
        self.queue = items;
        self
    }

    /// Measures waiting by another clock than that of the context of the call.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.time = Time::of(clock);
        self
    }
}

impl<I, O, E, K: Hash + Eq + Clone> BatcherBuilder<I, O, E, K> {
    /// Makes the batcher.
    ///
    /// # Errors
    /// If a setting is out of its bounds.
    pub fn build(self) -> Result<Batcher<I, O, E, K>, Invalid> {
        let invalid =
            |setting, value: &dyn fmt::Display, must| Err(Invalid::new("batch", setting, value, must));
        for (setting, value) in [("max", self.max), ("in_flight", self.in_flight)] {
            if !(1..=MOST).contains(&value) {
                return invalid(setting, &value, "between 1 and 2147483647");
            }
        }
        if self.wait > LONGEST {
            return invalid("wait", &format_args!("{:?}", self.wait), "at most an hour");
        }
        if self.queue < self.max {
            return invalid("queue", &self.queue, "at least `max`");
        }
        Ok(Batcher {
            machine: Machine::new(self.max, self.in_flight, self.queue),
            wait: self.wait,
            time: self.time,
            batches: AtomicU64::new(0),
            items: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        })
    }
}

impl<I, O, E, K> Clone for BatcherBuilder<I, O, E, K> {
    fn clone(&self) -> Self {
        Self { time: self.time.clone(), of: PhantomData, ..*self }
    }
}

impl<I, O, E, K> fmt::Debug for BatcherBuilder<I, O, E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatcherBuilder")
            .field("max", &self.max)
            .field("wait", &self.wait)
            .field("in_flight", &self.in_flight)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
