//! What is behind a policy's error, for the graph that the node belongs to.

use super::{Kind, PolicyError, Refusal};
use crate::Stopped;
use crate::error::{BoxedError, Error, Payload, Refused, Site};

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
    /// necessary: without the fallback it would be the same. What the operator had failed with when time was up is kept as
    /// `keep` makes it.
    pub(crate) fn into_cause(self, keep: impl FnOnce(E) -> Option<BoxedError>) -> (Result<E, Cause>, u32) {
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
                Refusal::TimedOut { span, after, failure } => {
                    let behind = failure.and_then(Self::into_last_own).and_then(keep);
                    Cause::Refused(Refused::TimedOut(span, after, behind))
                }
                Refusal::Open { retry_after } => Cause::Refused(Refused::Open(retry_after)),
                Refusal::Full { limit, retry_after, why } => {
                    Cause::Refused(Refused::Full(limit, retry_after, why))
                }
                Refusal::Invalid(report) => Cause::Refused(Refused::Invalid(report)),
                Refusal::Isolated(why) => Cause::Refused(Refused::Isolated(why)),
                Refusal::Unavailable(why) => Cause::Refused(Refused::Unavailable(why)),
                Refusal::Stopped(why) => Cause::Stopped(why),
                Refusal::Panicked(payload) => Cause::Panicked(payload),
            };
            return (Err(cause), attempt);
        }
    }

    /// The last of the operator's own failures, whatever policies said behind it.
    fn into_last_own(self) -> Option<E> {
        let refusal = match self.kind {
            Kind::Operator(failure) => return Some(failure),
            Kind::Refusal(refusal) => *refusal,
        };
        match refusal {
            Refusal::TimedOut { failure, .. } => failure?.into_last_own(),
            Refusal::Exhausted { last, earlier, .. } => {
                let mut attempts = earlier.into_iter().chain([last]).rev();
                attempts.find_map(Self::into_last_own)
            }
            Refusal::FellThrough { first, .. } => first.into_last_own(),
            Refusal::Open { .. }
            | Refusal::Full { .. }
            | Refusal::Stopped(_)
            | Refusal::Invalid(_)
            | Refusal::Isolated(_)
            | Refusal::Unavailable(_)
            | Refusal::Panicked(_) => None,
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
