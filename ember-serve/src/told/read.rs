//! Takes snapshots of what the process knows of itself.

use std::sync::Arc;
use std::time::SystemTime;

use ember_graph::Description;

use super::{Counts, Health, Snapshot};
use crate::ServeBuilder;
use crate::program::unix_millis;

pub(crate) struct Reader {
    counts: Option<Arc<Counts>>,
}

impl Reader {
    pub(crate) fn new(settings: &ServeBuilder) -> Self {
        Self { counts: settings.counts.clone() }
    }

    /// The graphs that ran, with the numbers under which they are told.
    pub(crate) fn descriptions(&self) -> Vec<(u64, &'static Description<'static>)> {
        self.counts.as_ref().map(|counts| counts.descriptions()).unwrap_or_default()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            at: unix_millis(SystemTime::now()),
            health: Health { ready: true, status: "ready".to_owned(), reasons: Vec::new() },
            graphs: self.counts.as_ref().map(|counts| counts.graphs()).unwrap_or_default(),
            ..Snapshot::default()
        }
    }
}
