//! How many threads of the pool work for a stream, and how many have been asked to.

use std::time::Instant;

use crate::executor::LATE;

/// Threads of the pool that work for a stream, or will.
///
/// One that was asked for and has not come for so long stands behind another on the same processor. Then one more is asked
/// for, and of those who come the last one goes.
pub(super) struct Helpers {
    most: usize,
    /// Those included that have not come yet.
    count: usize,
    coming: usize,
    /// When the last was asked for.
    asked: Option<Instant>,
}

impl Helpers {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, count: 0, coming: 0, asked: None }
    }

    /// How many there are to be at most.
    pub(super) const fn most(&self) -> usize {
        self.most
    }

    /// Whether one more is to be asked for, as so many lots wait. Then it counts.
    pub(super) fn wants_another(&mut self, lots: usize, now: impl FnOnce() -> Instant) -> bool {
        let room = self.count < self.most && self.count < lots;
        if !room && (self.coming == 0 || self.count > self.most) {
            return false;
        }
        let now = now();
        let late = || self.asked.is_some_and(|asked| now.saturating_duration_since(asked) >= LATE);
        let wants = room || late();
        if wants {
            self.count += 1;
            self.asked(now);
        }
        wants
    }

    /// Notes that one is asked for that counts already.
    pub(super) fn asked(&mut self, now: Instant) {
        self.coming += 1;
        self.asked = Some(now);
    }

    /// Notes that one has come, and tells whether it is to stay: not if another came first.
    pub(super) fn came(&mut self) -> bool {
        self.coming -= 1;
        let stays = self.count - self.coming <= self.most;
        self.count -= usize::from(!stays);
        stays
    }

    /// Notes that one goes.
    pub(super) fn went(&mut self) {
        self.count -= 1;
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_more_is_asked_for_each_lot_up_to_the_most() {
        let (mut helpers, now) = (Helpers::new(2), Instant::now());
        assert!(!helpers.wants_another(0, || now));
        assert!(helpers.wants_another(1, || now));
        assert!(!helpers.wants_another(1, || now));
        assert!(helpers.wants_another(2, || now));
        assert!(!helpers.wants_another(9, || now));
        assert!(!Helpers::new(0).wants_another(9, || now));
    }

    #[test]
    fn in_place_of_a_late_one_another_is_asked_for_once_and_the_last_to_come_goes() {
        let (mut helpers, now) = (Helpers::new(1), Instant::now());
        assert!(helpers.wants_another(9, || now));
        assert!(!helpers.wants_another(9, || now + LATE.saturating_sub(Duration::from_nanos(1))));
        assert!(helpers.wants_another(9, || now + LATE));
        assert!(!helpers.wants_another(9, || now + 9 * LATE));
        assert!(helpers.came());
        assert!(!helpers.came());
        helpers.went();
        assert!(helpers.wants_another(1, || now));
    }

    #[test]
    fn one_that_comes_again_is_late_from_when_it_was_asked_again() {
        let (mut helpers, now) = (Helpers::new(1), Instant::now());
        assert!(helpers.wants_another(1, || now));
        assert!(helpers.came());
        let again = now + 9 * LATE;
        assert!(!helpers.wants_another(9, || again));
        helpers.asked(again);
        assert!(!helpers.wants_another(9, || again + LATE / 2));
        assert!(helpers.wants_another(9, || again + LATE));
    }
}
