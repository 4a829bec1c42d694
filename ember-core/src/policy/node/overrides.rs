//! What a line of a graph says of the policies of its node.

use super::Shared;
use crate::policy::{Retry, Timeout};

/// The policies that a line puts in the place of its operator's, and those that it goes without.
#[derive(Clone, Copy, Debug)]
pub struct Overrides {
    timeout: Option<Timeout>,
    deadline: Option<Timeout>,
    retry: Option<&'static Retry>,
    /// A bit for each policy, in the order of [`Without`].
    without: u16,
}

/// The policies that a line can go without. The macro knows their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// `fallback`
    Fallback,
    /// `cache`
    Cache,
    /// `deadline`
    Deadline,
    /// `retry`
    Retry,
    /// `breaker`
    Breaker,
    /// `concurrency`
    Concurrency,
    /// `rate`
    Rate,
    /// `timeout`
    Timeout,
}

impl Overrides {
    /// What is said of a node whose line says nothing.
    pub const NONE: Self = Self { timeout: None, deadline: None, retry: None, without: 0 };

    /// Of a line that goes without these.
    #[must_use]
    pub const fn without(bits: u16) -> Self {
        Self { without: bits, ..Self::NONE }
    }

    /// With a timeout of the line's own.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Timeout) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// With a deadline of the line's own.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Timeout) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// With a retry of the line's own.
    #[must_use]
    pub const fn with_retry(mut self, retry: &'static Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// A layer, unless the line goes without.
    #[inline(always)]
    pub fn keep<L>(&self, policy: Without, layer: L) -> Option<L> {
        if self.without & (1 << policy as u16) == 0 { Some(layer) } else { None }
    }

    /// The timeout of each attempt, given the operator's.
    #[inline(always)]
    pub fn timeout(&self, own: Option<Timeout>) -> Option<Timeout> {
        self.timeout.or(own).and_then(|timeout| self.keep(Without::Timeout, timeout))
    }

    /// The deadline of the node, given the operator's.
    #[inline(always)]
    pub fn deadline(&self, own: Option<Timeout>) -> Option<Timeout> {
        self.deadline.or(own).and_then(|deadline| self.keep(Without::Deadline, deadline))
    }

    /// The attempts, given the operator's.
    #[inline(always)]
    pub fn retry(&self, own: impl FnOnce() -> Shared<Retry>) -> Option<Shared<Retry>> {
        self.keep(Without::Retry, ()).map(|()| self.retry.map_or_else(own, Shared))
    }

    /// The attempts of a line whose operator has none.
    #[inline(always)]
    pub(super) fn added_retry(&self) -> Option<Shared<Retry>> {
        self.retry.map(Shared)
    }
}
