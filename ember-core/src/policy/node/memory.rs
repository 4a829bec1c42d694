//! The room of the run's budget that a call holds.

use std::future::Future;

use super::Maybe;
use crate::policy::{Admission, MemoryBudget, PolicyError};
use crate::{Context, Weigh};

/// How much room a call needs, and of which budget.
#[derive(Clone, Debug)]
pub struct Room {
    budget: MemoryBudget,
    weight: usize,
}

impl Room {
    /// Of the budget of the current context, if it has one and the line does not go without. Only then is anything weighed.
    #[inline]
    pub fn of(said: Option<()>, weigh: impl FnOnce() -> usize) -> Option<Self> {
        said?;
        let budget = Context::__with(|context| context.memory().cloned())?;
        Some(Self { budget, weight: weigh() })
    }

    fn admit<E>(&self) -> Result<Admission, PolicyError<E>> {
        self.budget.admit(self.weight).map_err(PolicyError::no_room)
    }
}

/// What an argument weighs.
pub fn weight<T: Weigh + ?Sized>(argument: &T) -> usize {
    argument.weight()
}

/// A call that holds its room until it has ended.
///
/// # Errors
///
/// What the call failed with, or that there is no room.
#[inline]
pub fn with_memory<T, E>(
    room: Option<Room>,
    next: impl FnOnce() -> Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    match room {
        Some(room) => room.admit()?.during(next),
        None => next(),
    }
}

/// The same for a call that takes its room along to where it is left behind.
///
/// # Errors
///
/// As there.
#[inline]
pub fn with_memory_along<T, E>(
    room: Option<Room>,
    next: impl FnOnce(Option<Admission>) -> Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    let Some(room) = room else { return next(None) };
    let admission = room.admit()?;
    let _inside = admission.enter();
    next(Some(admission))
}

/// The same for a call that waits. Its room is on the heap, so that other calls carry nothing of it.
#[inline]
pub fn with_memory_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
    room: Option<Room>,
    call: F,
) -> Maybe<impl Future<Output = Result<T, PolicyError<E>>>, F> {
    match room {
        Some(Room { budget, weight }) => Maybe::Layer {
            call: Box::pin(async move {
                budget.call_async(weight, call).await.unwrap_or_else(|why| Err(PolicyError::no_room(why)))
            }),
        },
        None => Maybe::Free { call },
    }
}
