//! Leave to make a call.

use std::time::Instant;

use super::{Breaker, Verdict};

/// Leave to make one call, and the place to tell what has come of it.
///
/// Dropped without a word, the call counts for neither side, as of a future that was dropped; if the thread panics
/// meanwhile, it has failed.
#[must_use = "a permit that is dropped at once tells the breaker nothing"]
pub struct Permit<'b> {
    breaker: &'b Breaker,
    generation: usize,
    /// The number of the lease, in the half-open state.
    probe: Option<u64>,
    began: Option<Instant>,
    panicking: bool,
    settled: bool,
}

impl<'b> Permit<'b> {
    #[inline]
    pub(super) fn new(breaker: &'b Breaker, generation: usize, probe: Option<u64>) -> Self {
        let began = breaker.measures().then(|| breaker.now());
        Self { breaker, generation, probe, began, panicking: std::thread::panicking(), settled: false }
    }

    /// Whether the call is one of those that show whether the operator has recovered.
    pub const fn is_probe(&self) -> bool {
        self.probe.is_some()
    }

    /// Tells how the call ended.
    #[inline]
    pub fn settle(mut self, verdict: Verdict) {
        self.end(verdict);
    }

    fn end(&mut self, verdict: Verdict) {
        self.settled = true;
        let took = self.began.map(|began| self.breaker.now().saturating_duration_since(began));
        self.breaker.settle(self.generation, self.probe, verdict, took);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.settled {
            let panicked = !self.panicking && std::thread::panicking();
            self.end(if panicked { Verdict::Failure } else { Verdict::Neither });
        }
    }
}

impl std::fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit").field("is_probe", &self.is_probe()).finish_non_exhaustive()
    }
}
