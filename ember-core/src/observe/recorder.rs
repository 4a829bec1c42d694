//! An observer for tests.

use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::{Event, EventKind, Observer};
use crate::error::Site;
use crate::sync::{Mutex, lock};

/// Keeps what it is told, up to a bound: for tests that say what ran, and in which order.
///
/// A clone is another handle on the same records. Events stand in an order in which they can have happened: what one waited
/// for stands before it.
///
/// ```
/// use ember_core::Context;
/// use ember_core::observe::Recorder;
///
/// let recorder = Recorder::new(1000);
/// let cx = Context::builder().observer(recorder.clone()).build();
/// cx.scope(|| { /* runs of graphs */ });
/// assert!(recorder.events().is_empty());
/// assert_eq!(recorder.dropped(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Records>);

#[derive(Debug)]
struct Records {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Recorded>,
    dropped: u64,
}

/// An event that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// See [`Event::run`].
    pub run: Option<u64>,
    /// See [`Event::parent`].
    pub parent: Option<u64>,
    /// See [`Event::graph`].
    pub graph: &'static str,
    /// See [`Event::correlation_id`].
    pub correlation_id: String,
    /// The node with the items around it, such as `drafts[3]`; empty for what happens to the run as a whole.
    pub node: String,
    /// The operator that it calls.
    pub operator: &'static str,
    /// See [`Event::attempt`].
    pub attempt: u32,
    /// See [`Event::at`].
    pub at: Instant,
    /// The thread where it happened.
    pub thread: ThreadId,
    /// See [`Event::kind`].
    pub kind: EventKind,
    /// See [`Event::took`].
    pub took: Option<Duration>,
    /// The line that the event displays as.
    pub text: String,
}

impl Recorder {
    /// Keeps so many events; further ones are counted.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Records { most, kept: Mutex::default() }))
    }

    /// What was told so far.
    pub fn events(&self) -> Vec<Recorded> {
        lock(&self.0.kept).events.clone()
    }

    /// What was told so far, which is forgotten.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut lock(&self.0.kept).events)
    }

    /// How many events there was no room for.
    pub fn dropped(&self) -> u64 {
        lock(&self.0.kept).dropped
    }
}

impl Observer for Recorder {
    fn event(&self, event: &Event<'_>) {
        let recorded = Recorded {
            run: event.run(),
            parent: event.parent(),
            graph: event.graph(),
            correlation_id: event.correlation_id().to_owned(),
            node: event.site().map(Site::node).unwrap_or_default().into_owned(),
            operator: event.site().map_or("", Site::operator),
            attempt: event.attempt(),
            at: event.at(),
            thread: thread::current().id(),
            kind: event.kind(),
            took: event.took(),
            text: event.to_string(),
        };
        let mut kept = lock(&self.0.kept);
        if kept.events.len() < self.0.most {
            kept.events.push(recorded);
        } else {
            kept.dropped += 1;
        }
    }
}
