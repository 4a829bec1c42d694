//! Which failures are worth another attempt.

use std::marker::PhantomData;
use std::time::Duration;

use crate::Error;

/// What a retry does about a failure of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Tries again.
    Retry,
    /// Tries again, and not before that time has passed: it was told to come back then.
    RetryAfter(Duration),
    /// Gives up: another attempt would fail as well, or do harm.
    Stop,
}

impl From<bool> for Class {
    /// `true` tries again.
    fn from(again: bool) -> Self {
        if again { Self::Retry } else { Self::Stop }
    }
}

/// A failure that knows whether another attempt makes sense. Of types without it, every failure is tried again.
///
/// ```
/// use ember_core::policy::{Class, Retryable};
/// use std::time::Duration;
///
/// enum Answer {
///     Busy(Duration),
///     NoSuchModel,
/// }
///
/// impl Retryable for Answer {
///     fn is_retryable(&self) -> bool {
///         matches!(self, Answer::Busy(_))
///     }
///
///     fn retry_after(&self) -> Option<Duration> {
///         match self {
///             Answer::Busy(time) => Some(*time),
///             Answer::NoSuchModel => None,
///         }
///     }
/// }
///
/// let busy = Answer::Busy(Duration::from_secs(2));
/// assert_eq!(Class::of(&busy), Class::RetryAfter(Duration::from_secs(2)));
/// assert_eq!(Class::of(&Answer::NoSuchModel), Class::Stop);
/// ```
pub trait Retryable {
    /// Whether another attempt makes sense.
    fn is_retryable(&self) -> bool {
        true
    }

    /// How long to wait at least, if the failure tells. It counts only where another attempt makes sense.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// A graph that panicked or was cancelled is not run again; nor is one of which a policy turned a node away, since that
/// would not be tried again by itself either.
impl Retryable for Error {
    fn is_retryable(&self) -> bool {
        !self.is_panic() && !self.tells_nothing()
    }
}

impl Class {
    /// What a failure says of itself.
    pub fn of(failure: &impl Retryable) -> Self {
        match failure.retry_after() {
            _ if !failure.is_retryable() => Self::Stop,
            Some(time) => Self::RetryAfter(time),
            None => Self::Retry,
        }
    }
}

/// Chooses the class of failures of a type, for generated code: what they say of themselves, if they do.
///
/// The two traits below offer the ways; method lookup takes the first that the types allow, because it is implemented
/// for one reference more. So the call stands behind two.
///
/// ```
/// use ember_core::policy::{Class, Pick, PickAny as _, PickRetryable as _};
///
/// let failure = "any type will do";
/// assert_eq!((&&Pick::of(&failure)).class(&failure), Class::Retry);
/// ```
#[derive(Debug)]
pub struct Pick<E>(PhantomData<fn(&E)>);

impl<E> Pick<E> {
    /// For the type of this failure.
    #[inline(always)]
    pub const fn of(_: &E) -> Self {
        Self(PhantomData)
    }
}

/// Failures that know.
pub trait PickRetryable<E> {
    /// The class of a failure.
    fn class(&self, failure: &E) -> Class;
}

impl<E: Retryable> PickRetryable<E> for &Pick<E> {
    fn class(&self, failure: &E) -> Class {
        Class::of(failure)
    }
}

/// Other failures.
pub trait PickAny<E> {
    /// The class of a failure.
    fn class(&self, failure: &E) -> Class;
}

impl<E> PickAny<E> for Pick<E> {
    fn class(&self, _: &E) -> Class {
        Class::Retry
    }
}
