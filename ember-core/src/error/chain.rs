//! The causes of an error.

use std::error::Error as StdError;
use std::sync::Arc;

use super::Error;
use crate::Stopped;

/// No honest chain is longer, and one that comes back to itself must not hang the report of a failure.
const MAX_CAUSES: usize = 128;

/// What lies below an error, nearest first.
pub(super) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source()).take(MAX_CAUSES)
}

/// Looks through the pointers whose `source` passes over what they point to.
pub(super) fn downcast<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    error
        .downcast_ref::<E>()
        .or_else(|| error.downcast_ref::<Box<E>>().map(|error| &**error))
        .or_else(|| error.downcast_ref::<Arc<E>>().map(|error| &**error))
}

/// Whether an operator's error says that its run was stopped.
pub(super) fn stopped(error: &(dyn StdError + 'static)) -> Option<Stopped> {
    std::iter::once(error).chain(causes(error)).find_map(|cause| {
        downcast::<Stopped>(cause).copied().or_else(|| downcast::<Error>(cause).and_then(Error::stopped))
    })
}
