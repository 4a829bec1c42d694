//! Why a call behind policies gave no value.

use std::any::Any;
use std::error::Error as StdError;
use std::time::Duration;

use super::{IsolationError, Refused};
use crate::Stopped;
use crate::error::Payload;
use crate::resource::LoadError;

mod cause;
mod display;
#[cfg(test)]
mod tests;

/// Why a call behind policies gave no value: the operator's own failure `E`, or what a policy says in its place.
///
/// ```
/// use ember_core::policy::PolicyError;
/// use std::num::ParseIntError;
///
/// let failed: PolicyError<ParseIntError> = "8o80".parse::<u16>().unwrap_err().into();
/// assert_eq!(failed.to_string(), "invalid digit found in string");
/// assert!(failed.operator().is_some() && !failed.is_timeout());
/// ```
pub struct PolicyError<E> {
    kind: Kind<E>,
    /// Counted from one.
    attempt: u32,
    /// Whether it tells nothing of the operator, though it is the operator's own: it comes from a policy inside of that.
    from_inside: bool,
}

enum Kind<E> {
    Operator(E),
    Refusal(Box<Refusal<E>>),
}

/// What a policy says.
enum Refusal<E> {
    TimedOut {
        span: Span,
        after: Duration,
        /// What the call failed with when time was up.
        failure: Option<PolicyError<E>>,
    },
    /// The breaker is open.
    Open {
        retry_after: Option<Duration>,
    },
    /// A limit admits no more.
    Full {
        limit: &'static str,
        retry_after: Option<Duration>,
        /// Why it could not even wait.
        why: Option<Refused>,
    },
    /// The run was stopped while a policy waited.
    Stopped(Stopped),
    /// No attempt is left.
    Exhausted {
        why: Exhausted,
        last: PolicyError<E>,
        earlier: Vec<PolicyError<E>>,
        omitted: usize,
    },
    Invalid(Box<dyn StdError + Send + Sync>),
    /// A resource that the operator names is not there.
    Unavailable(LoadError),
    Panicked(Payload),
    /// The process in which the operator runs.
    Isolated(IsolationError),
    /// A fallback failed too.
    FellThrough {
        first: PolicyError<E>,
        fallback: PolicyError<E>,
    },
}

/// What a timeout was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Span {
    /// One attempt.
    Attempt,
    /// The node with all its attempts and their waits.
    Node,
}

/// Why a retry makes no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exhausted {
    /// All attempts are used up.
    Attempts,
    /// The budget that all calls of the operator share is spent.
    Budget,
    /// The next attempt would begin after the deadline.
    Deadline,
    /// The failure asks to come back later than the retry is set to.
    RetryAfter,
    /// The last failure is none that is tried again.
    Final,
    /// The run was stopped.
    Stopped,
}

impl<E> From<E> for PolicyError<E> {
    fn from(failure: E) -> Self {
        Self { kind: Kind::Operator(failure), attempt: 1, from_inside: false }
    }
}

/// For layers.
impl<E> PolicyError<E> {
    fn refused(refusal: Refusal<E>) -> Self {
        Self { kind: Kind::Refusal(Box::new(refusal)), attempt: 1, from_inside: false }
    }

    /// A timeout came first.
    pub fn timed_out(span: Span, after: Duration) -> Self {
        Self::refused(Refusal::TimedOut { span, after, failure: None })
    }

    /// A call that had run out of time failed, as it noticed that or for another reason. It stays behind the error, as its
    /// [`source`](StdError::source).
    #[must_use]
    pub fn timed_out_by(span: Span, after: Duration, failure: Self) -> Self {
        let attempt = failure.attempt;
        Self::refused(Refusal::TimedOut { span, after, failure: Some(failure) }).at_attempt(attempt)
    }

    /// A breaker is open, and may let a call through after some time.
    pub fn open(retry_after: Option<Duration>) -> Self {
        Self::refused(Refusal::Open { retry_after })
    }

    /// The limit of that name, such as `concurrency`, `queue` or `rate`, admits no more.
    pub fn full(limit: &'static str, retry_after: Option<Duration>) -> Self {
        Self::refused(Refusal::Full { limit, retry_after, why: None })
    }

    /// A budget of memory admits no more.
    pub(crate) fn no_room(why: Refused) -> Self {
        match why {
            Refused::Full { retry_after } => Self::full("memory", retry_after),
            Refused::Stopped(why) => Self::stopped(why),
            why => Self::refused(Refusal::Full { limit: "memory", retry_after: None, why: Some(why) }),
        }
    }

    /// The run was stopped while a policy waited.
    pub fn stopped(why: Stopped) -> Self {
        Self::refused(Refusal::Stopped(why))
    }

    /// The last of several attempts failed. Of the earlier ones `omitted` are not among `earlier`.
    pub fn exhausted(why: Exhausted, last: Self, earlier: Vec<Self>, omitted: usize) -> Self {
        let attempt = last.attempt;
        let refusal = Refusal::Exhausted { why, last, earlier, omitted };
        Self::refused(refusal).at_attempt(attempt)
    }

    /// An argument or the output is not valid.
    pub fn invalid(report: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::refused(Refusal::Invalid(report.into()))
    }

    /// A resource that the operator names could not be loaded.
    pub fn unavailable(why: LoadError) -> Self {
        why.why_stopped().map_or_else(|| Self::refused(Refusal::Unavailable(why)), Self::stopped)
    }

    /// The operator panicked.
    pub fn panicked(payload: Box<dyn Any + Send>) -> Self {
        Self::refused(Refusal::Panicked(Payload::new(payload)))
    }

