//! Changes of the state on their way to who wants to know.
//!
//! They are noted under the lock, in the order in which they come, and told outside of it by one thread at a time. So
//! the last one that is told is the state that holds, and who is told may use the breaker: what it changes meanwhile is
//! told behind.

use std::collections::VecDeque;

use super::{BreakerState, Change};

/// How many changes wait at most. What comes then is told as one with the last of them.
const WAITING: usize = 64;

/// Changes that have not been told.
pub(super) struct Changes {
    waiting: VecDeque<Change>,
    /// A thread is telling.
    telling: bool,
}

impl Changes {
    pub(super) const fn new() -> Self {
        Self { waiting: VecDeque::new(), telling: false }
    }

    pub(super) fn add(&mut self, from: BreakerState, to: BreakerState) {
        if from == to {
            return;
        }
        if self.waiting.len() < WAITING {
            self.waiting.push_back(Change { from, to });
        } else if let Some(last) = self.waiting.back_mut() {
            last.to = to;
        }
    }

    /// The next one to be told. Whoever gets it must tell it, and then say that it [has](Self::told).
    pub(super) fn next(&mut self) -> Option<Change> {
        if self.telling {
            return None;
        }
        let next = self.waiting.pop_front();
        self.telling = next.is_some();
        next
    }

    pub(super) const fn told(&mut self) {
        self.telling = false;
    }
}
