//! What a line of a graph says of the policies of its node.

use std::num::NonZeroU64;
use std::time::Duration;

use super::Shared;
use crate::policy::{Retry, Span, Timeout};

/// The policies that a line puts in the place of its operator's, and those that it goes without.
///
/// Each call carries it along, and mostly it says nothing: so it is small, and then zero throughout.
#[derive(Clone, Copy, Debug)]
pub struct Overrides {
    timeout: Option<Nanos>,
    deadline: Option<Nanos>,
    retry: Option<&'static Retry>,
    /// A bit for each policy, in the order of [`Without`].
    without: u16,
}

/// What a line tells a method, which has no type of its own that could be asked.
#[diagnostic::on_unimplemented(
    message = "`#[retry(..)]` on a line needs a method with a `retry` of its own",
    label = "the method has none",
    note = "write `retry` on the method too, `#[operator(idempotent, retry, ..)]`: there it is known what each attempt is given"
)]
pub trait OfALine {
    /// What it says.
    fn said(self) -> Overrides;
}

/// The same of a method that makes further attempts.
pub trait OfALineThatRetries {
    /// What it says.
    fn said(self) -> Overrides;
}

impl OfALine for Overrides {
    #[inline(always)]
    fn said(self) -> Overrides {
        self
    }
}

impl OfALineThatRetries for Overrides {
    #[inline(always)]
    fn said(self) -> Overrides {
        self
    }
}

impl OfALineThatRetries for Retried {
    #[inline(always)]
    fn said(self) -> Overrides {
        self.0
    }
}

/// What a line with a retry says.
#[derive(Clone, Copy, Debug)]
pub struct Retried(pub Overrides);

/// How long a call may take. A timeout of 365 days, the longest, is not as much as this can hold.
type Nanos = NonZeroU64;

const fn nanos(timeout: Timeout) -> Option<Nanos> {
    let after = timeout.after();
    Nanos::new(after.as_secs() * 1_000_000_000 + after.subsec_nanos() as u64)
}

const fn timeout(span: Span, nanos: Nanos) -> Timeout {
    Timeout::within(span, Duration::from_nanos(nanos.get()))
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
    /// `memory`
    Memory,
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
        self.timeout = nanos(timeout);
        self
    }

    /// With a deadline of the line's own.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Timeout) -> Self {
        self.deadline = nanos(deadline);
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
        let said = self.timeout.map(|nanos| timeout(Span::Attempt, nanos));
        said.or(own).and_then(|timeout| self.keep(Without::Timeout, timeout))
    }

    /// The deadline of the node, given the operator's.
    #[inline(always)]
    pub fn deadline(&self, own: Option<Timeout>) -> Option<Timeout> {
        let said = self.deadline.map(|nanos| timeout(Span::Node, nanos));
        said.or(own).and_then(|deadline| self.keep(Without::Deadline, deadline))
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
