//! Chance, which a seed makes repeatable.

use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;

/// Gives each call a sequence of its own.
#[derive(Debug)]
pub(super) struct Dice {
    seed: u64,
    rolls: AtomicUsize,
}

impl Dice {
    /// Without a seed, by chance.
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self { seed: seed.unwrap_or_else(|| fastrand::u64(..)), rolls: AtomicUsize::new(0) }
    }

    pub(super) fn roll(&self) -> Rng {
        let roll = self.rolls.fetch_add(1, Ordering::Relaxed);
        // Seeds that are close to each other would give sequences that begin alike; the golden ratio sets them apart.
        Rng::with_seed(self.seed.wrapping_add((roll as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }
}
