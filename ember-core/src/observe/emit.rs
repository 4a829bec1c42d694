//! What policies tell.

use super::frame::{is_wanted_at_hand, with_top};
use super::{Event, What, observers};
use crate::context::Context;

/// Whether anybody may listen to a policy: a load, where nobody ever has.
#[inline(always)]
pub(crate) fn is_heard() -> bool {
    observers::any()
}

/// Tells what a policy does at the node at hand, or outside of graphs.
#[inline(always)]
pub(crate) fn emit(what: impl FnOnce() -> What<'static>) {
    if is_heard() {
        tell(what());
    }
}

/// Whether an observer wants the values that operators let be logged.
#[inline(always)]
pub(super) fn wants_values() -> bool {
    is_heard() && wants_values_cold()
}

#[cold]
#[inline(never)]
fn wants_values_cold() -> bool {
    is_wanted_at_hand().unwrap_or_else(|| {
        Context::__with(|context| context.observers().is_some_and(|observers| observers.want_values()))
    })
}

#[cold]
#[inline(never)]
pub(super) fn tell(what: What<'_>) {
    let at_hand = with_top(|top| {
        let node = top.open.as_mut().map(|open| {
            let attempt = open.attempt;
            if matches!(what, What::Backoff { .. }) {
                // The one that follows.
                open.attempt += 1;
            }
            (open.site.clone(), attempt, open.scopes.clone())
        });
        (top.run.clone(), node)
    });
    match at_hand {
        Some((run, Some((site, attempt, scopes)))) => run.tell_node(run.now(), &site, attempt, what, &scopes),
        Some((run, None)) => run.tell(run.now(), what),
        None => Context::__with(|context| {
            let Some(observers) = context.observers() else { return };
            let (correlation_id, at) = (context.correlation_id(), context.now());
            observers.tell(Event::new(None, correlation_id, at, what));
        }),
    }
}
