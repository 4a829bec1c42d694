//! What is seen of a state.

use std::fmt;
use std::time::Duration;

use crate::Progress;
use crate::observe::said;
use crate::policy::{BreakerCounts, BreakerState};
use crate::resource::Status;
use crate::rounded::Rounded;

/// Those who wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// How many wait.
    pub waiting: usize,
    /// How many may.
    pub most: usize,
    /// How many were turned away so far.
    pub refused: u64,
}

impl Line {
    /// A line of this length.
    pub const fn new(waiting: usize, most: usize, refused: u64) -> Self {
        Self { waiting, most, refused }
    }

    /// Whether the next one will be turned away. A line in which nobody may wait is never full: who comes while there is no
    /// room is turned away as was asked for.
    pub const fn is_full(&self) -> bool {
        self.most > 0 && self.waiting >= self.most
    }
}

/// How a state is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// A [`Breaker`](crate::policy::Breaker).
    Breaker {
        /// Which it is in.
        state: BreakerState,
        /// What it counted.
        counts: BreakerCounts,
    },
    /// A limit on [calls at a time](crate::policy::Concurrency).
    Concurrency {
        /// How many there are.
        permits: usize,
        /// How many are out.
        in_use: usize,
        /// Who waits for one.
        line: Line,
    },
    /// A limit on [calls in a time](crate::policy::Rate).
    Rate {
        /// The time between two calls in the long run.
        interval: Duration,
        /// Who waits for his turn.
        line: Line,
    },
    /// A [`MemoryBudget`](crate::policy::MemoryBudget).
    Memory {
        /// Its bytes.
        bytes: usize,
        /// Those of them in use.
        used: usize,
        /// Most that were in use at a time.
        peak: usize,
        /// Who waits for some.
        line: Line,
    },
    /// A cache.
    Cache {
        /// Its entries.
        len: usize,
        /// What they weigh: one each, if not said otherwise.
        weight: u64,
        /// Most that they may weigh.
        capacity: u64,
        /// Calls that were answered by an entry, or by the call of another.
        hits: u64,
        /// Calls that were made.
        loads: u64,
        /// Calls that gave no value.
        failed: u64,
    },
    /// A [`Fallback`](crate::policy::Fallback).
    Fallback {
        /// How often it was asked for a value.
        uses: u64,
        /// How often it had none.
        failures: u64,
    },
    /// An operator that takes [many items](crate::policy::Batcher) in a call.
    Batcher {
        /// Items that wait for their batch to go.
        line: Line,
        /// Batches under way.
        in_flight: usize,
        /// Batches so far.
        batches: u64,
        /// Items so far.
        items: u64,
    },
    /// An operator in processes of its own.
    Isolation {
        /// How many live.
        workers: usize,
        /// How many were started so far.
        started: u64,
        /// Calls that wait for one.
        line: Line,
    },
    /// A bounded set of threads: those for the `blocking` operators of a [`Runtime`](crate::Runtime), or those on which a
    /// [timeout](crate::policy::Timeout::call_abandoning) may leave calls behind.
    Threads {
        /// How many there may be.
        threads: usize,
        /// How many of them are taken.
        in_use: usize,
        /// Calls that wait for one; as many as come may.
        waiting: usize,
    },
    /// A [`Resource`](crate::Resource).
    Resource(Status),
    /// A [`Batch`](crate::Batch) under way.
    Batch(Progress),
    /// The states of an operator with a key. The keys themselves are not told.
    ByKey {
        /// How many keys have one of their own.
        keys: usize,
        /// How many of them are in [trouble](State::trouble), and of what those share that found no room.
        troubled: usize,
        /// What is [in use](State::in_use) of all of them together.
        in_use: Option<usize>,
        /// How many [wait](State::waiting) for one of them.
        waiting: Option<usize>,
        /// One of those in trouble; if none is, any.
        example: Option<Box<State>>,
    },
}