    /// The operator's process gave no result.
    pub fn isolated(why: IsolationError) -> Self {
        Self::refused(Refusal::Isolated(why))
    }

    /// The fallback failed as well.
    #[must_use]
    pub fn fell_through(first: Self, fallback: Self) -> Self {
        Self::refused(Refusal::FellThrough { first, fallback })
    }

    /// Says at which attempt it happened, counted from one.
    #[must_use]
    pub fn at_attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }
}

/// What can be asked.
impl<E> PolicyError<E> {
    fn refusal(&self) -> Option<&Refusal<E>> {
        match &self.kind {
            Kind::Operator(_) => None,
            Kind::Refusal(refusal) => Some(refusal),
        }
    }

    /// What stands behind exhausted retries: the last attempt. Else itself.
    fn last(&self) -> &Self {
        match self.refusal() {
            Some(Refusal::Exhausted { last, .. }) => last,
            _ => self,
        }
    }

    /// The operator's own failure, if it is one: of the last attempt, where there were several.
    pub fn operator(&self) -> Option<&E> {
        match &self.last().kind {
            Kind::Operator(failure) => Some(failure),
            Kind::Refusal(_) => None,
        }
    }

    /// The operator's own failure by value.
    ///
    /// # Errors
    /// The error itself, if a policy says something in its place.
    pub fn into_operator(self) -> Result<E, Self> {
        match self.kind {
            Kind::Operator(failure) => Ok(failure),
            Kind::Refusal(refusal) => match *refusal {
                Refusal::Exhausted { last, .. } if last.operator().is_some() => last.into_operator(),
                refusal => Err(Self { kind: Kind::Refusal(Box::new(refusal)), ..self }),
            },
        }
    }

    /// Which attempt failed, counted from one.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether a timeout, or the run's deadline, came first.
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.last().refusal(),
            Some(
                Refusal::TimedOut { .. }
                    | Refusal::Stopped(Stopped::DeadlineExceeded)
                    | Refusal::Isolated(IsolationError::TimeLimit(_))
            )
        )
    }

    /// Whether another attempt may fare better: this one took too long, or lost its process by something else than what it
    /// did.
    pub(crate) fn may_fare_better(&self) -> bool {
        match self.refusal() {
            Some(Refusal::TimedOut { span: Span::Attempt, .. }) => true,
            Some(Refusal::Isolated(why)) => why.is_passing(),
            _ => false,
        }
    }

    /// Says whether it comes from a policy inside of the operator.
    pub(crate) fn set_from_inside(&mut self, from_inside: bool) {
        self.from_inside = from_inside;
    }

    /// Whether it tells nothing of how the operator fares: the call was turned away, here or inside of the operator, or
    /// its run was stopped.
    pub(crate) fn tells_nothing(&self) -> bool {
        self.from_inside || self.is_stopped() || self.is_rejected() || self.is_invalid()
    }

    /// Whether the run was stopped while a policy waited.
    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self.refusal(), Some(Refusal::Stopped(_)))
    }

    /// Whether an open breaker turned the call away.
    pub fn is_open(&self) -> bool {
        matches!(self.last().refusal(), Some(Refusal::Open { .. }))
    }

    /// Whether a limit turned the call away.
    pub fn is_full(&self) -> bool {
        matches!(self.last().refusal(), Some(Refusal::Full { .. }))
    }

    /// Whether the call was not made: a breaker or a limit turned it away.
    pub fn is_rejected(&self) -> bool {
        self.is_open() || self.is_full()
    }

    /// Whether the run was cancelled while a policy waited.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.last().refusal(), Some(Refusal::Stopped(Stopped::Cancelled)))
    }

    /// Whether an argument or the output was not valid.
    pub fn is_invalid(&self) -> bool {
        matches!(self.last().refusal(), Some(Refusal::Invalid(_)))
    }

    /// Whether a resource that the operator names could not be loaded. Why is the [`source`](StdError::source).
    pub fn is_unavailable(&self) -> bool {
        self.load_error().is_some()
    }

    /// Why a resource that the operator names is not there.
    pub fn load_error(&self) -> Option<&LoadError> {
        match self.last().refusal() {
            Some(Refusal::Unavailable(why)) => Some(why),
            _ => None,
        }
    }

    /// Whether the operator panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.last().refusal(), Some(Refusal::Panicked(_)))
    }

    /// What became of the process in which the operator ran, if it gave no result.
    pub fn isolation(&self) -> Option<&IsolationError> {
        match self.last().refusal() {
            Some(Refusal::Isolated(why)) => Some(why),
            _ => None,
        }
    }

    /// Why no further attempt was made, if there were several, or if one was wanted.
    pub fn exhausted_by(&self) -> Option<Exhausted> {
        match self.refusal() {
            Some(Refusal::Exhausted { why, .. }) => Some(*why),
            _ => None,
        }
    }

    /// The attempts before the last one, as far as they were kept.
    pub fn earlier(&self) -> &[Self] {
        match self.refusal() {
            Some(Refusal::Exhausted { earlier, .. }) => earlier,
            _ => &[],
        }
    }

    /// How many attempts were made besides the last one and those that were kept.
    pub fn omitted(&self) -> usize {
        match self.refusal() {
            Some(Refusal::Exhausted { omitted, .. }) => *omitted,
            _ => 0,
        }
    }

    /// When it makes sense to come back, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.last().refusal() {
            Some(Refusal::Open { retry_after } | Refusal::Full { retry_after, .. }) => *retry_after,
            Some(Refusal::Unavailable(why)) => why.retry_after(),
            _ => None,
        }
    }
}
