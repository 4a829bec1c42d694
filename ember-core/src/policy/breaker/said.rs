//! A window that an attribute names by a constant: generated code does not know whether it is a number or a time, and asks
//! whether it is one that can be while it is compiled.

use std::time::Duration;

/// What a breaker looks back at.
#[derive(Clone, Copy, Debug)]
pub enum SaidWindow {
    /// So many calls.
    Calls(u32),
    /// The calls of so much time.
    Time(Duration),
}

impl SaidWindow {
    /// Whether the builder takes it.
    #[must_use]
    pub const fn is_within_bounds(self) -> bool {
        match self {
            Self::Calls(calls) => 1 <= calls && calls <= 100_000,
            Self::Time(time) => 1_000_000 <= time.as_nanos() && time.as_nanos() <= DAY,
        }
    }

    /// Whether it ever holds so many calls.
    #[must_use]
    pub const fn holds(self, calls: u32) -> bool {
        self.at_most(calls) == calls
    }

    /// So many calls, or as many as it ever holds.
    #[must_use]
    pub const fn at_most(self, calls: u32) -> u32 {
        match self {
            Self::Calls(most) if most < calls => most,
            _ => calls,
        }
    }
}

/// In nanoseconds.
const DAY: u128 = 24 * 60 * 60 * 1_000_000_000;

/// The value of a constant, whose type tells what it means.
#[derive(Clone, Copy, Debug)]
pub struct WindowOf<T>(pub T);

impl WindowOf<u32> {
    /// So many calls.
    #[must_use]
    pub const fn calls_or_time(self) -> SaidWindow {
        SaidWindow::Calls(self.0)
    }
}

impl WindowOf<Duration> {
    /// The calls of so much time.
    #[must_use]
    pub const fn calls_or_time(self) -> SaidWindow {
        SaidWindow::Time(self.0)
    }
}
