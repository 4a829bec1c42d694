//! What failed last. It takes room once something has failed, and then no more.

use std::sync::Arc;

use super::Failure;
use crate::sync::{Mutex, lock};

/// The last failure of a node, or of a graph.
pub(super) struct Last(Mutex<Failures>);

#[derive(Clone, Default)]
pub(super) struct Failures {
    /// Whichever it was.
    pub(super) last: Option<Arc<Failure>>,
    /// The last one that was not turned away by a policy: behind an open breaker it is the one that tells why.
    pub(super) cause: Option<Arc<Failure>>,
}

impl Last {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    pub(super) fn is(&self, failure: &Arc<Failure>, is_rejected: bool) {
        let (last, cause) = (Some(failure.clone()), (!is_rejected).then(|| failure.clone()));
        let mut kept = lock(&self.0);
        let before = (std::mem::replace(&mut kept.last, last), cause.map(|cause| kept.cause.replace(cause)));
        drop(kept);
        // Texts are given back without the lock.
        drop(before);
    }

    pub(super) fn get(&self) -> Failures {
        lock(&self.0).clone()
    }
}