impl State {
    /// What it is, as one word of lower case.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Breaker { .. } => "breaker",
            Self::Concurrency { .. } => "concurrency",
            Self::Rate { .. } => "rate",
            Self::Memory { .. } => "memory",
            Self::Cache { .. } => "cache",
            Self::Fallback { .. } => "fallback",
            Self::Batcher { .. } => "batcher",
            Self::Isolation { .. } => "isolation",
            Self::Threads { .. } => "threads",
            Self::Resource(_) => "resource",
            Self::Batch(_) => "batch",
            Self::ByKey { example, .. } => example.as_ref().map_or("keyed", |state| state.kind()),
        }
    }

    /// Who waits for it, where only so many may.
    pub const fn line(&self) -> Option<Line> {
        match self {
            Self::Concurrency { line, .. }
            | Self::Rate { line, .. }
            | Self::Memory { line, .. }
            | Self::Batcher { line, .. }
            | Self::Isolation { line, .. } => Some(*line),
            Self::Resource(status) => Some(status.line()),
            _ => None,
        }
    }

    /// How many calls, loads or items wait for it, of whatever has somebody wait.
    pub const fn waiting(&self) -> Option<usize> {
        match self {
            Self::Threads { waiting, .. } => Some(*waiting),
            Self::ByKey { waiting, .. } => *waiting,
            _ => match self.line() {
                Some(line) => Some(line.waiting),
                None => None,
            },
        }
    }

    /// How many of its permits or threads are taken, of whatever has such.
    pub const fn in_use(&self) -> Option<usize> {
        match self {
            Self::Concurrency { in_use, .. } | Self::Threads { in_use, .. } => Some(*in_use),
            Self::ByKey { in_use, .. } => *in_use,
            _ => None,
        }
    }

    /// What is wrong with it, if anything: it turns calls away, has no thread for them, or could not be loaded.
    pub fn trouble(&self) -> Option<String> {
        let full = self.line().filter(Line::is_full);
        let full = full.map(|line| format!("{} wait, and no more may", line.waiting));
        match (self.own_trouble(), full) {
            (Some(own), Some(full)) => Some(format!("{full}; {own}")),
            (own, full) => own.or(full),
        }
    }

    /// The same apart from who waits in a line.
    fn own_trouble(&self) -> Option<String> {
        match self {
            // Of one that lets the next call through it is to be seen.
            Self::Breaker { state: BreakerState::Open { retry_after }, .. } if !retry_after.is_zero() => {
                Some(format!("the breaker is open for another {}", Rounded(*retry_after)))
            }
            Self::Breaker { state: BreakerState::ForcedOpen, .. } => {
                Some("the breaker was opened by hand".to_owned())
            }
            Self::Threads { threads, waiting, .. } if *waiting > 0 => {
                Some(format!("all {threads} threads are taken, and {waiting} calls wait"))
            }
            Self::Resource(Status { failed: Some(failed), loaded_at, .. }) => {
                let serves = if loaded_at.is_some() { ", and an old value serves" } else { "" };
                let cause = said(failed.cause());
                Some(match failed.times {
                    1 => format!("the last load failed{serves}: {cause}"),
                    times => format!("the last {times} loads failed{serves}: {cause}"),
                })
            }
            Self::ByKey { keys, troubled, example: Some(example), .. } if *troubled > 0 => {
                Some(format!("{troubled} of {keys} keys: {}", example.trouble()?))
            }
            _ => None,
        }
    }
}

impl fmt::Display for State {
    /// As a person reads it, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Breaker { state, counts } => {
                match state {
                    BreakerState::Closed => f.write_str("closed")?,
                    BreakerState::Open { retry_after } if retry_after.is_zero() => {
                        f.write_str("open until the next call")?;
                    }
                    BreakerState::Open { retry_after } => {
                        write!(f, "open for another {}", Rounded(*retry_after))?;
                    }
                    BreakerState::HalfOpen => f.write_str("half open")?,
                    BreakerState::ForcedOpen => f.write_str("open by hand")?,
                    BreakerState::ForcedClosed => f.write_str("closed by hand")?,
                }
                let BreakerCounts { calls, failures, rejected, .. } = counts;
                write!(f, ", {failures} of {calls} calls failed, {rejected} turned away")
            }
            Self::Concurrency { permits, in_use, line } => write!(f, "{in_use} of {permits} in use{line}"),
            Self::Rate { interval, line } => write!(f, "one each {}{line}", Rounded(*interval)),
            Self::Memory { bytes, used, line, .. } => write!(f, "{used} of {bytes} bytes{line}"),
            Self::Cache { len, weight, capacity, hits, loads, failed } => {
                write!(
                    f,
                    "{len} entries, {weight} of {capacity} full, {hits} hits, {loads} loads, {failed} failed"
                )
            }
            Self::Fallback { uses, failures } => write!(f, "used {uses} times, failed {failures} times"),
            Self::Batcher { line, in_flight, batches, items } => {
                write!(f, "{in_flight} batches under way, {items} items in {batches} batches{line}")
            }
            Self::Isolation { workers, started, line } => {
                write!(f, "{workers} workers, {started} started{line}")
            }
            Self::Threads { threads, in_use, waiting } => {
                write!(f, "{in_use} of {threads} threads taken")?;
                if *waiting > 0 {
                    write!(f, ", {waiting} wait")?;
                }
                Ok(())
            }
            Self::Resource(status) => {
                let is = match (status.is_loaded(), status.is_loading) {
                    (true, true) => "loaded, and loading anew",
                    (true, false) => "loaded",
                    (false, true) => "loading",
                    (false, false) => "not loaded",
                };
                write!(f, "{is}, {} loads, {} failed{}", status.loads, status.failures, status.line())
            }
            Self::Batch(progress) => {
                write!(f, "{} done", progress.done)?;
                if let Some(total) = progress.total {
                    write!(f, " of {total}")?;
                }
                write!(f, ", {} failed", progress.failed)
            }
            Self::ByKey { keys, troubled, in_use, waiting, .. } => {
                write!(f, "{keys} keys, {troubled} in trouble")?;
                if let Some(in_use) = in_use {
                    write!(f, ", {in_use} in use")?;
                }
                match waiting {
                    Some(waiting @ 1..) => write!(f, ", {waiting} wait"),
                    _ => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Line {
    /// As the end of a sentence: nothing of a line that was never needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.waiting > 0 {
            write!(f, ", {} of {} wait", self.waiting, self.most)?;
        }
        if self.refused > 0 {
            write!(f, ", {} turned away", self.refused)?;
        }
        Ok(())
    }
}
