//! What is run, and how: a shape, the work of a node, and whether runs come back to back.

use crate::op::STEPS_PER_MICROSECOND;
use crate::shape::Shape;

/// How runs follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Back to back.
    Hot,
    /// One run behind a pause in which threads of pools fall asleep.
    Cold,
}

impl Mode {
    pub(crate) const ALL: [Self; 2] = [Self::Hot, Self::Cold];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Cold => "cold",
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) shape: &'static Shape,
    /// Microseconds of work a node.
    pub(crate) micros: f64,
    pub(crate) mode: Mode,
}

impl Workload {
    /// The steps that a node makes.
    pub(crate) fn steps(&self) -> u32 {
        steps(self.micros)
    }
}

/// The steps of so many microseconds of work.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small number that is not negative"
)]
pub(crate) fn steps(micros: f64) -> u32 {
    (micros * STEPS_PER_MICROSECOND).round() as u32
}
