//! What is behind a policy's error, for the graph that the node belongs to.

use super::{Kind, PolicyError, Refusal};
use crate::Stopped;
use crate::error::{Error, Payload, Refused, Site};

/// What a policy says in the operator's place.
pub(crate) enum Cause {
    Refused(Refused),
    /// The run was stopped while a policy waited.
    Stopped(Stopped),
    Panicked(Payload),
}

impl<E> PolicyError<E> {
    /// The operator's own failure, or what a policy says in its place, with the number of the attempt.
    ///
    /// Of several attempts it is that of the last one. If a fallback failed too, it is what made the fallback
    /// necessary: without the fallback it would be the same.
    pub(crate) fn into_cause(self) -> (Result<E, Cause>, u32) {
        let mut error = self;
        loop {
            let attempt = error.attempt;
            let refusal = match error.kind {
                Kind::Operator(failure) => return (Ok(failure), attempt),
                Kind::Refusal(refusal) => *refusal,
            };
            let cause = match refusal {
                Refusal::Exhausted { last, .. } => {
                    error = last.at_attempt(attempt);
                    continue;
                }
                Refusal::FellThrough { first, .. } => {
                    error = first;
                    continue;
                }
                Refusal::TimedOut { span, after, .. } => Cause::Refused(Refused::TimedOut(span, after)),
                Refusal::Open { retry_after } => Cause::Refused(Refused::Open(retry_after)),
                Refusal::Full { limit, retry_after } => Cause::Refused(Refused::Full(limit, retry_after)),
                Refusal::Invalid(report) => Cause::Refused(Refused::Invalid(report)),
                Refusal::Isolated(why) => Cause::Refused(Refused::Isolated(why)),
                Refusal::Stopped(why) => Cause::Stopped(why),
                Refusal::Panicked(payload) => Cause::Panicked(payload),
            };
            return (Err(cause), attempt);
        }
    }
}

impl Cause {
    /// The error of the graph, at the node.
    pub(crate) fn into_error(self, site: Site, attempt: u32) -> Error {
        match self {
            Self::Refused(refused) => Error::of_policy(site, refused, attempt),
            Self::Stopped(why) => Error::__left(site, why).__with_attempt(attempt),
            Self::Panicked(mut payload) => Error::__panicked(site, payload.take()).__with_attempt(attempt),
        }
    }
}
